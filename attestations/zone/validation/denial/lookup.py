"""Further passes over a zone that was read once: which name a hash stands for, and what was not hashed at first.

Each function looks at one piece and can travel to another process. The zone is known to be in flat form.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice

from attestations.zone.reading.flat import fields_of
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import bitmap_wire, rdata_wire
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.validation.carrying import Piece
from attestations.zone.validation.denial.authority import ancestors, is_within
from attestations.zone.validation.denial.entries import (
    ABOVE_INSECURE,
    INSECURE,
    Buckets,
    bitmap_digest,
    name_key,
    partition,
)
from attestations.zone.validation.denial.nsec import KEPT, split_nsec
from attestations.zone.validation.denial.parameters import Parameters
from attestations.zone.validation.effort import HASHING, OF_NAME, PER_OCTET, insist_on_bounded

_NS, _DS, _DNAME, _NSEC = (TYPES[name] for name in (b"NS", b"DS", b"DNAME", b"NSEC"))


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is known of the zone, and how names are hashed in this run."""

    apex: bytes
    """the zone's name in lower-case wire form"""
    chains: tuple[Parameters, ...]
    bits: int
    allowed: int
    """units of work for the whole zone (see effort.py)"""
    secret: bytes = field(repr=False)

    @property
    def effort_of_name(self) -> int:
        """Units of work for a name that is hashed for every chain."""
        return sum(OF_NAME + chain.iterations for chain in self.chains)


def names_by_hash(source: Source, wanted: AbstractSet[bytes], piece: Piece) -> dict[bytes, bytes]:
    """Return the names in a piece, or above one in it, that have one of these hashes in any chain.

    They are for messages: of more names than a zone may have hashed, the further ones are not looked at.
    """
    most = PER_OCTET * piece.size // max(source.effort_of_name, 1)
    return {
        hashed: name
        for name in islice(_names(piece, source.apex), most)
        for chain in source.chains
        if (hashed := chain.hash(name)) in wanted
    }


def names_by_key(source: Source, wanted: AbstractSet[bytes], piece: Piece) -> dict[bytes, bytes]:
    """Return the names in a piece that have one of these keys."""
    return {key: name for name in _names(piece, source.apex) if (key := name_key(name, source.secret)) in wanted}


def nsec_records_to(source: Source, wanted: AbstractSet[bytes], piece: Piece) -> list[tuple[bytes, bytes]]:
    """Return owner and next name of NSEC records in a piece whose next name has one of these keys; at most KEPT."""
    found = []
    for owner, rtype, rest in _records(piece):
        if rtype == _NSEC:
            following, _ = split_nsec(rdata_wire(rtype, fields_of(rest)))
            if name_key(following, source.secret) in wanted:
                found.append((wire_name(owner), following))
    return found[:KEPT]


def insecure_names(source: Source, hiding: AbstractSet[bytes], piece: Piece) -> tuple[Buckets, ...]:
    """Return the NAME entries of insecure delegations in a piece, and of names above them, for each chain.

    What lies below a name in `hiding`, which is what `occluding_names` makes of `above_insecure_names`, has no entry.
    Raises TooMuchWorkError.
    """
    digest = bitmap_digest(bitmap_wire({_NS}), source.secret)
    empty = bitmap_digest(b"", source.secret)
    delegations = [
        name
        for name in _insecure_delegations(piece, source.apex)
        if hiding.isdisjoint((*ancestors(name, source.apex), source.apex))
    ]
    above = {ancestor for name in delegations for ancestor in ancestors(name, source.apex)}
    effort = source.effort_of_name * (len(delegations) + len(above))
    insist_on_bounded({HASHING: effort}, source.allowed)
    return tuple(
        partition(
            [chain.hash(name) + digest + INSECURE for name in delegations]
            + [chain.hash(name) + empty + ABOVE_INSECURE for name in above],
            source.bits,
        )
        for chain in source.chains
    )


def above_insecure_names(source: Source, piece: Piece) -> frozenset[bytes]:
    """Return the ancestors, up to the apex, of insecure delegations in a piece."""
    apex = source.apex
    delegations = _insecure_delegations(piece, apex)
    return frozenset(ancestor for name in delegations for ancestor in (*ancestors(name, apex), apex))


def occluding_names(source: Source, asked: AbstractSet[bytes], piece: Piece) -> frozenset[bytes]:
    """Return those of the asked names at which a piece has a delegation or a DNAME."""
    return frozenset(
        name
        for owner, rtype, _ in _records(piece)
        if rtype in (_NS, _DNAME) and (name := wire_name(owner)) in asked and (rtype == _DNAME or name != source.apex)
    )


def _insecure_delegations(piece: Piece, apex: bytes) -> set[bytes]:
    cuts, secure = set(), set()
    for owner, rtype, _ in _records(piece):
        if rtype == _NS:
            cuts.add(wire_name(owner))
        elif rtype == _DS:
            secure.add(wire_name(owner))
    return {name for name in cuts - secure if name != apex and is_within(name, apex)}


def _names(piece: Piece, apex: bytes) -> Iterator[bytes]:
    seen: set[bytes] = set()
    before = b""
    for owner, _, _ in _records(piece):
        if owner != before:
            before, name = owner, wire_name(owner)
            if is_within(name, apex):
                for one in (name, *ancestors(name, apex)):
                    if one not in seen:
                        seen.add(one)
                        yield one


def _records(piece: Piece) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield owner, type and RDATA text of each line."""
    for line in piece.text().split(b"\n"):
        fields = line.split(None, 4)
        if len(fields) == 5 and not line.startswith(b";"):
            yield fields[0], type_number(fields[3]), fields[4]
