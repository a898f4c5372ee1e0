"""Owners below the apex, and what hides the names below them from the zone (RFC 4035, 2.2; RFC 6672, 2.4)."""

from typing import Final, Literal, NamedTuple

Place = tuple[bytes, ...]
"""the labels of a name below the apex, lower case, rightmost first: sorts canonically (RFC 4034, 6.1)"""

Hides = Literal[0, 1, 2]
"""what an owner does to names below it: nothing; it has a DNAME; it is a delegation, with or without a DNAME"""
NOTHING: Final = 0
AS_DNAME: Final = 1
AS_CUT: Final = 2


class Hider(NamedTuple):
    """An owner that hides what is below it."""

    place: Place
    is_dname: bool
