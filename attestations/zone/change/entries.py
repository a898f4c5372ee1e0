"""Entries of fixed width in buckets: the delegations of a zone of any size, in bounded memory."""

import os
import tempfile
from collections.abc import Iterator
from typing import IO, Self

from attestations.zone.reading.faults import room_on_disk

SIZE = 16
BUCKETS = 128
HELD_BYTES = 32 * 1024 * 1024
"""of entries that are held in memory; over it they go to a temporary file"""


class Buckets:
    """Takes entries in any order, gives them back bucket by bucket. A context manager: it may hold a temporary file.

    The bucket of an entry follows from its first octet, so that an owner has all of its entries in one.
    """

    def __init__(self) -> None:
        self._held = [bytearray() for _ in range(BUCKETS)]
        self._size = 0
        self._written: list[list[tuple[int, int]]] = [[] for _ in range(BUCKETS)]
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, entry: bytes) -> None:
        """Take an entry of SIZE octets; raise InputError (LIMIT) when the disk is full."""
        self._held[entry[0] % BUCKETS] += entry
        self._size += SIZE
        if self._size > HELD_BYTES:
            self._spill()

    def sets(self) -> Iterator[frozenset[bytes]]:
        """Yield the distinct entries of each bucket."""
        for held, written in zip(self._held, self._written, strict=True):
            octets = b"".join((*(self._read(at, size) for at, size in written), held))
            yield frozenset(octets[at : at + SIZE] for at in range(0, len(octets), SIZE))

    def _spill(self) -> None:
        with room_on_disk():
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
            for number, held in enumerate(self._held):
                self._written[number].append((self._file.tell(), len(held)))
                self._file.write(held)
                held.clear()
            self._file.flush()
        self._size = 0

    def _read(self, at: int, size: int) -> bytes:
        if self._file is None:
            raise LookupError("nothing was written")
        return os.pread(self._file.fileno(), size, at)
