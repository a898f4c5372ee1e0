"""B6 Unicode and name tricks."""

from collections.abc import Callable
from typing import Any

from world import rollovers
from world.documents import NONCE
from world.keys import base64_text, zone_sign
from world.pieces import ZONE
from world.registry import World

from attacks.evidence import VALIDATORS, edited, predicate
from attacks.model import Attack, Family, Side, allowed, denied
from attestations import possession

KEYS = ("zsk", "ksk")
LONGEST = "a" * 63


def _renamed(name: str) -> World:
    """Return the world of a registry whose one zone is called `name`, with evidence about that zone."""
    world = World().with_document("environment", lambda said: said["spec"]["zones"][0].update(name=name))
    for piece in ("halt.json", "rollback.json"):
        world = world.with_predicate(piece, lambda said: said.update(zone=name))
    for piece in VALIDATORS:
        world = world.with_predicate(piece, lambda said: said["zone"].update(name=name))
    return world.with_predicate("hsm.json", _asked_for(name))


def _asked_for(zone: str) -> Callable[[dict[str, Any]], None]:
    def change(said: dict[str, Any]) -> None:
        said["zone"] = zone
        for row in said["possession"]:
            _answer_again(row, zone, NONCE, KEYS[row["key"]])
        rolled = (row for run in said["exercises"] for event in run["events"] for row in event["possession"])
        for row in rolled:
            if row["privateKeys"]:
                _answer_again(row, zone, rollovers.WITHOUT_NONCE, rollovers.KEYS[row["key"]])

    return change


def _answer_again(row: dict[str, Any], zone: str, nonce: str, holds: str) -> None:
    challenge = possession.challenge(zone, row["serial"], nonce, bytes(32))
    row.update(challenge=challenge.hex(), signature=base64_text(zone_sign(holds, challenge)))


def _inventory(name: str, code: str) -> Side:
    return edited("environment.yaml", f"name: {ZONE}\n".encode(), f'name: "{name}"\n'.encode(), code)


def _evidence(name: str, code: str) -> Side:
    return denied(predicate("hsm.json", lambda said: said.update(zone=name)), 11, code)


def _pair(
    variant: str, why: str, name: str, twin: World | None = None, code: str = "NAME-ZONE"
) -> tuple[Attack, Attack]:
    """Return the trick in the inventory, which is wrong usage, and in evidence, which then does not count."""
    return (
        Attack(variant=variant, why=why, deny=_inventory(name, code), allow=allowed(twin)),
        Attack(variant=f"{variant}-in-evidence", why=why, deny=_evidence(name, code), allow=allowed(twin)),
    )


FAMILY = Family(
    id="B6",
    title="A zone that looks like the real one and is not, or is the real one spelt so that its rule does not fire.",
    attacks=(
        *_pair("cyrillic-lookalike", "One letter is Cyrillic.", "ex\u0430mple."),
        *_pair("nfd", "The name is spelt with a combining accent.", "exa\u0301mple.", _renamed("xn--exmple-qta.")),
        *_pair("zero-width", "A joiner that nobody sees makes it another name.", "exam\u200dple.", code="INJECT"),
        *_pair("trailing-dot", "The final dot is missing: a relative name, completed by whoever reads it.", "example"),
        *_pair("case", "Upper case: the same zone in DNS, another text to a rule.", "EXAMPLE."),
        *_pair(
            "idn-a-u-label",
            "The U-label is given where the A-label is the one canonical form.",
            "b\u00fccher.example.",
            _renamed("xn--bcher-kva.example."),
        ),
        *_pair("over-long-label", "A label of 64 octets.", f"{LONGEST}a.example.", _renamed(f"{LONGEST}.example.")),
        *_pair("bidi-override", "An override turns the name round on the screen.", "\u202eelpmaxe.", code="INJECT"),
    ),
)
