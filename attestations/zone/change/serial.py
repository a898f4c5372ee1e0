"""Serial numbers of zones (RFC 1982)."""

from typing import Literal

Relation = Literal["equal", "higher", "lower", "undefined"]


def relation(serial: int, previous: int) -> Relation:
    """Return how a serial relates to the one before; what is exactly 2^31 away is neither higher nor lower."""
    distance = (serial - previous) % 2**32
    if distance == 0:
        return "equal"
    if distance == 2**31:
        return "undefined"
    return "higher" if distance < 2**31 else "lower"
