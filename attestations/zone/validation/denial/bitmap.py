"""Type bitmaps of NSEC and NSEC3 as sets of type numbers (RFC 4034, 4.1.2)."""

from collections import defaultdict
from collections.abc import Iterable

from attestations.zone.reading.rdata import type_text

_LISTED = 8


def bitmap_wire(types: Iterable[int]) -> bytes:
    """Return the bitmap that shows these types, in its only correct form; empty without types."""
    windows: defaultdict[int, int] = defaultdict(int)
    for number in types:
        windows[number >> 8] |= 1 << 255 - (number & 0xFF)
    return b"".join(_window(number, windows[number]) for number in sorted(windows))


def bitmap_types(wire: bytes) -> frozenset[int]:
    """Return the types that a bitmap shows; raise ValueError if it is cut short or otherwise malformed."""
    types: set[int] = set()
    while wire:
        if len(wire) < 2 or not 1 <= wire[1] <= 32 or len(wire) < 2 + wire[1]:
            raise ValueError("a malformed type bitmap")
        window, octets, wire = wire[0], wire[2 : 2 + wire[1]], wire[2 + wire[1] :]
        types.update(
            window << 8 | index << 3 | bit
            for index, octet in enumerate(octets)
            for bit in range(8)
            if octet & 0x80 >> bit
        )
    return frozenset(types)


def difference(shown: frozenset[int], present: frozenset[int]) -> str:
    """Return in words how a bitmap differs from the types that are present; empty if it does not."""
    parts = []
    if lacking := present - shown:
        parts.append(f"lacks {_listed(lacking)}")
    if excess := shown - present:
        parts.append(f"shows {_listed(excess)} that the name does not have")
    return " and ".join(parts)


def _window(number: int, bits: int) -> bytes:
    octets = bits.to_bytes(32, "big").rstrip(b"\0")
    return bytes((number, len(octets))) + octets


def _listed(types: frozenset[int]) -> str:
    return ", ".join(type_text(number) for number in sorted(types)[:_LISTED])
