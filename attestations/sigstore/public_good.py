"""The public Sigstore instance, as the installed package describes it; for those who name no other."""

from importlib.metadata import version
from importlib.resources import files
from urllib.parse import quote

_REPOSITORY = "https://tuf-repo-cdn.sigstore.dev"


def embedded_root() -> tuple[str, bytes]:
    """Return the public-good trusted root in the installed package `sigstore`, and where it comes from in words.

    A file of the package, nothing else: no cache in a home directory, no update. Whoever pins a root needs it not.
    """
    raw = files("sigstore._store").joinpath(quote(_REPOSITORY, safe=""), "trusted_root.json").read_bytes()
    return f"of the public instance, as the installed sigstore {version('sigstore')} holds it", raw
