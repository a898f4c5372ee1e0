"""ZONEMD: the digest over the whole zone that its apex carries (RFC 8976)."""

import hashlib
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType

from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Line, Unflat, Zone, fields_of, line_of, pieces
from attestations.zone.reading.names import is_below, order, wire_name
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.work import Here, Workers

ZONEMD, RRSIG = TYPES[b"ZONEMD"], TYPES[b"RRSIG"]
_NS = TYPES[b"NS"]
_SIMPLE = 1
_HASHES: Mapping[int, str] = MappingProxyType({1: "sha384", 2: "sha512"})
"""hash algorithm of scheme 1 -> its name (RFC 8976, 5.3)"""

Place = tuple[bytes, ...]
"""of an owner in canonical order"""
HERE = Here()

_DISORDER = "owners are not in canonical order"
_HEAD = struct.Struct("!IBB")
_FIXED = struct.Struct("!HHIH")
_IN = 1


@dataclass(frozen=True, kw_only=True)
class ZoneDigest:
    """One ZONEMD record (RFC 8976, 2.2)."""

    serial: int
    scheme: int
    algorithm: int
    digest: bytes

    @property
    def is_known(self) -> bool:
        """Whether the digest can be computed here."""
        return self.scheme == _SIMPLE and self.algorithm in _HASHES


@dataclass(frozen=True, kw_only=True)
class _Task:
    """A piece of the flat file."""

    zone: bytes
    """its name in wire form"""
    offset: int
    text: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What is digested of one piece, and the places of its first and last owner; None if it has none in the zone."""

    offset: int
    octets: bytes = field(repr=False)
    first: Place | None
    last: Place | None


def zonemd_findings(apex: Apex, zone: Zone, workers: Workers = HERE) -> Iterator[ZoneFinding]:
    """Yield what does not fit of the ZONEMD records at the apex (RFC 8976, 4); nothing if there are none.

    An error, unless another of them fits: then a warning, for a receiver accepts the zone. A scheme or hash that is not
    known is a note. Costs a pass over the zone, and a sorted copy of it if it is not in canonical order.
    Raises InputError (DNS-ZONEFILE, LIMIT) as reading does.
    """
    records = tuple(_read(rdata) for rdata in apex.rdatas(ZONEMD))
    known = [record for record in records if record.is_known]
    faults = dict(_faults(known, apex, zone, workers))
    severity: Severity = "error" if len(faults) == len(known) else "warning"
    for record in records:
        kind = f"the record of scheme {record.scheme} and hash {record.algorithm}"
        if not record.is_known:
            message = f"{kind} was not compared: the zone may be complete or not"
            yield finding("ZONEMD_UNJUDGED", "note", apex.name, "ZONEMD", message)
        elif record in faults:
            yield finding("ZONEMD_MISMATCH", severity, apex.name, "ZONEMD", f"{kind} {faults[record]}")


def zone_digests(zone: Zone, algorithms: Collection[int], workers: Workers = HERE) -> dict[int, bytes]:
    """Return the digests (RFC 8976, 3.3.1) of the zone by hash algorithm; raise InputError as reading does."""
    try:
        return _digests(zone, algorithms, workers)
    except Unflat:
        with rewritten(zone) as in_order:
            return _digests(in_order, algorithms, workers)


def _faults(
    records: Collection[ZoneDigest], apex: Apex, zone: Zone, workers: Workers
) -> Iterator[tuple[ZoneDigest, str]]:
    counts = Counter((record.scheme, record.algorithm) for record in records)
    comparable = {record.algorithm for record in records if record.serial == apex.serial}
    digests = zone_digests(zone, comparable, workers) if comparable else {}
    for record in records:
        if counts[record.scheme, record.algorithm] > 1:
            yield record, "is there more than once, so none of them counts"
        elif record.serial != apex.serial:
            yield record, f"is for serial {record.serial}, the zone has {apex.serial}"
        elif record.digest != digests[record.algorithm]:
            fitting = digests[record.algorithm].hex()[:16]
            yield record, f"has the digest {record.digest.hex()[:16]}..., the zone has {fitting}..."


def _digests(zone: Zone, algorithms: Collection[int], workers: Workers) -> dict[int, bytes]:
    sums = {algorithm: hashlib.new(_HASHES[algorithm]) for algorithm in algorithms}
    tasks = (_Task(zone=zone.wire, offset=offset, text=zone.read(offset, size)) for offset, size in pieces(zone))
    last: Place | None = None
    for part in workers.run(_part_of, tasks):
        if part.first is not None and part.last is not None:
            if last is not None and part.first <= last:
                raise Unflat(part.offset, _DISORDER)
            last = part.last
        for one in sums.values():
            one.update(part.octets)
    return {algorithm: one.digest() for algorithm, one in sums.items()}


def _part_of(task: _Task) -> _Part:
    """Return what is digested of the owners in a piece; raise Unflat where they are not in canonical order."""
    first: Place | None = None
    last: Place | None = None
    octets = []
    records = (line_of(raw, task.offset) for raw in task.text.split(b"\n") if raw.strip() and raw[:1] != b";")
    for _, group in groupby(records, key=lambda line: line.owner.lower()):
        together = list(group)
        owner = wire_name(together[0].owner)
        if owner == task.zone or is_below(owner, task.zone):
            place = order(owner)
            if last is not None and place <= last:
                raise Unflat(task.offset, _DISORDER)
            first, last = place if first is None else first, place
            octets.append(_record_bytes(owner, together, is_apex=owner == task.zone))
    return _Part(offset=task.offset, octets=b"".join(octets), first=first, last=last)


def _record_bytes(owner: bytes, together: Iterable[Line], *, is_apex: bool) -> bytes:
    """Return the records of one owner as they are digested: sorted, without duplicates (RFC 8976, 3.3.1.3)."""
    ttls: dict[tuple[int, bytes], int] = {}
    for line in together:
        rtype = type_number(line.rtype)
        rdata = _ns_rdata(line.rest) if rtype == _NS else rdata_wire(rtype, fields_of(line.rest))
        is_left_out = rtype == ZONEMD or (rtype == RRSIG and rdata[:2] == ZONEMD.to_bytes(2, "big"))
        if not (is_apex and is_left_out):
            ttls.setdefault((rtype, rdata), ttl_number(line.ttl))
    return b"".join(
        owner + _FIXED.pack(rtype, _IN, ttls[rtype, rdata], len(rdata)) + rdata for rtype, rdata in sorted(ttls)
    )


@lru_cache(maxsize=65536)
def _ns_rdata(rest: bytes) -> bytes:
    """Most delegations share their name servers with others."""
    return rdata_wire(_NS, fields_of(rest))


def _read(rdata: bytes) -> ZoneDigest:
    serial, scheme, algorithm = _HEAD.unpack_from(rdata)
    return ZoneDigest(serial=serial, scheme=scheme, algorithm=algorithm, digest=rdata[_HEAD.size :])
