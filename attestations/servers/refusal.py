"""The one error of laboratories that are made of servers."""

from attestations.errors import InputError


def laboratory_error(found: str, wanted: str) -> InputError:
    """Return the error for a laboratory that cannot be set up, or that broke."""
    return InputError(
        "LABORATORY",
        found=found,
        wanted=wanted,
        fix="install what is missing, free the disk or name another --folder, and start again",
    )
