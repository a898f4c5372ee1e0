"""What a file says, with the place where it says it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from attestations.errors import Location

Path = tuple[str | int, ...]
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Marks = Mapping[Path, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Document:
    """Bytes that were read once, their value, and a way from a path in the value to line and column."""

    name: str
    """how people know the file: a path or the name inside an archive"""
    raw: bytes = field(repr=False)
    """the very bytes that were parsed; their digest is the document's identity"""
    value: JsonValue = field(repr=False)
    """plain dictionaries, lists and scalars; never shared between documents"""
    find_marks: Callable[[], Marks] = field(repr=False, compare=False)
    """places of every value; called only when an error needs one"""

    @cached_property
    def marks(self) -> Marks:
        """Line and column of every value, by path."""
        return self.find_marks()

    @cached_property
    def sha256(self) -> str:
        """Lower-case hexadecimal SHA-256 of the bytes."""
        return hashlib.sha256(self.raw).hexdigest()

    def where(self, path: Path = ()) -> Location:
        """Return the place of the value at `path`, or of its nearest ancestor that the file has."""
        for length in range(len(path), -1, -1):
            if (place := self.marks.get(path[:length])) is not None:
                return Location(file=self.name, line=place[0], column=place[1])
        return Location(file=self.name)
