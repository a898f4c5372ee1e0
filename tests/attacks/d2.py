"""D2 Evaluator cannot decide. Faults of clock, ledger, memory and code: tests/gatekeeper/attacks/test_d2.py."""

from typing import Any

from world.registry import World

from attacks.d1 import requirement, unusable, with_policy
from attacks.model import Attack, Family, allowed, denied

TEN = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"


def _asserting(expression: str) -> World:
    def change(policy: dict[str, Any]) -> None:
        requirement(policy, "nsec3-without-iterations")["assert"][0]["expr"] = expression

    return with_policy(change)


def _loops(depth: int) -> str:
    """Return an expression that takes 10 to the power of `depth` steps."""
    expression = "predicate.denial.iterations == 0"
    for level in range(depth):
        expression = f"{TEN}.all(x{level}, {expression})"
    return expression


def _unknown_kind(policy: dict[str, Any]) -> None:
    requirement(policy, "way-back")["kind"] = "rollback-drill-v2"


FAMILY = Family(
    id="D2",
    title="The moment of confusion is when gates open. Every way of not knowing must end in not approved.",
    attacks=(
        Attack(
            variant="rule-times-out",
            why="A rule takes more steps than it is given.",
            deny=denied(_asserting(_loops(5)), 11, "EVAL-ERROR"),
            allow=allowed(_asserting(_loops(2))),
        ),
        Attack(
            variant="unknown-rule-kind",
            why="The policy asks for a kind of requirement that this gate does not know.",
            deny=unusable("policy", _unknown_kind, "SCHEMA"),
        ),
        Attack(
            variant="evidence-unobtainable",
            why="The HSM laboratory could not be reached, and its evidence is not there.",
            deny=denied(World().without("hsm.json"), 11, "EVID-MISSING"),
        ),
        Attack(
            variant="evidence-folder-absent",
            why="The folder that the request names is not there.",
            deny=unusable("request", lambda request: request["spec"].update(evidence=["evidence", "more"]), "FILE"),
        ),
        Attack(
            variant="all-evidence-gone",
            why="Nothing at all was brought: every requirement must say so, none may be met by silence.",
            deny=denied(World(pieces={}, signing_off=()), 11, "APPR-COUNT", "EVID-MISSING"),
        ),
    ),
)
