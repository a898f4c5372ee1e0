"""The PIN of the tokens: from a file that only its owner can read, or asked for. Never an argument."""

import getpass
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from attestations.errors import InputError, Location
from attestations.strict import read_file

VARIABLE = "PKCS11_PIN_FILE"
MAX_BYTES = 1024


def pin_reader(file: Path | None) -> Callable[[], str]:
    """Return what gives the PIN when it is first needed, from `file`, the file that PKCS11_PIN_FILE names, or a person.

    It raises InputError (HSM-PIN) where there is none, or where others can read the file.
    """
    named = file or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    return cache(_ask if named is None else lambda: _read(named))


def _read(file: Path) -> str:
    text = read_file(file, MAX_BYTES).decode("utf-8", "replace").strip()
    if not text or file.stat().st_mode & 0o077:
        raise InputError(
            "HSM-PIN",
            found="an empty file" if not text else "a PIN file that others can read",
            wanted="a file with the PIN, readable by its owner only",
            fix=f"chmod 600 {file}",
            where=Location(file=str(file)),
        )
    return text


def _ask() -> str:
    if not sys.stdin.isatty():
        fix = f"--pin-file FILE, or set {VARIABLE}"
        raise InputError("HSM-PIN", found="no PIN and nobody to ask", wanted="the PIN in a file", fix=fix)
    return getpass.getpass("PIN of the HSMs: ")
