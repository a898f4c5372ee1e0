"""A piece of the zone as a task for a worker: read from the file where that is at hand, or carrying its own bytes."""

from dataclasses import dataclass, field, replace
from typing import Protocol


class Readable(Protocol):
    """What a piece is read from: a Zone, or an Excerpt of it."""

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of the flat file, fewer only at its end."""
        ...


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some bytes of a flat file; its end stands for the end of the file."""

    start: int
    data: bytes = field(repr=False)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes by their offset in the file; raise LookupError for what stands before the excerpt."""
        at = offset - self.start
        if at < 0:
            raise LookupError(f"byte {offset} stands before the excerpt, which begins at {self.start}")
        return self.data[at : at + size]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the flat file that begins and ends with whole owners, and some bytes around it to look at."""

    source: Readable
    offset: int
    size: int
    margin: int = 0

    def text(self) -> bytes:
        """Return the lines of the piece."""
        return self.source.read(self.offset, self.size)

    def margins(self) -> tuple[bytes, bytes]:
        """Return what stands before and after it."""
        start = self._start
        return self.source.read(start, self.offset - start), self.source.read(self.offset + self.size, self.margin)

    def carried(self) -> "Piece":
        """Return the piece with its bytes and margins, for a worker that cannot read the file."""
        data = self.source.read(self._start, self.offset - self._start + self.size + self.margin)
        return replace(self, source=Excerpt(self._start, data))

    @property
    def _start(self) -> int:
        return max(self.offset - self.margin, 0)
