"""Entries by bucket, in memory up to a bound and in a temporary file beyond it."""

import tempfile
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
        self._written: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
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
        return b"".join((*map(self._read, self._written.get(number, ())), self._held.get(number, b"")))

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
            self._written[number].append((at, len(entries)))
            at += file.write(entries)
        self._held.clear()
        self._size = 0

    def _read(self, extent: tuple[int, int]) -> bytes:
        offset, size = extent
        if self._file is None:
            raise LookupError("nothing was written")
        self._file.seek(offset)
        return self._file.read(size)
