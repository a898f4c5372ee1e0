"""What NSEC3PARAM announces against the NSEC3 records that are there, and what they cost (RFC 5155, 4; RFC 9276)."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.validation.denial.parameters import (
    MAX_CHAINS,
    MAX_ITERATIONS,
    SHA1,
    Parameters,
    announced,
)

_TYPE = "NSEC3PARAM"


def announcement_findings(
    apex: str, nsec3params: tuple[bytes, ...], present: AbstractSet[Parameters], *, has_nsec: bool
) -> Iterator[ZoneFinding]:
    """Yield what is wrong with the RDATAs of the apex NSEC3PARAM records, given the parameters of NSEC3 records.

    While a zone has an NSEC chain, name servers deny with that, and NSEC3 records come before their NSEC3PARAM (RFC
    5155, 10.4): no more than warnings then.
    """
    wanted = frozenset(announced(nsec3params))
    severity: Severity = "warning" if has_nsec else "error"
    yield from _cost_findings(apex, wanted | present)
    if wanted and all(rdata[1] for rdata in nsec3params):
        message = "NSEC3PARAM has flags set, so name servers find no chain and send no denial (RFC 5155, 4.1.2)"
        yield finding("NSEC3PARAM_FLAGS", "warning", apex, _TYPE, message)
    for parameters in sorted(wanted - present, key=str):
        message = f"NSEC3PARAM announces a chain that is not there: {parameters}"
        yield finding("NSEC3_PARAM", "error", apex, _TYPE, message)
    for parameters in sorted(present - wanted, key=str):
        message = f"NSEC3 records without their NSEC3PARAM: {parameters}"
        yield finding("NSEC3_PARAM", "warning" if wanted else severity, apex, _TYPE, message)
    if max(len(wanted), len(present)) > MAX_CHAINS:
        yield finding("DNS_BUDGET", "error", apex, _TYPE, f"more than {MAX_CHAINS} NSEC3 chains")
        return
    for parameters in sorted(wanted & present, key=str):
        if parameters.algorithm != SHA1:
            message = f"unknown hash algorithm {parameters.algorithm}"
            yield finding("NSEC3_PARAM", "error", apex, _TYPE, message)


def _cost_findings(apex: str, every: AbstractSet[Parameters]) -> Iterator[ZoneFinding]:
    for parameters in sorted(every, key=str):
        if parameters.iterations:
            severity: Severity = "error" if parameters.iterations > MAX_ITERATIONS else "warning"
            message = f"{parameters.iterations} extra iterations; RFC 9276 wants 0"
            yield finding("NSEC3_COST", severity, apex, _TYPE, message)
