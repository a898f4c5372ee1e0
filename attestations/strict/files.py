"""Files from outside: opened once, never through a link, never without an end."""

import errno
import hashlib
import os
import shlex
import stat
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

from attestations.errors import InputError, Location
from attestations.strict.text import too_large

T = TypeVar("T")

# Without O_NONBLOCK, opening a FIFO waits for a writer for ever.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_file(path: Path, max_bytes: int) -> bytes:
    """Return the content of the regular file at `path`.

    Raises InputError: PATH for a link, device, directory or impossible name; FILE if it is missing or may not be
    read; LIMIT if it is larger than `max_bytes`.
    """
    raw = _taken(path, _FLAGS, lambda stream: stream.read(max_bytes + 1))
    if len(raw) > max_bytes:
        raise too_large(str(path), max_bytes, "more than that")
    return raw


def digest_file(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of the regular file at `path`, whatever its size; a link is followed to what would be run.

    Raises InputError: PATH for a device, pipe, directory or impossible name; FILE if it is missing or may not be read.
    """
    return _taken(path, _FLAGS & ~os.O_NOFOLLOW, lambda stream: hashlib.file_digest(stream, algorithm).hexdigest())


def _taken(path: Path, flags: int, take: Callable[[BufferedReader], T]) -> T:
    """Return what `take` makes of the opened file."""
    try:
        descriptor = os.open(path, flags)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _path_error(path, "a directory, pipe or device")
            with os.fdopen(descriptor, "rb", closefd=False) as stream:
                return take(stream)
        finally:
            os.close(descriptor)
    except ValueError:
        raise _path_error(path, "a name that no file can have") from None
    except OSError as error:
        raise _access_error(path, error) from None


def _access_error(path: Path, error: OSError) -> InputError:
    if error.errno == errno.ELOOP:
        return _path_error(path, "a symbolic link")
    if error.errno in (errno.ENAMETOOLONG, errno.ENXIO):
        return _path_error(path, str(error.strerror).lower())
    found, fix = {
        errno.ENOENT: ("no such file", f"check the name:  ls {shlex.quote(str(path.parent))}"),
        errno.EACCES: ("no permission to read it", f"check owner and mode:  ls -l {shlex.quote(str(path))}"),
    }.get(error.errno or 0, (str(error.strerror).lower(), f"check the file:  ls -l {shlex.quote(str(path))}"))
    return InputError("FILE", found=found, wanted="a file that can be read", fix=fix, where=Location(file=str(path)))


def _path_error(path: Path, found: str) -> InputError:
    return InputError(
        "PATH",
        found=found,
        wanted="a regular file",
        fix="name the file itself; copy its content there if it is elsewhere",
        where=Location(file=str(path)),
    )
