"""The lines of one owner become RRsets with their signatures."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from attestations.zone.reading.flat import Line, Zone, fields_of, lines
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import Rrsig, rdata_wire, read_rrsig
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import type_number

RRSIG = 46


@dataclass(frozen=True, kw_only=True)
class RRset:
    """The records of one owner and type. Without records it is a signature over nothing."""

    owner: bytes
    """in lower-case wire form"""
    rtype: int
    ttls: tuple[int, ...]
    """of its records, distinct; RFC 2181, 5.2 wants one"""
    rdatas: tuple[bytes, ...] = field(repr=False)
    """canonical, sorted, without duplicates"""
    signatures: tuple[Rrsig, ...] = ()
    """in the order of the file, without duplicates"""


def signed_data(rrsig: Rrsig, rrset: RRset) -> bytes:
    """Return the bytes that `rrsig` signs (RFC 4034, 3.1.8.1), for a Labels field that fits the owner."""
    prefix = rrset.owner + rrset.rtype.to_bytes(2, "big") + b"\0\1" + rrsig.original_ttl.to_bytes(4, "big")
    records = (prefix + len(rdata).to_bytes(2, "big") + rdata for rdata in rrset.rdatas)
    return rrsig.head + b"".join(records)


def groups(zone: Zone, offset: int, size: int) -> Iterator[tuple[bytes, dict[int, RRset]]]:
    """Yield each owner in a piece of the flat file with its RRsets by type, records outside the zone included.

    Raises Unflat, and ValueError for a name or RDATA that cannot be read.
    """
    together: list[Line] = []
    for line in lines(zone, offset, size):
        if together and line.owner.lower() != together[0].owner.lower():
            yield rrsets_of(together)
            together = []
        together.append(line)
    if together:
        yield rrsets_of(together)


def rrsets_of(lines_of_owner: Iterable[Line]) -> tuple[bytes, dict[int, RRset]]:
    """Return an owner and its RRsets by type, from all of its lines; raise ValueError."""
    ttls: defaultdict[int, set[int]] = defaultdict(set)
    rdatas: defaultdict[int, set[bytes]] = defaultdict(set)
    signatures: defaultdict[int, dict[Rrsig, None]] = defaultdict(dict)
    owner = b""
    for line in lines_of_owner:
        owner = owner or wire_name(line.owner)
        rtype, fields = type_number(line.rtype), fields_of(line.rest)
        if rtype == RRSIG:
            rrsig = read_rrsig(fields)
            signatures[rrsig.covered][rrsig] = None
        else:
            ttls[rtype].add(ttl_number(line.ttl))
            rdatas[rtype].add(rdata_wire(rtype, fields))
    return owner, {
        rtype: RRset(
            owner=owner,
            rtype=rtype,
            ttls=tuple(sorted(ttls.get(rtype, ()))),
            rdatas=tuple(sorted(rdatas.get(rtype, ()))),
            signatures=tuple(signatures.get(rtype, ())),
        )
        for rtype in sorted(rdatas.keys() | signatures.keys())
    }
