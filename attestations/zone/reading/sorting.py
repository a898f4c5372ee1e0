"""Flat lines in canonical order of owners (RFC 4034, 6.1), in bounded memory: sorted runs on disk, then merged."""

import heapq
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import eq
from typing import Self

from attestations.zone.reading.files import temporary_file, write_all
from attestations.zone.reading.names import labels_of

RUN_BYTES = 64 * 1024 * 1024
"""of text that is sorted at once; lists of lines take about twice that in memory"""

_BUFFER = 64 * 1024
_BATCH = 16 * 1024

# A keyed line is key, NUL, line. In a key 0x01 stands between labels, rightmost first, and 0x02 before octets that
# would be mistaken for these or for the end of a line: so keyed lines compare as the owners' labels do.
_ESCAPES = {bytes([octet]): bytes([2, 0x20 + octet]) for octet in range(11)}


def key_of(owner: bytes) -> bytes:
    """Return what sorts before the lines of an owner, given in lower-case wire form."""
    return b"\1".join(map(_escaped, reversed(labels_of(owner)))) + b"\0"


def key_of_text(owner: bytes) -> bytes:
    """Return the same for an absolute lower-case owner in presentation form without escapes."""
    return b"\1".join(owner[:-1].split(b".")[::-1]) + b"\0"


def _escaped(label: bytes) -> bytes:
    if label.isalnum():
        return label
    return b"".join(_ESCAPES.get(label[at : at + 1], label[at : at + 1]) for at in range(len(label)))


@dataclass(frozen=True, slots=True)
class _Run:
    start: int
    end: int
    first: bytes
    last: bytes


class Sorter:
    """Takes keyed lines in any order, writes each line once, in order. A context manager: it holds a temporary file."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[_Run] = []
        self._file = temporary_file()
        self._end = 0
        """of the file"""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def add(self, lines: list[bytes]) -> None:
        """Take lines, each behind the key of its owner; raise InputError (LIMIT) when the disk is full."""
        self._lines += lines
        self._size += sum(map(len, lines))
        if self._size > RUN_BYTES:
            self._spill()

    def write(self, descriptor: int) -> None:
        """Write all lines, without their keys, to a file; raise InputError (LIMIT) when the disk is full."""
        if self._runs:
            self._spill()
            lines = self._merged()
        else:
            lines = iter(_distinct(self._lines))
        while batch := list(islice(lines, _BATCH)):
            write_all(descriptor, b"".join([line[line.rindex(b"\0") + 1 :] + b"\n" for line in batch]))

    def _spill(self) -> None:
        lines = _distinct(self._lines)
        self._lines, self._size = [], 0
        if not lines:
            return
        start = self._end
        for at in range(0, len(lines), _BATCH):
            text = b"\n".join(lines[at : at + _BATCH]) + b"\n"
            write_all(self._file, text)
            self._end += len(text)
        self._runs.append(_Run(start, self._end, lines[0], lines[-1]))

    def _merged(self) -> Iterator[bytes]:
        runs = [self._read(run) for run in self._runs]
        if all(one.last < two.first for one, two in zip(self._runs, self._runs[1:], strict=False)):
            for run in runs:
                yield from run
            return
        last = b""
        for line in heapq.merge(*runs):
            if line != last:
                yield line
            last = line

    def _read(self, run: _Run) -> Iterator[bytes]:
        rest = b""
        for at in range(run.start, run.end, _BUFFER):
            *lines, rest = (rest + os.pread(self._file, min(_BUFFER, run.end - at), at)).split(b"\n")
            yield from lines


def _distinct(lines: list[bytes]) -> list[bytes]:
    """Return lines in order, each once. Input in order already, as signers write it, costs a comparison a line."""
    lines.sort()
    return list(dict.fromkeys(lines)) if any(map(eq, lines, islice(lines, 1, None))) else lines
