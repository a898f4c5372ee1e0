"""Zone files packed with gzip, known by their first bytes, unpacked within bounds (threat C4)."""

import os
import zlib
from collections.abc import Iterator

from attestations.errors import Location
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.faults import too_many_bytes
from attestations.zone.reading.files import blocks_of, closed_on_error, temporary_file, write_all
from attestations.zone.reading.flat import unreadable

MAX_RATIO = 100
"""unpacked to packed: signed zones shrink to a half or a fifth, unsigned ones to a tenth; zeros to a thousandth"""

_MAGIC = b"\x1f\x8b"
_RATIO_FROM = 1024 * 1024
_FED = 16 * 1024
"""octets at once: they unpack to 16 MiB at most, and each of many small members copies only what is left of them"""
_GZIP = 16 + zlib.MAX_WBITS


def is_packed(descriptor: int) -> bool:
    """Return whether a file begins as gzip's do (RFC 1952, 2.3.1), whatever its name says."""
    return os.pread(descriptor, 2, 0) == _MAGIC


def unpacked(descriptor: int, file: str, bounds: Bounds) -> int:
    """Return a descriptor of a temporary file with what a gzip file holds, all its members.

    Raises InputError: DNS-ZONEFILE for a damaged or cut file and for a bomb, LIMIT for too many bytes or a full disk.
    """
    packed = os.fstat(descriptor).st_size
    size = 0
    with closed_on_error(temporary_file()) as plain:
        for piece in _pieces(descriptor, file):
            size += len(piece)
            if size > bounds.max_bytes:
                raise too_many_bytes(bounds, Location(file=file))
            if size > _RATIO_FROM and size > packed * MAX_RATIO:
                raise unreadable(f"gzip that unpacks to more than {MAX_RATIO} times its size", Location(file=file))
            write_all(plain, piece)
    return plain


def _pieces(descriptor: int, file: str) -> Iterator[bytes]:
    """Yield unpacked text; several members are as one (RFC 1952, 2.2)."""
    member = zlib.decompressobj(_GZIP)
    try:
        for block in blocks_of(descriptor):
            for at in range(0, len(block), _FED):
                rest = block[at : at + _FED]
                while rest:
                    yield member.decompress(rest)
                    rest = member.unused_data
                    if member.eof and (rest := rest.lstrip(b"\0")):  # gzip takes zeros as padding too
                        member = zlib.decompressobj(_GZIP)
    except zlib.error as error:
        raise unreadable(f"damaged gzip data: {error}", Location(file=file)) from None
    if not member.eof:
        raise unreadable("gzip data that are cut off", Location(file=file))
