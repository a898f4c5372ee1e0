"""All classes of zones, by name."""

from fault_zones.legal import LEGAL
from fault_zones.policy import POLICY
from fault_zones.protocol import PROTOCOL

CASES = PROTOCOL | POLICY | LEGAL
P256, RSA = 13, 8
OTHERS = ("bind", "ldns", "knot", "validns")


def algorithm_for(engine: str, name: str) -> int:
    """Return the algorithm of the keys of the zone that an engine is shown: validns knows RSA alone."""
    return RSA if engine == "validns" and CASES[name].has_twin else P256
