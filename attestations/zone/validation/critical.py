"""The RRsets that every answer leans on: an error there is not one name's, and its finding says so."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.denial.parameters import hashed_owner

_CONSEQUENCES = {
    "DNSKEY": "nothing in the zone validates",
    "SOA": "no negative answer validates",
    "NSEC": "hardly a negative answer validates",
    "NSEC3": "no denial of a name right below the zone's validates",
}


def with_consequences(findings: Iterable[ZoneFinding], apex: Apex) -> Iterator[ZoneFinding]:
    """Yield the findings, those of errors at the apex DNSKEY, SOA and denial RRsets with what follows for the zone.

    A name that does not exist is denied below its closest encloser: for most names of a TLD, that is the apex, and its
    NSEC3 record goes with every such answer (RFC 5155, 7.2.1); its NSEC record denies the wildcard (RFC 4035, 3.1.3.2).
    """
    hashed = {hashed_owner(chain.hash(apex.wire), apex.name) for chain in apex.nsec3 if chain.is_hashed}
    for one in findings:
        owners = hashed if one.rtype == "NSEC3" else {apex.name}
        if one.severity == "error" and one.rtype in _CONSEQUENCES and one.owner.lower() in owners:
            why = f"{one.message[:900]} (critical: without it {_CONSEQUENCES[one.rtype]})"
            yield replace(one, message=why)
        else:
            yield one
