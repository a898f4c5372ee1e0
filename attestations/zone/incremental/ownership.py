"""Who may write to the state of a zone: nobody but the account that validates.

Its rows are sealed one by one. Whoever can write to the file could still take rows out, or put older ones back; whoever
can write to its folder could put a journal beside it, which SQLite would play back.
"""

import os
import shlex
from pathlib import Path

from attestations.errors import InputError, Location

_OTHERS_WRITE = 0o022


def insist_on_own(path: Path) -> None:
    """Raise InputError (DNS-STATE) if somebody else may write to a file or folder, and OSError if it is not there."""
    status = path.stat()
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & _OTHERS_WRITE:
        raise InputError(
            "DNS-STATE",
            found=f"{path!s:.200}, to which others than this account may write",
            wanted="the state of a zone, and its folder, in the hands of the account that validates",
            fix=f"chmod go-w {shlex.quote(str(path))}; if others could have changed the state, build it anew",
            where=Location(file=str(path)),
        )
