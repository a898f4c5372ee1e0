"""Files that hold zones: opened safely, read in blocks, made for a while."""

import errno
import hashlib
import os
import shlex
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attestations.errors import InputError, Location
from attestations.zone.reading.faults import room_on_disk

BLOCK = 256 * 1024

# Without O_NONBLOCK, opening a FIFO waits for a writer for ever.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_regular(path: Path) -> int:
    """Return a descriptor of the regular file at `path`, through links; raise InputError: PATH, or FILE."""
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:
        raise _no_file("PATH", "a name that no file can have", path) from None
    except OSError as error:
        code = "PATH" if error.errno in (errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO) else "FILE"
        raise _no_file(code, str(error.strerror).lower(), path) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file("PATH", "a directory, pipe or device", path)
    return descriptor


def blocks_of(descriptor: int) -> Iterator[bytes]:
    """Yield the content of a file from its beginning; the file offset is left alone."""
    at = 0
    while block := os.pread(descriptor, BLOCK, at):
        yield block
        at += len(block)


def digest_of(descriptor: int) -> str:
    """Return the SHA-256 of the content of a file."""
    digest = hashlib.sha256()
    for block in blocks_of(descriptor):
        digest.update(block)
    return digest.hexdigest()


def temporary_file() -> int:
    """Return a descriptor of a new file that nobody else sees and that is gone when it is closed."""
    with room_on_disk(), tempfile.TemporaryFile() as stream:
        return os.dup(stream.fileno())


@contextmanager
def closed_on_error(descriptor: int) -> Iterator[int]:
    """Close a descriptor unless all goes well: then somebody else owns it."""
    try:
        yield descriptor
    except BaseException:
        os.close(descriptor)
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Append to a file; raise InputError (LIMIT) when the disk is full."""
    with room_on_disk():
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _no_file(code: str, found: str, path: Path) -> InputError:
    return InputError(
        code,
        found=found,
        wanted="a regular file that can be read",
        fix=f"check name, owner and mode:  ls -l {shlex.quote(str(path))}",
        where=Location(file=str(path)),
    )
