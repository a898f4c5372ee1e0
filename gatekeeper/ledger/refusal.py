"""The one way the ledger refuses: InputError with the code LOG."""

from attestations.errors import InputError

KEEP_THE_FILE = (
    "keep the file as it is, and compare with a checkpoint saved elsewhere:  gatekeeper log verify … --checkpoint FILE"
)


def refusal(found: str, *, wanted: str, fix: str = KEEP_THE_FILE) -> InputError:
    """Return the InputError (LOG) of a ledger, checkpoint or proof that cannot be believed."""
    return InputError("LOG", found=found, wanted=wanted, fix=fix)
