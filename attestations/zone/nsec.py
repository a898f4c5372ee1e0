"""The NSEC chain: one record at each name, each pointing to the next, the last to the apex (RFC 4034, 4)."""

from collections.abc import Iterator, Mapping

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.authority import Authority
from attestations.zone.bitmap import difference, types_of
from attestations.zone.canonical import order
from attestations.zone.findings import finding
from attestations.zone.model import ZoneVersion


def nsec_findings(zone: ZoneVersion, authority: Authority) -> Iterator[ZoneFinding]:
    """Yield gaps, wrong links, records too many, and bitmaps that differ from the types at the name."""
    records = _records(zone)
    names = sorted(authority.names(), key=order)
    for name, following in zip(names, (*names[1:], zone.name), strict=True):
        yield from _at(name, following, records, authority)
    for owner in records.keys() - set(names):
        yield finding("DENIAL_CHAIN", "error", owner, RdataType.NSEC, "an NSEC record where none may be")


def _at(
    name: Name, following: Name, records: Mapping[Name, tuple[NSEC, ...]], authority: Authority
) -> Iterator[ZoneFinding]:
    here = records.get(name, ())
    if len(here) != 1:
        yield finding("DENIAL_CHAIN", "error", name, RdataType.NSEC, f"{len(here)} NSEC records where one must be")
        return
    if here[0].next != following:
        message = f"the NSEC record points to {here[0].next}, the next name is {following}"
        yield finding("DENIAL_CHAIN", "error", name, RdataType.NSEC, message)
    present = authority.types_to_deny_around(name) | {RdataType.NSEC, RdataType.RRSIG}
    if wrong := difference(types_of(here[0].windows), present):
        yield finding("DENIAL_BITMAP", "error", name, RdataType.NSEC, f"the NSEC bitmap {wrong}")


def _records(zone: ZoneVersion) -> dict[Name, tuple[NSEC, ...]]:
    return {
        rrset.owner: tuple(rdata for rdata in rrset.rdatas if isinstance(rdata, NSEC))
        for rrset in zone.rrsets
        if rrset.rtype == RdataType.NSEC and rrset.rdatas
    }
