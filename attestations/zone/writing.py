"""Writes evidence so that a crash leaves either the old file or the whole new one."""

import os
import tempfile
from pathlib import Path

from attestations.errors import InputError, Location


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to a new file beside `path`, flush it to disk, and rename it to `path`; raise InputError (FILE)."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise InputError(
            "FILE",
            found=str(error.strerror).lower(),
            wanted="a place to write the statement to",
            fix=f"check folder and space:  ls -ld {path.parent}; df {path.parent}",
            where=Location(file=str(path)),
        ) from None


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
