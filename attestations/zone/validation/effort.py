"""How much work a zone may ask for: signatures to verify and names to hash are counted, never timed.

A zone that breaks no bound of one RRset or one chain can still cost minutes for each megabyte: many signatures under a
tag that several keys share (KeyTrap, CVE-2023-50387), deep names below which NSEC3 iterates (CVE-2023-50868).
"""

from collections.abc import Mapping

MAX_EFFORT = 50_000_000
"""units that any zone may ask for. A unit is one SHA-1, about a third of a microsecond: some 18 s of one processor"""
PER_OCTET = 12
"""units for each octet of the flat file besides: five times what a zone of P-384 signatures and NSEC3 needs"""
OF_NAME = 50
"""units for a name in an NSEC3 chain, besides its iterations: its entry of 29 octets may have to wait on disk"""
HASHING = "names hashed for NSEC3"

_RSA = 500
_OF_SIGNATURE = {5: _RSA, 7: _RSA, 8: _RSA, 10: _RSA, 13: 200, 14: 1_700, 15: 320, 16: 620}
"""units for one verification; for RSA with the largest key and exponent that are accepted"""


class TooMuchWorkError(Exception):
    """A zone asks for more work than one of its size may."""


def allowed_for(size: int) -> int:
    """Return how many units a zone may ask for whose flat file has so many octets."""
    return MAX_EFFORT + PER_OCTET * size


def of_signature(algorithm: int) -> int:
    """Return the units for verifying one signature; 0 for an algorithm that is not verified."""
    return _OF_SIGNATURE.get(algorithm, 0)


def signatures_with(tag: int, algorithm: int) -> str:
    """Return what the effort for signatures with a tag is called."""
    return f"signatures with key tag {tag}, algorithm {algorithm}"


def insist_on_bounded(effort: Mapping[str, int], allowed: int) -> None:
    """Raise TooMuchWorkError, naming what costs most, for more units than are allowed."""
    total = sum(effort.values())
    if total > allowed:
        most, what = max((units, what) for what, units in effort.items())
        raise TooMuchWorkError(
            f"stopped after {total} units of work, where {allowed} are allowed for a zone of this size; "
            f"{100 * most // total} % of them for {what}"
        )
