"""Report files: whole or not there, and never an earlier run's."""

import stat
from pathlib import Path

from attestations.durable import write_durably
from attestations.errors import InputError, Location


def write(path: Path, text: str) -> None:
    """Put `text` at `path`, durably and in one step, in place of an older result.

    Raises InputError (USAGE, DURABLE); the older result is gone then too.
    """
    remove_older(path)
    write_durably(path, text.encode())


def remove_older(path: Path) -> None:
    """Remove the result of an earlier run, so that nobody takes it for this one's.

    Raises InputError (USAGE) for anything but a regular file: a device or a link may be somebody else's.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _unusable(path, "something that is not a regular file")
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error.strerror or "an unknown error") from None


def _unusable(path: Path, found: str) -> InputError:
    return InputError(
        "USAGE",
        found=found,
        wanted="a path at which a regular file can be put",
        fix="give another path:  --report FORMAT=PATH",
        where=Location(file=str(path)),
    )
