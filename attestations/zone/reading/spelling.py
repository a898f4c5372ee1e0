"""How owners and types are spelled in flat lines, wherever the records come from."""

from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import type_in_zone, type_text


def owner_text(wire: bytes) -> bytes:
    r"""Return an owner in presentation form; a backslash as \092, so that no owner but a relative one ends in `\.`."""
    return text_name(wire).encode("ascii").replace(b"\\\\", b"\\092")


def mnemonic(rtype: int) -> bytes:
    """Return the mnemonic of a type, or TYPEnn; raise ValueError for a type that no zone holds."""
    text = type_text(rtype).encode("ascii")
    type_in_zone(text)
    return text
