"""How much is read from outside before it is refused (why these values: docs/limits.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one document; over any of them it is refused with the code LIMIT."""

    max_bytes: int
    max_depth: int
    max_nodes: int


EVIDENCE = Limits(max_bytes=4 * 1024 * 1024, max_depth=64, max_nodes=200_000)
"""An envelope and the statement in it. actions/attest allows predicates of 16 MB; nothing of ours comes near."""

CONFIGURATION = Limits(max_bytes=256 * 1024, max_depth=40, max_nodes=20_000)
"""Policy, request, trust root, environment: written by people. 681 KiB of YAML took PyYAML 3.1 s."""
