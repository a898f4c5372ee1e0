"""Results appear whole or not at all: write, sync, rename."""

import os
import tempfile
from pathlib import Path

from attestations.errors import InputError


def write_durably(path: Path, data: bytes) -> None:
    """Put `data` at `path`, synced to disk before it is visible; raise InputError (DURABLE) where that fails."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise InputError(
            "DURABLE",
            found=f"{path}: {error.strerror}",
            wanted="a result that is safely on disk",
            fix="repair the disk or give another path; nothing is known to be issued until this succeeds",
        ) from None


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable; raise OSError where that fails."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
