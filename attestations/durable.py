"""Results appear whole or not at all: write, sync, rename."""

import os
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

from attestations.errors import InputError, Location


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


def refuse_replacing(results: Iterable[Path], inputs: Collection[Path]) -> None:
    """Raise InputError (USAGE) if a result would take the place of a file that is read; `inputs` are resolved."""
    for path in results:
        if path.resolve() in inputs:
            raise InputError(
                "USAGE",
                found="a result that would take the place of a file that is read",
                wanted="another path for each result than for the inputs and keys",
                fix="give the result another path; the file was left as it is",
                where=Location(file=str(path)),
            )


def resolved(*named: str | Path) -> frozenset[Path]:
    """Return the files that paths and key URIs name, resolved; of a URI, what follows its scheme."""
    paths = (Path(one.partition(":")[2] or one) if isinstance(one, str) else one for one in named)
    return frozenset(path.resolve() for path in paths)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable; raise OSError where that fails."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
