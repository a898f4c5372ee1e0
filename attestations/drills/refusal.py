"""The one error of the drills: a laboratory that cannot be run."""

from attestations.errors import InputError


def laboratory_error(found: str, wanted: str) -> InputError:
    """Return the error for a laboratory that cannot be set up, or that broke."""
    return InputError(
        "HALT-LABORATORY",
        found=found,
        wanted=wanted,
        fix="install nsd and knot, free the disk or name another --folder, and start the drill again",
    )
