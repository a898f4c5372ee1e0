"""The files of a laboratory: put in place at once, in a folder of their own."""

import re
from pathlib import Path

from attestations.servers.refusal import laboratory_error

_USABLE = re.compile(r"[\w/.,+@-]+", re.ASCII)


def write_file(path: Path, data: bytes, *, executable: bool = False) -> None:
    """Put a file of the laboratory in its place at once; raise InputError (LABORATORY) where that fails."""
    new = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(data)
        new.chmod(0o755 if executable else 0o644)
        new.replace(path)
    except OSError as error:
        raise laboratory_error(f"{path}: {error.strerror}", "a folder that can be written to") from None


def insist_on_usable(path: Path) -> None:
    """Raise InputError (LABORATORY) for a path that some server's configuration could not hold."""
    if not _USABLE.fullmatch(str(path.absolute())):
        raise laboratory_error(
            f"{str(path.absolute())!a}", "a path of letters, digits and / . , + @ - _ for the servers"
        )


def insist_on_empty(folder: Path) -> None:
    """Raise InputError (LABORATORY) unless `folder` is new or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise laboratory_error(f"{folder}, which is in use", "a new or empty folder")
