"""E1 Size and depth bombs. The large ones are made in tests/gatekeeper/attacks/test_e1.py: no folder holds them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from world.pieces import Bindings, Piece
from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import with_envelope
from attestations.envelope import MAX_SIGNATURES
from attestations.strict.limits import EVIDENCE

DOCUMENTS = ("request", "environment", "policy", "trust")
ABOVE = 4
"""statement, predicate, buildDefinition, externalParameters: the levels above a parameter"""


@dataclass(frozen=True)
class Reworked(Piece):
    """A piece whose bytes are changed after everything else."""

    rework: Callable[[bytes], bytes] = bytes

    def make(self, bindings: Bindings) -> bytes:
        return self.rework(super().make(bindings))


def reworked(piece: Piece, rework: Callable[[bytes], bytes]) -> Reworked:
    """Return the piece with its final bytes changed by `rework`."""
    return Reworked(**{name: getattr(piece, name) for name in Piece.__dataclass_fields__}, rework=rework)


def with_parameter(value: Any) -> World:
    """Return the base world whose build had one parameter of any form, one that the policy allows."""
    return World().with_predicate(
        "provenance.json", lambda p: p["buildDefinition"]["externalParameters"].update(target=value)
    )


def nested(levels: int) -> Any:
    """Return empty lists within each other."""
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def _signatures(count: int) -> World:
    """Entries that repeat one good signature: they count once, and are tried one by one."""
    return with_envelope("hsm.json", lambda e: e.update(signatures=e["signatures"] * count))


def _hand_written(name: str, raw: bytes) -> World:
    return replace(World().signed_off_by(), texts={f"{name}.yaml": raw})


def _nested_yaml(opened: str, closed: str, levels: int) -> bytes:
    return f"apiVersion: gatekeeper/v1\nspec: {opened * levels}{closed * levels}\n".encode()


def _sequences(levels: int) -> bytes:
    return b"apiVersion: gatekeeper/v1\nspec:\n  " + b"- " * levels + b"x\n"


def _laughs() -> bytes:
    lines = ["apiVersion: gatekeeper/v1", "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join([*lines, ""]).encode()


def _yaml_bombs(variant: str, why: str, raw: bytes, code: str) -> tuple[Attack, ...]:
    return tuple(
        Attack(variant=f"{variant}-{name}", why=f"{why} In the {name}.", deny=denied(_hand_written(name, raw), 2, code))
        for name in DOCUMENTS
    )


FAMILY = Family(
    id="E1",
    title='A gate that can be knocked over is a gate that will be bypassed "just this once".',
    attacks=(
        Attack(
            variant="json-depth-over-64",
            why="Evidence that is nested one level deeper than the limit.",
            deny=denied(with_parameter(nested(EVIDENCE.max_depth - ABOVE + 1)), 11, "LIMIT", "SRC-REVIEW"),
            allow=allowed(with_parameter(nested(EVIDENCE.max_depth - ABOVE))),
        ),
        Attack(
            variant="signatures-over-16",
            why="One signature more on an envelope than is ever looked at.",
            deny=denied(_signatures(MAX_SIGNATURES + 1), 11, "LIMIT"),
            allow=allowed(_signatures(MAX_SIGNATURES)),
        ),
        *_yaml_bombs("yaml-depth-10k", "10,000 nested sequences in brackets.", _nested_yaml("[", "]", 10_000), "LIMIT"),
        *_yaml_bombs("yaml-dashes-10k", "10,000 nested sequences without a bracket.", _sequences(10_000), "LIMIT"),
        *_yaml_bombs("billion-laughs", "Nine levels of aliases are a billion values.", _laughs(), "PARSE-YAML"),
    ),
)
