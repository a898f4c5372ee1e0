"""An attack: a world that must not be approved, and its twin that differs only in the attacked property."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from world.registry import World

CASES = Path(__file__).resolve().parents[1] / "cases"
BASE = "base"

EVALUATE = ("evaluate", "--request", "request.yaml", "--environment", "environment.yaml", "--policy", "policy.yaml")
EVALUATE += ("--trust", "trust.yaml")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One folder: the world it holds, and how the gate must end on it."""

    world: World | None = None
    files: Callable[[], dict[str, bytes]] | None = None
    """where a World cannot say it: every file of the folder"""
    exit: int
    codes: tuple[str, ...] = ()
    """the exact set of reason codes"""
    command: tuple[str, ...] | None = None
    """arguments of `gatekeeper`, file names relative to the folder; None: `evaluate` as of the world's time"""
    about: str = ""

    def contents(self) -> dict[str, bytes]:
        """Return every file of the folder, without what the test adds."""
        if self.files is not None:
            return self.files()
        return (self.world or World()).files()

    def arguments(self) -> tuple[str, ...]:
        """Return the command line."""
        return self.command or (*EVALUATE, "--at", (self.world or World()).now)


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One variant of a family of attacks."""

    variant: str
    deny: Side
    allow: Side = field(default_factory=lambda: Side(exit=0))
    why: str
    """one sentence: what the attacker does and what would go wrong"""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of attacks by its id in the threat model."""

    id: str
    title: str
    attacks: tuple[Attack, ...]


def folders(family: Family) -> dict[Path, dict[str, bytes]]:
    """Return every case folder of the family with the files that differ from the base world's, and what is expected."""
    base = World().files()
    made = {}
    for attack in family.attacks:
        for side, ending in ((attack.deny, "deny"), (attack.allow, "allow")):
            files = side.contents()
            overlay = {name: raw for name, raw in files.items() if base.get(name) != raw}
            expectation = {
                "command": list(side.arguments()),
                "exit": side.exit,
                "reasonCodes": sorted(side.codes),
                "without": sorted(set(base) - set(files)),
            }
            text = f"# {family.id} {attack.variant}, {ending}\n\n{family.title}\n\n{side.about or attack.why}\n"
            overlay["expect.json"] = (json.dumps(expectation, indent=2) + "\n").encode()
            overlay["README.md"] = text.encode()
            made[CASES / family.id / f"{attack.variant}_{ending}"] = overlay
    return made


def denied(world: World, exit_code: int, *codes: str) -> Side:
    """Return the side of an attack that must not be approved."""
    return Side(world=world, exit=exit_code, codes=codes)


def allowed(world: World | None = None) -> Side:
    """Return the twin that must be approved; without a world it is the base world."""
    return Side(world=world, exit=0)
