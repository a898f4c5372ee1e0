"""Proof that judging the pieces of a zone one by one came to what judging the sorted zone would.

A piece sees its neighbours' edges in its margins. If all that lies farther away before it sorts before it, and all that
lies farther away after it sorts after it, then no owner stands in two pieces unseen, and of the delegations (or DNAMEs)
farther away only the one at or above the last owner before can hide owners of the piece (RFC 4034, 6.1: what sorts
between a name and one below it is below it too).
"""

from attestations.zone.reading.flat import Unflat
from attestations.zone.validation.hiding import Hider, Place
from attestations.zone.validation.piece import Judgement, Span
from attestations.zone.validation.places import is_below


class Ordering:
    """Takes the judgements in the order of the file."""

    def __init__(self) -> None:
        self._far: Place | None = None
        """the last owner of all that the next piece does not see"""
        self._hiding: Hider | None = None
        """what hides at it"""
        self._before: Span | None = None
        self._is_wider = False
        """whether the last piece saw farther than the next one does"""

    def hiding(self, judgement: Judgement) -> Hider | None:
        """Return the owner that hides names of this piece, which it did not see; None if there is none.

        Raises Unflat where the owners are too far out of order to tell.
        """
        span = judgement.span
        if span is None:
            return None
        far, hiding = self._unseen()
        if far is not None and far >= span.first:
            raise Unflat(judgement.offset, "owners far out of canonical order")
        if self._before is not None and span.first_inside is not None and span.first_inside <= self._before.last:
            raise Unflat(judgement.offset, "owners far out of canonical order")
        if hiding is None or not is_below(span.first, hiding.place) or hiding.place in span.seen_above:
            return None
        return hiding

    def replace(self, judgement: Judgement) -> None:
        """Take another judgement of the piece that was added last: it sees more, and so does the next."""
        self._before, self._is_wider = judgement.span, False

    def add(self, judgement: Judgement, *, is_wider: bool) -> None:
        """Go on to the next piece; `is_wider`: this one was judged with a wider margin than the next one has."""
        span, before = judgement.span, self._before
        if before is not None and (self._far is None or before.last > self._far):
            self._far, self._hiding = before.last, before.hiding
        self._before, self._is_wider = span, is_wider

    def _unseen(self) -> tuple[Place | None, Hider | None]:
        """Return the last owner that the next piece does not see, and what hides at it."""
        before = self._before
        if before is None:
            return self._far, self._hiding
        last, hiding = before.last_inside, before.hiding_inside
        if self._is_wider:
            last, hiding = before.last, before.hiding
        if last is None or (self._far is not None and self._far > last):
            return self._far, self._hiding
        return last, hiding
