"""The policies that come with the distribution."""

from importlib.resources import files
from pathlib import Path

from attestations.errors import InputError


def shipped_policy(name: str) -> str:
    """Return the text of a shipped policy; raise InputError (FILE) where there is none of that name."""
    installed = files("gatekeeper") / "shipped_policies" / name
    checked_out = Path(__file__).resolve().parents[1] / "policies" / name
    for place in (installed, checked_out):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise InputError(
        "FILE", found=f"no shipped policy {name!a}", wanted="a policy of the distribution", fix="see docs/policies.md"
    )
