"""Names above names: empty non-terminals, and what hides a name from the zone (RFC 4035, 2.2; RFC 6672, 2.4)."""

from collections.abc import Iterator

from attestations.zone.reading.names import parent


def ancestors(name: bytes, apex: bytes) -> Iterator[bytes]:
    """Yield the names between a name and the apex, nearest first; all in lower-case wire form."""
    while len(name) > len(apex):
        name = parent(name)
        if len(name) > len(apex):
            yield name


def is_within(name: bytes, apex: bytes) -> bool:
    """Return whether a name is the apex or below it; both in lower-case wire form."""
    while len(name) > len(apex):
        name = parent(name)
    return name == apex
