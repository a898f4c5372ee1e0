"""One piece of the flat file: every owner in it, judged in canonical order.

Signers with several threads write owners slightly out of order, so the owners of a piece are sorted, and what stands
near it, its margins, is looked at for delegations that hide some of its names. ordering.py proves that this is enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter

from attestations.zone.reading.flat import Unflat
from attestations.zone.reading.names import MAX_NAME
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.validation.bare_cuts import BareCuts
from attestations.zone.validation.denial.entries import Buckets, DenialEntries
from attestations.zone.validation.effort import HASHING
from attestations.zone.validation.good import Fields
from attestations.zone.validation.hiding import AS_CUT, AS_DNAME, Hider, Hides, Place
from attestations.zone.validation.lines import first_fault, records_in
from attestations.zone.validation.owner import OwnerJudge
from attestations.zone.validation.places import Places, is_below
from attestations.zone.validation.tally import OUTSIDE_SHOWN, Tally
from attestations.zone.validation.terms import Terms

_REMEMBERED = 100_000
_ALONE = frozenset({b"NSEC3", b"RRSIG"})
_COVERS_NSEC3 = frozenset({b"NSEC3 ", b"NSEC3\t"})

_Owner = tuple[Place, list[Fields] | None, int, int]
"""place, lines, how many stand before them and with them; of an owner in a margin: place, None, how it hides, 0"""
_INSECURE: list[Fields] = []
"""stands for the lines of a delegation that has NS records alone"""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where the owners of a piece lie in canonical order; those of NSEC3 records alone do not count."""

    first: Place
    last: Place
    first_inside: Place | None
    """the first one that the piece before does not see whole in its margin"""
    last_inside: Place | None
    """the last one that the piece after does not see whole in its margin"""
    hiding: Hider | None
    """the delegation or DNAME owner that is `last`, or is above it"""
    hiding_inside: Hider | None
    """the same of `last_inside`"""
    seen_above: tuple[Place, ...]
    """those that the piece knew above `first` without having them"""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was found in one piece."""

    offset: int
    size: int
    tally: Tally
    entries: DenialEntries
    nonces: Buckets = field(repr=False)
    """an entry for each ECDSA signature that a key verifies (see nonces.py)"""
    span: Span | None
    """None if it has no owners but those of NSEC3 records"""


class PieceJudge:
    """Judges piece after piece in one process; remembers what recurs."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._owners = OwnerJudge(terms)
        self._places = Places(terms.apex)
        self._apex, self._max_label = self._places.apex, self._places.max_label
        self._ttls: dict[bytes, int] = {}
        self._dnames: set[Place] = set()
        self._cuts = BareCuts()
        self._sets_cuts_aside = not terms.notes_insecure
        self._tally = Tally()
        self._count = 0

    def judge(
        self,
        data: bytes,
        offset: int,
        margins: tuple[bytes, bytes],
        hiding: Hider | None = None,
        *,
        margin: int = 0,
    ) -> Judgement:
        """Return what is found in a piece of the file, which begins and ends with whole owners.

        `margins` are what stands before and after it, `hiding` is a delegation or DNAME owner that its first owners lie
        below. `margin` is how many bytes of this piece its neighbours see. Raises BadLineError, and Unflat also for an
        owner that stands in two places. Raises TooMuchWorkError for names that cost more to hash than the zone may.
        """
        self._tally = self._owners.tally = Tally()
        self._owners.found = []
        self._count = 0
        self._cuts.clear()
        try:
            owners = self._walk(records_in(data, offset))
            span = self._settle(owners, self._places.seen(margins), hiding, _seen_records(data, self._count, margin))
        except Unflat as reason:
            raise Unflat(reason.offset or offset, reason.why) from None
        except (ValueError, IndexError, OSError) as error:
            raise first_fault(data, offset) or error from None
        return self._judgement(offset, len(data), span)

    def _judgement(self, offset: int, size: int, span: Span | None) -> Judgement:
        nonces = _spread(self._owners.good.nonces, self._terms.bits)
        self._owners.good.drain(self._tally)
        self._tally.records = self._count
        self._tally.add_findings(self._owners.found)
        self._tally.max_ttl = max(self._ttls.values(), default=0)
        if len(self._ttls) > _REMEMBERED:
            self._ttls.clear()
        self._tally.effort[HASHING] += self._owners.chains.effort
        entries = self._owners.chains.drain()
        self._tally.opt_out = self._owners.chains.opt_out
        return Judgement(offset=offset, size=size, tally=self._tally, entries=entries, nonces=nonces, span=span)

    def _walk(self, lines: list[bytes]) -> list[_Owner]:
        """Return the owners with their lines; those of NSEC3 records are judged. A hot loop: every line passes here."""
        ttls, class_in, take = self._ttls, b"IN", self._take
        given = owner = b""
        group: list[Fields] = []
        owners: list[_Owner] = []
        for line in lines:
            fields = line.split(None, 4)
            if fields[1] not in ttls or fields[2] != class_in:
                self._note_ttl(fields)
            if fields[0] == given:
                group.append(fields)
                continue
            given = fields[0]
            lowered = given.lower()
            if lowered == owner:
                group.append(fields)
            else:
                if group:
                    take(owner, group, owners)
                owner, group = lowered, [fields]
        if group:
            take(owner, group, owners)
        return owners

    def _note_ttl(self, fields: Fields) -> None:
        if fields[2] != b"IN" or not fields[1].isdigit():
            raise ValueError("not in flat form")
        self._ttls[fields[1]] = ttl_number(fields[1])

    def _take(self, owner: bytes, group: list[Fields], owners: list[_Owner]) -> None:
        """Judge an owner, in lower case, that needs no turn; remember any other for its turn. Hot."""
        before = self._count
        self._count = count = before + len(group)
        kind = group[0][3]
        is_insecure = kind == b"NS" and self._owners.is_insecure(group)
        label, _, rest = owner.partition(b".")
        if rest == self._apex and b"\\" not in label and 0 < len(label) <= self._max_label:
            if is_insecure and self._sets_cuts_aside and label != b"*":
                if label in self._cuts:
                    raise _in_two_places((label,))
                self._cuts[label] = before, count
                return
            place: Place | None = (label,)
        else:
            place = self._places.of(owner)
        if is_insecure and place and place[-1] != b"*":
            owners.append((place, _INSECURE, before, count))
        elif place is None:
            self._owners.read_outside(group)
            if len(self._tally.outside) < OUTSIDE_SHOWN:
                self._tally.outside[owner.decode("ascii")] = None
        elif kind in _ALONE and _is_alone(group):
            self._owners.judge_alone(place, group)
        else:
            owners.append((place, group, before, count))

    def _settle(
        self, owners: list[_Owner], seen: dict[Place, Hides], hiding: Hider | None, edges: tuple[int, int]
    ) -> Span | None:
        """Judge the owners in canonical order; `seen` are those in the margins, and how they hide what is below.

        `edges`: how many records the piece before sees, and after how many the piece after begins to.
        """
        cuts = self._cuts
        if not owners and not cuts:
            return None
        head, tail = edges
        if hiding is not None:
            seen[hiding.place] = AS_DNAME if hiding.is_dname else AS_CUT
        markers: list[_Owner] = [(place, None, hides, 0) for place, hides in seen.items()]
        hiding_at = self._judge_all(sorted(owners + markers, key=itemgetter(0)))
        self._name_cuts_below_the_apex_dname()
        places = (*cuts.ending_after(0), *(place for place, *_ in owners))
        unseen_before = (*cuts.ending_after(head), *(place for place, _, _, end in owners if end > head))
        unseen_after = (*cuts.beginning_before(tail), *(place for place, _, before, _ in owners if before < tail))
        first, last, last_inside = min(places), max(places), max(unseen_after, default=None)
        return Span(
            first=first,
            last=last,
            first_inside=min(unseen_before, default=None),
            last_inside=last_inside,
            hiding=self._hider_at(last, hiding_at),
            hiding_inside=None if last_inside is None else self._hider_at(last_inside, hiding_at),
            seen_above=tuple(place for place, hides in seen.items() if hides and is_below(first, place)),
        )

    def _judge_all(self, in_order: Iterable[_Owner]) -> dict[Place, Place | None]:
        """Judge owners, the nearest ones above them first; return which of them hides at each: itself, or one above."""
        judge, add_insecure, cuts = self._owners.judge, self._owners.add_insecure, self._cuts
        hiding: Place | None = None
        depth = MAX_NAME
        hiding_at: dict[Place, Place | None] = {}
        self._dnames.clear()
        for place, group, hides_as, _ in in_order:
            if place in hiding_at or (len(place) == 1 and place[0] in cuts):
                raise _in_two_places(place)
            if place and place[0] in cuts and hiding != ():
                hiding, depth = place[:1], 1
            if len(place) > depth and place[:depth] == hiding:
                if hiding in self._dnames and group is not None:
                    self._owners.add_below(place, hiding)
                if group and group is not _INSECURE:
                    judge(place, group, is_hidden=True)
            else:
                if group is _INSECURE:
                    add_insecure(place)
                    hides: int = AS_CUT
                else:
                    hides = judge(place, group, is_hidden=False) if group else hides_as
                if hides == AS_DNAME:
                    self._dnames.add(place)
                hiding, depth = (place, len(place)) if hides else (None, MAX_NAME)
            hiding_at[place] = hiding
        return hiding_at

    def _name_cuts_below_the_apex_dname(self) -> None:
        for label in self._cuts if () in self._dnames else ():
            self._owners.add_below((label,), ())

    def _hider_at(self, place: Place, hiding_at: dict[Place, Place | None]) -> Hider | None:
        if () in self._dnames:
            return Hider((), is_dname=True)
        hiding = hiding_at.get(place, place)  # a delegation that was set aside hides what is below it
        return None if hiding is None else Hider(hiding, hiding in self._dnames)


def _is_alone(group: list[Fields]) -> bool:
    """Return whether an owner has nothing but NSEC3 records and their signatures."""
    for fields in group:
        if fields[3] == b"RRSIG":
            if fields[4][:6] not in _COVERS_NSEC3:
                return False
        elif fields[3] != b"NSEC3":
            return False
    return True


def _in_two_places(place: Place) -> Unflat:
    return Unflat(0, f"an owner in two places: {b'.'.join(place[::-1]).decode('ascii', 'backslashreplace')}")


def _seen_records(data: bytes, count: int, margin: int) -> tuple[int, int]:
    """Return how many records at the beginning the piece before sees, and after how many the piece after begins to."""
    head = data[: data.rfind(b"\n", 0, margin) + 1]
    begin = data.find(b"\n", max(len(data) - margin, 0))
    tail = data[begin + 1 :] if begin >= 0 else b""
    return len(records_in(head, 0)), count - len(records_in(tail, 0))


def _spread(nonces: Iterable[bytes], bits: int) -> dict[int, bytes]:
    """Return entries by the first bits of r, which is as good as random."""
    buckets: dict[int, list[bytes]] = {}
    shift = 8 - min(bits, 8)
    for entry in nonces:
        buckets.setdefault(entry[1] >> shift, []).append(entry)
    return {number: b"".join(entries) for number, entries in buckets.items()}
