"""Versions of the base world's trust root with owners, signed by whom a test likes."""

import copy
from typing import Any

from gatekeeper.documents import parse_source
from gatekeeper.trust.succession import Version, load_version
from world.documents import dump, pem, trust
from world.gate import signed

OWNERS = ("owner-a", "owner-b", "owner-c")


def version(
    number: int, *signers: str, owners: tuple[str, ...] = OWNERS, threshold: int = 2, **metadata: Any
) -> Version:
    """Return one version of the trust root, read back as it was signed."""
    document = copy.deepcopy(trust())
    document["metadata"].update(version=number, **metadata)
    document["spec"]["owners"] = {"keys": [pem(owner) for owner in owners], "threshold": threshold}
    raw = dump(document)
    return load_version(parse_source(signed(raw, *signers) if signers else raw, f"{number}.trust"))
