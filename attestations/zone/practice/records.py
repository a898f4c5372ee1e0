"""Records of practice zones: from text to RRsets, and back to a file."""

from collections import defaultdict
from collections.abc import Iterable

from dns.name import Name
from dns.rdatatype import RdataType
from dns.zonefile import read_rrsets

from attestations.zone.practice.canonical import order, rdata_wire
from attestations.zone.practice.model import Record, RRset, ZoneVersion

_TTL = 3600


def read_records(text: str, origin: Name) -> list[Record]:
    """Return the records in master file text without directives; names are relative to `origin`, the TTL an hour."""
    rrsets = read_rrsets(text, rdclass=None, default_ttl=_TTL, origin=origin)
    return [Record(owner=rrset.name, ttl=rrset.ttl, rdata=rdata) for rrset in rrsets for rdata in rrset]


def zone_of(name: Name, records: Iterable[Record]) -> ZoneVersion:
    """Return the zone that the records make."""
    members: dict[tuple[Name, RdataType], list[Record]] = defaultdict(list)
    for record in records:
        members[record.owner, record.rdata.rdtype].append(record)
    keys = sorted(members, key=lambda key: (order(key[0]), key[1]))
    return ZoneVersion(name=name, rrsets=tuple(_rrset(members[key]) for key in keys))


def records_of(zone: ZoneVersion) -> list[Record]:
    """Return the records of a zone, each with the lowest TTL of its RRset."""
    return [
        Record(owner=rrset.owner, ttl=min(rrset.ttls), rdata=rdata) for rrset in zone.rrsets for rdata in rrset.rdatas
    ]


def canonical_text(records: Iterable[Record]) -> bytes:
    """Return records as a master file: one a line, absolute names, canonical order, SOA first as BIND wants it."""
    ordered = sorted(records, key=_line_order)
    lines = (
        f"{record.owner.to_text()} {record.ttl} IN {RdataType.to_text(record.rdata.rdtype)} {record.rdata.to_text()}\n"
        for record in ordered
    )
    return "".join(dict.fromkeys(lines)).encode("ascii")


def _rrset(records: list[Record]) -> RRset:
    by_wire = {rdata_wire(record.rdata): record.rdata for record in records}
    return RRset(
        owner=records[0].owner,
        rtype=records[0].rdata.rdtype,
        ttls=frozenset(record.ttl for record in records),
        rdatas=tuple(by_wire[wire] for wire in sorted(by_wire)),
    )


def _line_order(record: Record) -> tuple[bool, tuple[bytes, ...], int, bytes]:
    rtype = record.rdata.rdtype
    return rtype != RdataType.SOA, order(record.owner), rtype, rdata_wire(record.rdata)
