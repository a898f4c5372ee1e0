"""Further passes over a zone that was read once: which name a hash stands for, and what was not hashed at first.

Each function looks at one piece and can travel to another process. The zone is known to be in flat form.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from attestations.zone.reading.flat import Zone, fields_of
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import bitmap_wire, rdata_wire
from attestations.zone.reading.types import TYPES, type_number
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

Span = tuple[int, int]
"""offset and size of a piece of the flat file"""
_NS, _DS, _DNAME, _NSEC = (TYPES[name] for name in (b"NS", b"DS", b"DNAME", b"NSEC"))


@dataclass(frozen=True, kw_only=True)
class Source:
    """A zone, and how names are hashed in this run."""

    zone: Zone
    chains: tuple[Parameters, ...]
    bits: int
    secret: bytes = field(repr=False)


def names_by_hash(source: Source, wanted: AbstractSet[bytes], span: Span) -> dict[bytes, bytes]:
    """Return the names in a piece, or above one in it, that have one of these hashes in any chain."""
    return {
        hashed: name
        for name in _names(source.zone, span)
        for chain in source.chains
        if (hashed := chain.hash(name)) in wanted
    }


def names_by_key(source: Source, wanted: AbstractSet[bytes], span: Span) -> dict[bytes, bytes]:
    """Return the names in a piece that have one of these keys."""
    return {key: name for name in _names(source.zone, span) if (key := name_key(name, source.secret)) in wanted}


def nsec_records_to(source: Source, wanted: AbstractSet[bytes], span: Span) -> list[tuple[bytes, bytes]]:
    """Return owner and next name of NSEC records in a piece whose next name has one of these keys; at most KEPT."""
    found = []
    for owner, rtype, rest in _records(source.zone, span):
        if rtype == _NSEC:
            following, _ = split_nsec(rdata_wire(rtype, fields_of(rest)))
            if name_key(following, source.secret) in wanted:
                found.append((wire_name(owner), following))
    return found[:KEPT]


def insecure_names(source: Source, hiding: AbstractSet[bytes], span: Span) -> tuple[Buckets, ...]:
    """Return the NAME entries of insecure delegations in a piece, and of names above them, for each chain.

    What lies below a name in `hiding`, which is what `occluding_names` makes of `above_insecure_names`, has no entry.
    """
    digest = bitmap_digest(bitmap_wire({_NS}), source.secret)
    empty = bitmap_digest(b"", source.secret)
    delegations = [
        name
        for name in _insecure_delegations(source.zone, span)
        if hiding.isdisjoint((*ancestors(name, source.zone.wire), source.zone.wire))
    ]
    above = {ancestor for name in delegations for ancestor in ancestors(name, source.zone.wire)}
    return tuple(
        partition(
            [chain.hash(name) + digest + INSECURE for name in delegations]
            + [chain.hash(name) + empty + ABOVE_INSECURE for name in above],
            source.bits,
        )
        for chain in source.chains
    )


def above_insecure_names(source: Source, span: Span) -> frozenset[bytes]:
    """Return the ancestors, up to the apex, of insecure delegations in a piece."""
    apex = source.zone.wire
    delegations = _insecure_delegations(source.zone, span)
    return frozenset(ancestor for name in delegations for ancestor in (*ancestors(name, apex), apex))


def occluding_names(source: Source, asked: AbstractSet[bytes], span: Span) -> frozenset[bytes]:
    """Return those of the asked names at which a piece has a delegation or a DNAME."""
    return frozenset(
        name
        for owner, rtype, _ in _records(source.zone, span)
        if rtype in (_NS, _DNAME)
        and (name := wire_name(owner)) in asked
        and (rtype == _DNAME or name != source.zone.wire)
    )


def _insecure_delegations(zone: Zone, span: Span) -> set[bytes]:
    cuts, secure = set(), set()
    for owner, rtype, _ in _records(zone, span):
        if rtype == _NS:
            cuts.add(wire_name(owner))
        elif rtype == _DS:
            secure.add(wire_name(owner))
    return {name for name in cuts - secure if name != zone.wire and is_within(name, zone.wire)}


def _names(zone: Zone, span: Span) -> Iterator[bytes]:
    seen: set[bytes] = set()
    before = b""
    for owner, _, _ in _records(zone, span):
        if owner != before:
            before, name = owner, wire_name(owner)
            if is_within(name, zone.wire):
                for one in (name, *ancestors(name, zone.wire)):
                    if one not in seen:
                        seen.add(one)
                        yield one


def _records(zone: Zone, span: Span) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield owner, type and RDATA text of each line."""
    for line in zone.read(*span).split(b"\n"):
        fields = line.split(None, 4)
        if len(fields) == 5 and not line.startswith(b";"):
            yield fields[0], type_number(fields[3]), fields[4]
