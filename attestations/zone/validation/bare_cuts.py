"""Delegations just below the apex with NS records alone, where the terms want to know no more than where they are.

In a zone with opt-out they are nine owners of ten. Nothing but a DNAME at the apex can hide them, so they need not be
judged in canonical order; what lies below them looks here.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter

from attestations.zone.validation.hiding import Place

Records = tuple[int, int]
"""how many records of the piece stand before an owner, and with it"""


class BareCuts(dict[bytes, Records]):
    """Those of one piece by label, in the order of the file."""

    def ending_after(self, head: int) -> tuple[Place, ...]:
        """Return the first and the last one, in canonical order, of those that end after `head` records."""
        return _ends(list(self)[bisect_right(list(self.values()), head, key=itemgetter(1)) :])

    def beginning_before(self, tail: int) -> tuple[Place, ...]:
        """Return the first and the last one, in canonical order, of those that begin before `tail` records."""
        return _ends(list(self)[: bisect_left(list(self.values()), tail, key=itemgetter(0))])


def _ends(labels: Sequence[bytes]) -> tuple[Place, ...]:
    return ((min(labels),), (max(labels),)) if labels else ()
