"""The halt of a zone as a latch in a folder of ours: one file for each zone, which outlives restarts and crashes.

Whatever cannot be read counts as a halt: a folder that is missing, a file that is damaged, one that was being written
when its writer ended.
"""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from attestations.digest import canonical_json, sha256
from attestations.durable import sync_folder, write_durably
from attestations.errors import InputError
from attestations.records import JsonRecord, Name, Text, ZoneName, decode, plain
from attestations.strict import read_file, read_json
from attestations.strict.limits import CONFIGURATION
from attestations.times import Instant

UNREADABLE = "unreadable"
"""the id of a halt whose file cannot be read"""

LOCK_SECONDS = 30.0
"""how long a command waits for another one that works on the same folder"""

_PAUSE = 0.05
_NEVER = Instant.parse("9999-12-31T23:59:59Z")


class Halt(JsonRecord, frozen=True, kw_only=True):
    """A halt that stands, as it lies in its file."""

    id: Name
    zone: ZoneName
    reason: Text
    halted_on: Instant
    witnessed: tuple[Name, ...] = ()
    """servers that were seen to give the zone before: that they refuse it to the probe tells something"""


def file_of(folder: Path, zone: ZoneName) -> Path:
    """Return where the halt of a zone is kept; a name of the root or of 254 characters would be no file's name."""
    return folder / f"{sha256(zone.encode('ascii'))}.halt"


def latch(folder: Path, halt: Halt) -> None:
    """Put the halt on disk before anything else is done; raise InputError (DURABLE) where that fails."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)  # else it is told below
    write_durably(file_of(folder, halt.zone), canonical_json(plain(halt)))


def standing(folder: Path, zone: ZoneName) -> Halt | None:
    """Return the halt that stands, None only where the folder can be read and holds none."""
    path = file_of(folder, zone)
    try:
        names = [path.name for path in folder.iterdir()]
        halt = _read(path, zone) if path.name in names else None
    except OSError as error:
        return _unreadable(path, zone, f"{folder}: {error.strerror}")
    except InputError as error:
        return _unreadable(path, zone, f"{path}: {error.found}")
    unfinished = _unfinished(folder, zone, names)
    if halt is None or unfinished is None:
        return halt or unfinished
    return msgspec.structs.replace(halt, halted_on=max(halt.halted_on, unfinished.halted_on))


def _unfinished(folder: Path, zone: ZoneName, names: Iterable[str]) -> Halt | None:
    """Return the last halt of those that were being written when their writers ended."""
    start, reason = f".{file_of(folder, zone).name}.", "a halt was being written when its writer ended"
    halts = (_unreadable(folder / name, zone, reason) for name in names if name.startswith(start))
    return max(halts, key=lambda halt: halt.halted_on, default=None)


def halted_on(before: Halt | None, now: Instant) -> Instant:
    """Return the time of a halt that is made `now`: a clock that was set back lets no older approval end it."""
    return now if before is None or before.id == UNREADABLE else max(now, before.halted_on)


def with_witnesses(folder: Path, halt: Halt, names: Iterable[str]) -> None:
    """Remember on disk which servers were seen to give the zone before; raise InputError (DURABLE).

    Where another halt stands by now it is left alone: a halt does not wait for us for ever.
    """
    witnessed = tuple(sorted({*halt.witnessed, *names}))
    if witnessed != halt.witnessed and halt.id != UNREADABLE and standing(folder, halt.zone) == halt:
        latch(folder, msgspec.structs.replace(halt, witnessed=witnessed))


def release(folder: Path, zone: ZoneName) -> None:
    """Take the halt away for good; raise InputError (DURABLE) where that fails."""
    path = file_of(folder, zone)
    try:
        for one in (*folder.glob(f".{path.name}.*"), path):
            one.unlink(missing_ok=True)
        sync_folder(folder)
    except OSError as error:
        raise InputError(
            "DURABLE",
            found=f"{path}: {error.strerror}",
            wanted="a halt that is taken away for good",
            fix="repair the folder; until then the halt stands",
        ) from None


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the folder against other commands; yield whether that succeeded within LOCK_SECONDS."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield False  # nobody else can work on it either
        return
    try:
        yield _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _read(path: Path, zone: ZoneName) -> Halt:
    document = read_json(read_file(path, CONFIGURATION.max_bytes), str(path))
    halt = decode(document, Halt)
    if halt.zone != zone:
        found = f"the halt of {halt.zone}"
        raise InputError("SCHEMA", found=found, wanted=f"the halt of {zone}", fix="find out who wrote it")
    return halt


def _unreadable(path: Path, zone: ZoneName, reason: str) -> Halt:
    """Of the time of its file: an approval that is older cannot end it."""
    try:
        since = Instant.of(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except OSError:
        since = _NEVER  # nothing ends it before the folder is repaired
    return Halt(id=UNREADABLE, zone=zone, reason=reason, halted_on=since)
