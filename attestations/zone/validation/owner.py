"""One owner of the zone: what must be signed there is, and what the denial chains must say about it is noted."""

from collections.abc import Iterable, Mapping, Sequence
from socket import AF_INET, AF_INET6, inet_pton

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.flat import Unflat, fields_of
from attestations.zone.reading.names import MAX_LABEL, label_count, order, text_name
from attestations.zone.reading.rdata import bitmap_wire, rdata_wire, read_rrsig
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import TYPES, type_in_zone, type_number
from attestations.zone.validation.chain_entries import ChainWriter
from attestations.zone.validation.clashes import SINGLE, alone_finding, dname_finding, misplaced_findings
from attestations.zone.validation.completeness import completeness_findings
from attestations.zone.validation.denial.bitmap import nsec_types
from attestations.zone.validation.denial.nsec import record_findings, split_nsec, stray_finding
from attestations.zone.validation.denial.parameters import hash_in
from attestations.zone.validation.good import Fields, Good
from attestations.zone.validation.groups import RRset
from attestations.zone.validation.hiding import AS_CUT, AS_DNAME, NOTHING, Hides, Place
from attestations.zone.validation.lifetimes import own_ttl_findings
from attestations.zone.validation.nonces import entries_of
from attestations.zone.validation.signatures import JudgedRRset, effort_of, judge, signature_findings
from attestations.zone.validation.tally import Tally
from attestations.zone.validation.terms import Terms

_NS, _DS, _DNAME, _NSEC, _NSEC3, _RRSIG = (
    TYPES[name] for name in (b"NS", b"DS", b"DNAME", b"NSEC", b"NSEC3", b"RRSIG")
)
_AT_CUT = frozenset({_DS, _NSEC, _NSEC3})
"""what is signed at a delegation beside nothing else (RFC 4035, 2.2 and 2.3)"""
_DENIAL = frozenset({_NSEC, _NSEC3})
_FAMILIES = {b"A": AF_INET, b"AAAA": AF_INET6}
_APEX_OR_WILDCARD = ((), (b"*",))
"""last labels of places at which more is asked than which types are there"""
_REMEMBERED = 100_000
_LENGTHS = tuple(bytes([length]) for length in range(MAX_LABEL + 1))


class OwnerJudge:
    """Judges owners by the terms of the pass; sums are drained into a tally piece by piece."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._depth = label_count(terms.apex)
        self._bitmaps: dict[tuple[frozenset[int], bool], bytes] = {}
        self._notes_insecure = terms.has_nsec or (terms.hashes_insecure and bool(terms.chains))
        self._targets: set[bytes] = set()
        self._types = dict(TYPES)
        self.good = Good(terms)
        self.chains = ChainWriter(terms)
        self.tally = Tally()
        self.found: list[ZoneFinding] = []
        """findings of the piece"""

    def judge(self, place: Place, group: list[Fields], *, is_hidden: bool) -> Hides:
        """Judge an owner by its lines; return how it hides what is below it. Raises ValueError, OSError.

        `is_hidden`: it lies below a delegation or a DNAME itself.
        """
        if is_hidden and self._is_glue(group):
            return NOTHING
        return self._judge_any(place, group, is_hidden=is_hidden)

    def is_insecure(self, group: list[Fields]) -> bool:
        """Return whether an owner has NS records alone. Raises ValueError for one that cannot be read."""
        targets = self._targets
        for fields in group:
            if fields[3] != b"NS":
                return False
            if fields[4] not in targets:
                self._read_target(fields)
        return True

    def add_insecure(self, place: Place) -> None:
        """Note a delegation with NS records alone."""
        if self._notes_insecure:
            wire = self._wire(place)
            self.chains.add_insecure(wire, is_deep=len(place) > 1)
            if self._terms.has_nsec:
                self._check_nsec(wire, (), frozenset({_NS}), is_cut=True)

    def add_below(self, place: Place, dname: Place) -> None:
        """Note an owner that lies below another one with a DNAME."""
        if self._terms.blame is None:
            message = f"records below the DNAME at {text_name(self._wire(dname))}"
            self.found.append(dname_finding(self._wire(place), message))

    def judge_alone(self, place: Place, group: list[Fields]) -> None:
        """Judge an owner that has nothing but NSEC3 records and their signatures. Raises ValueError, Unflat."""
        if len(group) == 2 and len(place) == 1 and group[0][3] == b"NSEC3" and group[1][3] == b"RRSIG":
            (given, ttl, _, _, text), (_, own_ttl, _, _, rrsig) = group
            rdata = self.chains.read_nsec3(given[: len(place[0])], text) if ttl == own_ttl else None
            if rdata is not None:
                wire = b"\x20" + place[0] + self._terms.apex
                if not self.good.is_good(wire, self._depth + 1, group[:1], [rdata], [rrsig]):
                    self._explain(_rrset(wire, _NSEC3, group[:1], [rdata], [rrsig]), must_be_signed=True)
                return
        if not self._terms.is_sorted and len({fields[3] for fields in group}) == 1:
            raise Unflat(0, "NSEC3 records apart from their signatures")
        self._judge_any(place, group, is_hidden=any(fields[3] == b"NSEC3" for fields in group))

    def read_outside(self, group: list[Fields]) -> None:
        """Read the records of an owner outside the zone; raise ValueError."""
        for rtype, records in self._sets(group)[0].items():
            for fields in records:
                rdata_wire(rtype, fields_of(fields[4]))

    def _judge_any(self, place: Place, group: list[Fields], *, is_hidden: bool) -> Hides:
        sets, signed = self._sets(group)
        if self._terms.blame is None and _has_other_ttls(sets, signed):
            self.found += own_ttl_findings(self._wire(place), _ttls(sets), _ttls(signed))
        rrsigs = {covered: [fields[4] for fields in lines] for covered, lines in signed.items()}
        is_cut = bool(place) and _NS in sets
        wire = self._wire(place)
        labels = self._depth + len(place) - (place[-1:] == (b"*",))
        rdatas: dict[int, list[bytes]] = {}
        for rtype, records in sets.items():
            signatures = rrsigs.pop(rtype, None)
            if rtype == _NSEC3 or not (is_hidden or (is_cut and rtype not in _AT_CUT)):
                rdatas[rtype] = [rdata_wire(rtype, fields_of(fields[4])) for fields in records]
                if not signatures or not self.good.is_good(wire, labels, records, rdatas[rtype], signatures):
                    rrset = _rrset(wire, rtype, records, rdatas[rtype], signatures or ())
                    self._explain(rrset, must_be_signed=True)
            elif signatures or rtype == _NSEC:
                rdatas[rtype] = [rdata_wire(rtype, fields_of(fields[4])) for fields in records]
                self._explain(_rrset(wire, rtype, records, rdatas[rtype], signatures or ()), must_be_signed=False)
            else:
                self._read(rtype, records)
        for rtype, signatures in rrsigs.items():
            self._explain(_rrset(wire, rtype, (), [], signatures), must_be_signed=False)
        if self._terms.blame is None and (place[-1:] in _APEX_OR_WILDCARD or not SINGLE.isdisjoint(sets)):
            every = rdatas | {rtype: _rdatas(rtype, sets[rtype]) for rtype in sets.keys() - rdatas.keys()}
            self.found += misplaced_findings(wire, every, self._terms.apex, is_hidden=is_hidden)
        if not (sets or is_hidden or self._terms.blame):
            self.found.append(alone_finding(wire))
        self._deny(place, wire, frozenset(sets), rdatas, is_cut=is_cut, is_hidden=is_hidden)
        if is_hidden:
            return NOTHING
        return AS_CUT if is_cut else AS_DNAME if _DNAME in sets else NOTHING

    def _read(self, rtype: int, records: list[Fields]) -> None:
        """Read records that are not signed; raise ValueError, OSError."""
        if not (self.is_insecure(records) if rtype == _NS else self._is_glue(records)):
            for fields in records:
                rdata_wire(rtype, fields_of(fields[4]))

    def _deny(
        self,
        place: Place,
        wire: bytes,
        types: frozenset[int],
        rdatas: dict[int, list[bytes]],
        *,
        is_cut: bool,
        is_hidden: bool,
    ) -> None:
        """Note what the denial chains must say about a name, and what they say at it."""
        for rdata in set(rdatas.get(_NSEC3, ())):
            self._link(place, wire, rdata)
        is_name = not is_hidden and not types <= _DENIAL
        if is_name and is_cut and _DS not in types:
            self.chains.add_insecure(wire, is_deep=len(place) > 1)
        elif is_name:
            self.chains.add_name(wire, types, is_cut=is_cut, is_deep=len(place) > 1)
        records = tuple(sorted(set(rdatas.get(_NSEC, ()))))
        if is_name:
            self._check_nsec(wire, records, types, is_cut=is_cut)
        elif records:
            self.chains.see_nsec()
            self.found.append(stray_finding(wire))

    def _check_nsec(self, wire: bytes, records: Sequence[bytes], types: frozenset[int], *, is_cut: bool) -> None:
        if records:
            self.chains.see_nsec()
        if not self._terms.has_nsec:
            return
        following, bitmap = b"", b""
        for rdata in records:
            following, bitmap = split_nsec(rdata)
            self.chains.add_next(following)
        apex = self._terms.apex
        is_fine = len(records) == 1 and bitmap == self._nsec_bitmap(types, is_cut)
        if not (is_fine and (following == apex or order(following) > order(wire))):
            self.found += record_findings(wire, tuple(records), types, is_cut=is_cut, apex=apex)

    def _nsec_bitmap(self, types: frozenset[int], is_cut: bool) -> bytes:  # noqa: FBT001
        bitmap = self._bitmaps.get((types, is_cut))
        if bitmap is None:
            if len(self._bitmaps) > _REMEMBERED:
                self._bitmaps.clear()
            bitmap = self._bitmaps[types, is_cut] = bitmap_wire(nsec_types(types, is_cut=is_cut))
        return bitmap

    def _link(self, place: Place, wire: bytes, rdata: bytes) -> None:
        hashed = hash_in(place[0]) if len(place) == 1 else None
        if hashed is None:
            message = "the owner is not a hash below the apex"
            self.found.append(finding("DENIAL_CHAIN", "error", text_name(wire), "NSEC3", message))
        else:
            self.chains.add_link(hashed, rdata)

    def _explain(self, rrset: RRset, *, must_be_signed: bool) -> None:
        """Judge an RRset that is not plainly good."""
        terms, blame = self._terms, self._terms.blame
        if blame is not None:
            signatures = blame.judge(rrset, terms.keys, terms.now, must_be_signed=must_be_signed)
        else:
            signatures = judge(rrset, keys=terms.keys, apex=terms.apex, now=terms.now)
            self.tally.effort.update(effort_of(signatures, terms.keys))
            self.good.nonces += entries_of(signatures, terms.keys)
        judged = JudgedRRset(rrset=rrset, must_be_signed=must_be_signed, signatures=signatures)
        self.tally.add_judged(judged)
        if blame is None or blame.explains(rrset):
            self.found += signature_findings(judged, terms.keys.algorithms)
            self.found += completeness_findings(judged, terms.keys.algorithms)

    def _sets(self, group: list[Fields]) -> tuple[dict[int, list[Fields]], dict[int, list[Fields]]]:
        """Return the records of an owner by type, and its signatures by the type they cover."""
        sets: dict[int, list[Fields]] = {}
        signed: dict[int, list[Fields]] = {}
        for fields in group:
            rtype = self._types.get(fields[3]) or type_in_zone(fields[3])
            if rtype == _RRSIG:
                signed.setdefault(self._covered(fields[4]), []).append(fields)
            else:
                sets.setdefault(rtype, []).append(fields)
        return sets, signed

    def _covered(self, text: bytes) -> int:
        covered = text.split(None, 1)[0]
        if covered == rb"\#":
            return read_rrsig(text.split()).covered
        return self._types.get(covered) or type_number(covered)

    def _is_glue(self, group: list[Fields]) -> bool:
        """Return whether there are only addresses, in their usual form. Raises ValueError."""
        for fields in group:
            family = _FAMILIES.get(fields[3])
            if family is None:
                return False
            try:
                inet_pton(family, fields[4].decode("ascii").strip())
            except OSError:  # malformed, or in another form: who reads it knows
                return False
        return True

    def _read_target(self, fields: Fields) -> None:
        """Check the target of an NS record; most are shared by many delegations."""
        rdata_wire(_NS, fields_of(fields[4]))
        if len(self._targets) > _REMEMBERED:
            self._targets.clear()
        self._targets.add(fields[4])

    def _wire(self, place: Place) -> bytes:
        if len(place) == 1:
            return _LENGTHS[len(place[0])] + place[0] + self._terms.apex
        return b"".join([_LENGTHS[len(label)] + label for label in place[::-1]]) + self._terms.apex


def _has_other_ttls(sets: Mapping[int, list[Fields]], signed: Mapping[int, list[Fields]]) -> bool:
    """Return whether a signature may have another TTL than the records: they are written in another way."""
    for rtype, lines in signed.items():
        if rtype in sets:
            ttl = sets[rtype][0][1]
            for fields in lines:
                if fields[1] != ttl:
                    return True
    return False


def _rdatas(rtype: int, records: Iterable[Fields]) -> list[bytes]:
    return [rdata_wire(rtype, fields_of(fields[4])) for fields in records]


def _ttls(lines_of: Mapping[int, list[Fields]]) -> dict[int, set[int]]:
    return {rtype: {ttl_number(fields[1]) for fields in lines} for rtype, lines in lines_of.items()}


def _rrset(wire: bytes, rtype: int, records: Iterable[Fields], rdatas: list[bytes], rrsigs: Iterable[bytes]) -> RRset:
    return RRset(
        owner=wire,
        rtype=rtype,
        ttls=tuple(sorted({ttl_number(fields[1]) for fields in records})),
        rdatas=tuple(sorted(set(rdatas))),
        signatures=tuple(dict.fromkeys(read_rrsig(text.split()) for text in rrsigs)),
    )
