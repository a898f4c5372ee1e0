"""Authenticated denial of existence: which kind the zone uses, and whether the chain holds."""

from collections.abc import Iterator

from dns.rdatatype import RdataType

from attestations.predicates.zone_validation import Denial, ZoneFinding
from attestations.zone.authority import Authority
from attestations.zone.findings import finding
from attestations.zone.model import ZoneVersion
from attestations.zone.nsec import nsec_findings
from attestations.zone.nsec3 import announced, chains, nsec3_findings


def denial_findings(zone: ZoneVersion, authority: Authority) -> Iterator[ZoneFinding]:
    """Yield what is wrong with the zone's NSEC and NSEC3 records; during a change of kind both are checked."""
    types = _types(zone)
    if RdataType.NSEC3PARAM in types or RdataType.NSEC3 in types:
        yield from nsec3_findings(zone, authority)
    if RdataType.NSEC in types:
        yield from nsec_findings(zone, authority)
    if not types & {RdataType.NSEC, RdataType.NSEC3}:
        yield finding("DENIAL_CHAIN", "error", zone.name, None, "the zone has neither NSEC nor NSEC3 records")


def denial_of(zone: ZoneVersion, *, chain_ok: bool) -> Denial:
    """Return the description of the zone's denial; `chain_ok` is what the caller found."""
    if parameters := announced(zone):
        first = min(parameters, key=str)
        opt_out = any(chain.opt_out for chain in chains(zone))
        salt = first.salt.hex()
        return Denial(kind="nsec3", iterations=first.iterations, salt=salt, opt_out=opt_out, chain_ok=chain_ok)
    return Denial(kind="nsec" if RdataType.NSEC in _types(zone) else "none", chain_ok=chain_ok)


def _types(zone: ZoneVersion) -> frozenset[RdataType]:
    return frozenset(rrset.rtype for rrset in zone.rrsets if rrset.rdatas)
