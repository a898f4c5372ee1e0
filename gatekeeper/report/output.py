"""Files that are either whole or not there, and never an earlier run's."""

import os
import secrets
import stat
from pathlib import Path

from attestations.errors import InputError, Location


def remove_older(path: Path) -> None:
    """Remove the result of an earlier run, so that nobody takes it for this one's.

    Raises InputError (USAGE) for anything but a regular file: a device or a link may be somebody else's.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _unwritable(path, "something that is not a regular file")
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritable(path, error.strerror or "an unknown error") from error


def write(path: Path, text: str) -> None:
    """Write `text` to `path`, whole and durably, in place of an older result; raise InputError (USAGE) otherwise."""
    remove_older(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_durably(unfinished, text)
        unfinished.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _unwritable(path, error.strerror or "an unknown error") from error


def _write_durably(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, found: str) -> InputError:
    return InputError(
        "USAGE",
        found=found,
        wanted="a place where the report can be written as a regular file",
        fix="create its folder, or give another path:  --report FORMAT=PATH",
        where=Location(file=str(path)),
    )
