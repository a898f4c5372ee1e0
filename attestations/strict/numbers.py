"""Numbers that every reader takes for the same number (RFC 8259, 6; RFC 7493, 2.2)."""

import math

MAX_INTEGER = 2**53 - 1
"""the largest that every JSON reader holds exactly, and that RFC 8785 can write"""


def exact_integer(digits: str) -> int:
    """Return the integer; raise ValueError from 2^53 on, where a reader with floating point may see another one."""
    if len(digits) > 17 or abs(number := int(digits)) > MAX_INTEGER:
        raise ValueError("an integer of 2^53 or more")
    return number


def exact_float(digits: str) -> float:
    """Return the number; raise ValueError where it is too large to be anything but infinity."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number too large for floating point")
    return number
