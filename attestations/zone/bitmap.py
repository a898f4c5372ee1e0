"""Type bitmaps of NSEC and NSEC3 (RFC 4034, 4.1.2)."""

from collections.abc import Iterable

from dns.rdatatype import RdataType

Windows = Iterable[tuple[int, bytes]]


def types_of(windows: Windows) -> frozenset[RdataType]:
    """Return the types that a bitmap shows."""
    return frozenset(
        RdataType.make(window << 8 | index << 3 | bit)
        for window, bitmap in windows
        for index, octet in enumerate(bitmap)
        for bit in range(8)
        if octet & 0x80 >> bit
    )


def difference(shown: frozenset[RdataType], present: frozenset[RdataType]) -> str:
    """Return in words how a bitmap differs from the types that are present; empty if it does not."""
    parts = []
    if lacking := present - shown:
        parts.append(f"lacks {_listed(lacking)}")
    if excess := shown - present:
        parts.append(f"shows {_listed(excess)} that the name does not have")
    return " and ".join(parts)


def _listed(types: frozenset[RdataType]) -> str:
    return ", ".join(RdataType.to_text(rtype) for rtype in sorted(types)[:8])
