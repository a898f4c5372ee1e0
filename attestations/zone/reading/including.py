"""$INCLUDE where it is allowed: files below the folder of the zone file, few and not deep."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.faults import too_many_bytes
from attestations.zone.reading.files import blocks_of, open_regular

MAX_INCLUDED = 1000
"""files, each counted as often as it is included"""
MAX_INCLUDE_DEPTH = 8


class Inclusion:
    """Opens what $INCLUDE names in one zone file."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._folder = folder.resolve()
        self._bounds = bounds
        self._left = bounds.max_bytes
        self.count = 0
        """files opened so far"""
        self._depth = 0

    def __call__(self, path: str) -> tuple[str, Iterable[bytes]]:
        """Return a file's name and its blocks; raise ValueError: outside of the folder, too many, too deep."""
        real = Path(os.path.realpath(self._folder / path))
        if not real.is_relative_to(self._folder):
            raise ValueError("$INCLUDE of a file outside of the folder of the zone file")
        self.count += 1
        if self.count > MAX_INCLUDED:
            raise ValueError(f"more than {MAX_INCLUDED} included files")
        if self._depth == MAX_INCLUDE_DEPTH:
            raise ValueError(f"$INCLUDE more than {MAX_INCLUDE_DEPTH} deep")
        return str(real), self._blocks(real)

    def _blocks(self, path: Path) -> Iterator[bytes]:
        descriptor = open_regular(path)
        self._depth += 1
        try:
            for block in blocks_of(descriptor):
                self._left -= len(block)
                if self._left < 0:
                    raise too_many_bytes(self._bounds)
                yield block
        finally:
            self._depth -= 1
            os.close(descriptor)
