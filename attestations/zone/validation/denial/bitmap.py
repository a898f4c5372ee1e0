"""Type bitmaps of NSEC and NSEC3 as sets of type numbers (RFC 4034, 4.1.2)."""

from attestations.zone.reading.rdata import bitmap_wire
from attestations.zone.reading.types import TYPES, type_text

NS, DS, RRSIG, NSEC, NSEC3 = (TYPES[name] for name in (b"NS", b"DS", b"RRSIG", b"NSEC", b"NSEC3"))
_CHAIN = frozenset({NSEC, NSEC3, RRSIG})
_AT_CUT = frozenset({NS, DS})
_LISTED = 8


def nsec3_types(types: frozenset[int], *, is_cut: bool) -> frozenset[int]:
    """Return what the NSEC3 bitmap of a name with these types shows (RFC 5155, 7.1); nothing for an empty non-terminal.

    RRSIG stands where something is signed: not at an insecure delegation. NSEC does not count, as in BIND: while a
    zone changes its kind of denial, each chain is as if it were alone.
    """
    data = _data(types, is_cut=is_cut)
    return data | {RRSIG} if data and (not is_cut or DS in data) else data


def nsec_types(types: frozenset[int], *, is_cut: bool) -> frozenset[int]:
    """Return what the NSEC bitmap of a name with these types shows (RFC 4034, 4.1.2; RFC 4035, 2.3)."""
    return _data(types, is_cut=is_cut) | {NSEC, RRSIG}


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


def bitmap_fault(wire: bytes, types: frozenset[int]) -> str:
    """Return in words what is wrong with a bitmap that must show these types; empty if nothing is."""
    if wire == bitmap_wire(types):
        return ""
    try:
        return _difference(bitmap_types(wire), types) or "is not in the form of RFC 4034, 4.1.2"
    except ValueError:
        return "is malformed"


def _data(types: frozenset[int], *, is_cut: bool) -> frozenset[int]:
    return types & _AT_CUT if is_cut else types - _CHAIN


def _difference(shown: frozenset[int], present: frozenset[int]) -> str:
    parts = []
    if lacking := present - shown:
        parts.append(f"lacks {_listed(lacking)}")
    if excess := shown - present:
        parts.append(f"shows {_listed(excess)} that the name does not have")
    return " and ".join(parts)


def _listed(types: frozenset[int]) -> str:
    return ", ".join(type_text(number) for number in sorted(types)[:_LISTED])
