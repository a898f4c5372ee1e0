"""The flat form of a zone: one record a line, `owner TTL IN TYPE rdata`, absolute names, any white space between.

Lines that begin with `;` and empty lines are skipped. What signers write is flat already; anything else is rewritten.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from attestations.errors import InputError, Location
from attestations.predicates.zone_validation import Source
from attestations.zone.reading.names import labels_of, shown

PIECE = 256 * 1024
PLAIN = bytes(octet for octet in range(0x21, 0x7F) if octet not in b'"();\\') + b" \t"
"""octets that mean themselves wherever they stand in a flat line"""
MAX_OWNER_BYTES = 16 * 1024 * 1024
"""lines of one owner that are held at once"""

_WINDOW = 16 * 1024
_WRITE_OUT = "write the zone out flat, for example with:  named-compilezone -i none -s full -o flat.zone ZONE FILE"
_SIGNATURE = re.compile(rb"RRSIG|TYPE0*46", re.IGNORECASE)
_FIELD = re.compile(rb'"(?:[^"\\]|\\.)*"|(?:[^\s"\\]|\\.)+(?:"(?:[^"\\]|\\.)*")?', re.DOTALL)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"|\\.', re.DOTALL)


class Unflat(Exception):  # noqa: N818  # it asks for another reader, it is no error yet
    """The file is not flat, or not in canonical order: whoever reads it has it rewritten."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(offset, why)
        self.offset = offset
        """of the line that shows it"""
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Zone:
    """One version of a zone as one flat file."""

    name: str
    """absolute, in presentation form, lower case"""
    wire: bytes
    """lower-case wire form of the name"""
    descriptor: int = field(repr=False)
    """of the flat file: an unlinked temporary file, or the given file itself"""
    size: int
    sha256: str
    """of the bytes that were given: the file as it lies on disk, decompressed; of a transfer its canonical flat text"""
    source: Source
    is_sorted: bool
    """written by our sorter: canonical order, every owner in one place"""
    serial: int
    original: int = field(repr=False)
    """descriptor of the bytes as given, for other code bases; equals `descriptor` if they are flat"""
    stamp: tuple[int, ...] = field(repr=False, default=())
    """what `stamp_of` said of `original` before its digest was taken; empty: there is no file"""
    label: str = "zone"
    """what messages call the source: a file name or a server"""

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of the flat file, fewer only at its end; the file offset of the descriptor is left alone."""
        return os.pread(self.descriptor, size, offset)

    def insist_unchanged(self) -> None:
        """Raise InputError (DNS-ZONEFILE) if the given file was touched since its digest was taken."""
        if self.stamp and self.stamp != stamp_of(self.original):
            found = "the file was written, renamed or replaced since its digest was taken"
            raise unreadable(found, Location(file=self.label), "validate a copy that nobody touches meanwhile")

    def close(self) -> None:
        """Close the descriptors; the zone cannot be read afterwards."""
        for descriptor in {self.descriptor, self.original}:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Line:
    """One record: its fields as they stand in the file."""

    offset: int
    owner: bytes
    ttl: bytes
    rtype: bytes
    rest: bytes


def fields_of(rest: bytes) -> list[bytes]:
    """Return the fields of RDATA text, quoted ones with their quotes; raise ValueError for unbalanced quotes."""
    if b'"' not in rest and b"\\" not in rest:
        return rest.split()
    fields = _FIELD.findall(rest)
    if _FIELD.sub(b"", rest).strip():
        raise ValueError(f"unbalanced quotes in {shown(rest)}")
    return fields


def lines(zone: Zone, offset: int, size: int) -> Iterator[Line]:
    """Yield the records of a piece that begins and ends with a line; raise Unflat."""
    at = offset
    for raw in zone.read(offset, size).split(b"\n"):
        if raw and not raw.startswith(b";") and raw.strip():
            yield line_of(raw, at)
        at += len(raw) + 1


def line_of(raw: bytes, offset: int) -> Line:
    """Return one line as a record; raise Unflat for anything that only the general reader understands."""
    parts = raw.split(None, 4)
    if len(parts) < 5 or raw[:1].isspace() or parts[2] != b"IN" or not parts[1].isdigit() or is_odd(raw):
        raise Unflat(offset, f"not a record in flat form: {shown(raw)}")
    owner, ttl, _, rtype, rest = parts
    if rest.startswith(b"\\#") and _SIGNATURE.fullmatch(rtype):
        raise Unflat(offset, "a signature in the form of RFC 3597")
    if owner[-1:] != b"." or owner[-2:] == b"\\.":
        raise Unflat(offset, f"the owner {shown(owner)} is not absolute")
    return Line(offset, owner, ttl, rtype, rest)


def is_odd(raw: bytes) -> bool:
    """Return whether a line holds what may mean more than it says: parentheses, comments, open quotes, controls."""
    plain = _QUOTED.sub(b"", raw) if b'"' in raw or b"\\" in raw else raw
    return bool(plain.translate(None, PLAIN))


def pieces(zone: Zone, size: int = PIECE) -> Iterator[tuple[int, int]]:
    """Yield (offset, size) of pieces of about `size` bytes that end where an owner does.

    Of the places near the wished size the first is taken where neighbouring owners share the fewest labels, so that
    a delegation mostly stays together with its glue. Raises InputError (DNS-ZONEFILE): an owner with too many lines.
    """
    start = 0
    while start < zone.size:
        end = _cut(zone, start + size)
        yield start, end - start
        start = end


def _cut(zone: Zone, wished: int) -> int:
    window, least = _WINDOW, len(labels_of(zone.wire))
    while wished + window < zone.size:
        best = _best_cut(zone.read(wished, window), least, at_end=False)
        if best is not None:
            return wished + best
        if window == MAX_OWNER_BYTES:
            raise unreadable(f"more than {MAX_OWNER_BYTES} octets of records at one owner, near byte {wished}")
        window = min(window * 4, MAX_OWNER_BYTES)
    best = _best_cut(zone.read(wished, window), least, at_end=True) if wished < zone.size else None
    return zone.size if best is None else wished + best


def _best_cut(chunk: bytes, least: int, *, at_end: bool) -> int | None:
    """Return where in a chunk to cut; None if nowhere. What stands before its first newline is part of a line."""
    best, fewest = None, 255
    at = chunk.find(b"\n") + 1
    before: bytes | None = None
    while at and at < len(chunk):
        end = chunk.find(b"\n", at)
        if end < 0 and not at_end:
            break
        owner = chunk[at : end if end >= 0 else None].split(None, 1)[:1]
        if owner and not owner[0].startswith(b";"):
            shared = _shared_labels(before, owner[0]) if before is not None else None
            if shared is not None and shared < fewest:
                best, fewest = at, shared
                if shared <= least:
                    break
            before = owner[0]
        at = end + 1
    return best


def _shared_labels(one: bytes, two: bytes) -> int | None:
    """Return how many labels two owners have in common at their ends; None if they are one owner."""
    if one == two or one.lower() == two.lower():
        return None
    pairs = zip(reversed(one.lower().split(b".")), reversed(two.lower().split(b".")), strict=False)
    shared = 0
    for left, right in pairs:
        if left != right:
            break
        shared += 1
    return shared - 1


def stamp_of(descriptor: int) -> tuple[int, ...]:
    """Return what changes whenever a file does: its size and times; nobody can set the last of them back."""
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def unreadable(found: str, where: Location | None = None, fix: str = _WRITE_OUT) -> InputError:
    """Return the error for a zone that cannot be read."""
    return InputError(
        "DNS-ZONEFILE",
        found=f"{found!a:.300}",
        wanted="a master file of class IN: records, $ORIGIN, $TTL",
        fix=fix,
        where=where,
    )


def line_number(zone: Zone, offset: int) -> int:
    """Return the number of the line that stands at a byte of the flat file, counted from 1."""
    count, at = 1, 0
    while at < offset:
        chunk = zone.read(at, min(PIECE, offset - at))
        if not chunk:
            break
        count += chunk.count(b"\n")
        at += len(chunk)
    return count
