"""How owners and types are spelled in flat lines, wherever the records come from."""

from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import type_text

_NOT_IN_ZONES = frozenset((0, 41, *range(128, 256)))
"""OPT, TSIG, ANY and their like (RFC 6895, 3.1)"""


def owner_text(wire: bytes) -> bytes:
    r"""Return an owner in presentation form; a backslash as \092, so that no owner but a relative one ends in `\.`."""
    return text_name(wire).encode("ascii").replace(b"\\\\", b"\\092")


def mnemonic(rtype: int) -> bytes:
    """Return the mnemonic of a type, or TYPEnn; raise ValueError for a type that no zone holds."""
    if rtype in _NOT_IN_ZONES:
        raise ValueError(f"a record of type {rtype}, which no zone holds")
    return type_text(rtype).encode("ascii")
