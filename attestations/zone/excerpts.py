"""Parts of a flat zone file that hold whole owners, found around any byte without reading the rest."""

from attestations.errors import InputError
from attestations.zone.reading.flat import MAX_OWNER_BYTES, Zone, unreadable

_WINDOW = 4096


def excerpt(zone: Zone, offset: int, size: int) -> tuple[int, int]:
    """Return (offset, size) of whole owners: about `size` bytes from about `offset` on, nothing at the end of the file.

    Raises InputError (DNS-ZONEFILE): an owner with too many lines.
    """
    start = _next_owner(zone, offset) if offset else 0
    return start, _next_owner(zone, start + size) - start


def owner_around(zone: Zone, line: int) -> tuple[int, int]:
    """Return (offset, size) of the neighbouring lines of one owner, of which one begins at byte `line`.

    Raises InputError (DNS-ZONEFILE): an owner with too many lines.
    """
    window = _WINDOW
    while window <= 2 * MAX_OWNER_BYTES:
        before, after = max(0, line - window), line + window
        owner = _owner_of(zone.read(line, _WINDOW))
        first = _first_of_owner(zone.read(before, line - before), owner, is_whole=before == 0)
        last = _end_of_owner(zone.read(line, window), is_whole=after >= zone.size)
        if first is not None and last is not None:
            return before + first, line + last - before - first
        window *= 4
    raise _too_many(line)


def _next_owner(zone: Zone, offset: int) -> int:
    """Return where the first owner begins whose predecessor begins at or after `offset`; else the end of the file."""
    window = _WINDOW
    while offset < zone.size and window <= 2 * MAX_OWNER_BYTES:
        chunk = zone.read(offset, window)
        line = chunk.find(b"\n") + 1
        end = _end_of_owner(chunk[line:], is_whole=offset + window >= zone.size) if line else None
        if end is not None:
            return offset + line + end
        if offset + window >= zone.size:
            return zone.size
        window *= 4
    if offset < zone.size:
        raise _too_many(offset)
    return zone.size


def _first_of_owner(chunk: bytes, owner: bytes, *, is_whole: bool) -> int | None:
    """Return where the lines of `owner` begin that `chunk` ends with; None: perhaps before it."""
    at = len(chunk)
    while at:
        line = chunk.rfind(b"\n", 0, at - 1) + 1
        if line == 0 and not is_whole:
            return None
        if not _continues(chunk[line:at], owner):
            return at
        at = line
    return 0


def _end_of_owner(chunk: bytes, *, is_whole: bool) -> int | None:
    """Return where the lines of the owner end that `chunk` begins with; None if they may go on after it."""
    owner = _owner_of(chunk)
    at = chunk.find(b"\n") + 1
    while at and at < len(chunk):
        end = chunk.find(b"\n", at)
        if end < 0 and not is_whole:
            return None
        if not _continues(chunk[at : end if end >= 0 else None], owner):
            return at
        at = end + 1
    return len(chunk) if is_whole else None


def _continues(line: bytes, owner: bytes) -> bool:
    """Return whether a line is of `owner`, or a comment or empty line, which ends no owner."""
    found = _owner_of(line)
    return not found or found.startswith(b";") or found == owner


def _owner_of(line: bytes) -> bytes:
    return b"".join(line.split(None, 1)[:1]).lower()


def _too_many(offset: int) -> InputError:
    return unreadable(f"more than {MAX_OWNER_BYTES} octets of records at one owner, near byte {offset}")
