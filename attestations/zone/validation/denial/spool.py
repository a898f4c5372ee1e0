"""Entries by bucket, in memory up to a bound and in a temporary file beyond it."""

import tempfile
from array import array
from collections import defaultdict
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Self

MAX_HELD = 32 * 1024 * 1024
"""bytes of one sort of entries; beyond it they wait on disk"""


class Spool:
    """Collects entries of many pieces, and gives them back bucket by bucket. A context manager: it may hold a file."""

    def __init__(self) -> None:
        """Hold nothing yet; the file has no name and is made when it is needed."""
        self._held: defaultdict[int, bytearray] = defaultdict(bytearray)
        self._size = 0
        self._written: defaultdict[int, array[int]] = defaultdict(_offsets)
        self._file: IO[bytes] | None = None

    def add(self, buckets: Mapping[int, bytes]) -> None:
        """Add the entries of one piece; raise OSError if the disk is full."""
        for number, entries in buckets.items():
            self._held[number] += entries
            self._size += len(entries)
        if self._size > MAX_HELD:
            self._write()

    def numbers(self) -> list[int]:
        """Return the buckets that hold entries, in order."""
        return sorted(self._held.keys() | self._written.keys())

    def bucket(self, number: int) -> bytes:
        """Return the entries of a bucket, in no meaningful order; raise OSError."""
        ends = iter(self._written.get(number, ()))
        return b"".join(
            (*(self._read(at, end) for at, end in zip(ends, ends, strict=True)), self._held.get(number, b""))
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _write(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the spool
        file = self._file
        at = file.seek(0, 2)
        for number, entries in self._held.items():
            end = at + file.write(entries)
            self._written[number].extend((at, end))
            at = end
        self._held.clear()
        self._size = 0

    def _read(self, at: int, end: int) -> bytes:
        if self._file is None:
            raise LookupError("nothing was written")
        self._file.seek(at)
        return self._file.read(end - at)


def _offsets() -> "array[int]":
    """Return room for where parts of a bucket begin and end in the file: many millions in a zone of the largest."""
    return array("Q")
