"""Why a step cannot be judged by itself: then the whole zone is validated, and the state is built anew."""

from pathlib import Path

from attestations.errors import InputError, Location


def full_pass_needed(found: str, wanted: str = "a step that the state can be advanced by") -> InputError:
    """Return the error for what only a full pass can judge; the state stays as it is."""
    return InputError(
        "DNS-STATE",
        found=found,
        wanted=wanted,
        fix="validate the whole zone, and build the state anew from it",
    )


def unusable(path: Path, why: str) -> InputError:
    """Return the error for a state file that cannot be used."""
    return InputError(
        "DNS-STATE",
        found=f"{why!a:.200}",
        wanted="a state file that can be read and written",
        fix="repair the disk, or build the state anew",
        where=Location(file=str(path)),
    )
