"""Which bytes a tool gets: those that were given, unless they would let it read other files."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Zone

_BLOCK = 1024 * 1024
_DIRECTIVE = re.compile(rb"(?:^|\n)[ \t]*\$(?:include|generate)", re.IGNORECASE)
_LONGEST = 64
"""octets of a block that are looked at again with the next one"""


@contextmanager
def descriptor_for_tools(zone: Zone) -> Iterator[int]:
    """Yield a descriptor of the bytes as they were given; of the flat form where they have $INCLUDE or $GENERATE.

    Every tool follows $INCLUDE to any file of this host. Raises InputError where the zone cannot be rewritten.
    """
    if not holds(zone.original, _DIRECTIVE):
        yield zone.original
    elif zone.descriptor != zone.original:
        yield zone.descriptor
    else:
        with rewritten(zone) as flat:
            yield flat.descriptor


def holds(descriptor: int, pattern: re.Pattern[bytes]) -> bool:
    """Return whether a file holds a match of `pattern` that is no longer than 64 octets."""
    offset, rest = 0, b""
    while block := os.pread(descriptor, _BLOCK, offset):
        if pattern.search(rest + block):
            return True
        offset += len(block)
        rest = block[-_LONGEST:]
    return False
