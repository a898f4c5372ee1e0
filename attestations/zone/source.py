"""Where zones come from: a master file or a transfer. Either gives one frozen ZoneVersion, or an error."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.digest import sha256
from attestations.predicates.zone_validation import Source
from attestations.strict import read_file
from attestations.zone.canonical import order, rdata_wire
from attestations.zone.master import Record, read_master, unreadable
from attestations.zone.model import RRset, ZoneVersion
from attestations.zone.transfer import Server, transfer

_OUTSIDE_SHOWN = 5
_MAX_RDATA = 65535


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much of a zone is read before it is refused."""

    max_bytes: int = 64 * 1024 * 1024
    max_records: int = 500_000
    """with dnspython's 0.1 ms and about 1 kB a record: a minute and half a gigabyte"""
    max_seconds: float = 300.0
    """of a transfer"""


def zone_from_file(path: Path, name: Name, bounds: Bounds = Bounds()) -> ZoneVersion:
    """Return the zone in a master file; raise InputError (LIMIT, DNS-ZONEFILE)."""
    return zone_from_bytes(read_file(path, bounds.max_bytes), str(path), name, bounds)


def zone_from_bytes(raw: bytes, file_name: str, name: Name, bounds: Bounds = Bounds()) -> ZoneVersion:
    """Return the zone in the bytes of a master file; raise InputError (DNS-ZONEFILE)."""
    records = read_master(raw, file_name, name, bounds.max_records)
    return _zone(name, records, raw, Source(kind="file"))


def zone_from_transfer(server: Server, name: Name, bounds: Bounds = Bounds()) -> ZoneVersion:
    """Return the zone that a server gives by AXFR; raise InputError (DNS-TRANSFER, DNS-ZONEFILE)."""
    records = tuple(transfer(server, name, bounds.max_bytes, bounds.max_records, bounds.max_seconds))
    return _zone(name, records, canonical_text(records), Source(kind="axfr", server=str(server)))


def canonical_text(records: Iterable[Record]) -> bytes:
    """Return records as a master file: one a line, absolute names, canonical order, SOA first as BIND wants it."""
    ordered = sorted(records, key=_line_order)
    lines = (
        f"{record.owner.to_text()} {record.ttl} IN {RdataType.to_text(record.rdata.rdtype)} {record.rdata.to_text()}\n"
        for record in ordered
    )
    return "".join(dict.fromkeys(lines)).encode("ascii")


def records_of(zone: ZoneVersion) -> list[Record]:
    """Return the records of a zone but its signatures, each with the lowest TTL of its RRset."""
    return [
        Record(owner=rrset.owner, ttl=min(rrset.ttls), rdata=rdata) for rrset in zone.rrsets for rdata in rrset.rdatas
    ]


def _line_order(record: Record) -> tuple[bool, tuple[bytes, ...], int, bytes]:
    rtype = record.rdata.rdtype
    return rtype != RdataType.SOA, order(record.owner), rtype, rdata_wire(record.rdata)


def _zone(name: Name, records: Iterable[Record], master: bytes, source: Source) -> ZoneVersion:
    inside: list[Record] = []
    outside: list[Record] = []
    for record in records:
        (inside if record.owner.is_subdomain(name) else outside).append(record)
    if len({rdata_wire(record.rdata) for record in inside if _is_soa_of(name, record)}) != 1:
        raise unreadable(f"not exactly one SOA record at {name}")
    return ZoneVersion(
        name=name,
        rrsets=_rrsets(inside),
        outside=tuple(dict.fromkeys(record.owner for record in outside))[:_OUTSIDE_SHOWN],
        master=master,
        sha256=sha256(master),
        source=source,
    )


def _is_soa_of(name: Name, record: Record) -> bool:
    return record.rdata.rdtype is RdataType.SOA and record.owner == name


def _rrsets(records: Iterable[Record]) -> tuple[RRset, ...]:
    members: dict[tuple[Name, RdataType], list[Record]] = defaultdict(list)
    signatures: dict[tuple[Name, RdataType], list[RRSIG]] = defaultdict(list)
    for record in records:
        if isinstance(record.rdata, RRSIG):
            signatures[record.owner, record.rdata.type_covered].append(record.rdata)
        else:
            members[record.owner, record.rdata.rdtype].append(record)
    keys = sorted(members.keys() | signatures.keys(), key=lambda key: (order(key[0]), key[1]))
    return tuple(
        RRset(
            owner=owner,
            rtype=rtype,
            ttls=frozenset(record.ttl for record in members[owner, rtype]),
            rdatas=_distinct(record.rdata for record in members[owner, rtype]),
            signatures=tuple(dict.fromkeys(signatures[owner, rtype])),
        )
        for owner, rtype in keys
    )


def _distinct(rdatas: Iterable[Rdata]) -> tuple[Rdata, ...]:
    by_wire = {rdata_wire(rdata): rdata for rdata in rdatas}
    if any(len(wire) > _MAX_RDATA for wire in by_wire):
        raise unreadable(f"a record of more than {_MAX_RDATA} octets")
    return tuple(by_wire[wire] for wire in sorted(by_wire))
