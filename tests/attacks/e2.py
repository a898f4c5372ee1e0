"""E2 Regular-expression denial of service. Our own patterns are tried in tests/gatekeeper/attacks/test_e2.py."""

from typing import Any

from world.registry import World

from attacks.e1 import with_parameter
from attacks.model import Attack, Family, allowed, denied
from attacks.signing import holder

NESTED = "(a+)+$"
TARGET = "predicate.buildDefinition.externalParameters.target"


def _asserting(world: World, expression: str) -> World:
    """The policy asserts something over the provenance."""

    def change(policy: dict[str, Any]) -> None:
        rule = {"expr": expression, "why": "the target is one of ours", "fix": "build the release"}
        requirement = {"id": "target", "title": "The target is one of ours", "kind": "assertion"}
        policy["spec"]["requirements"].append({**requirement, "over": "build-provenance", "assert": [rule]})

    return world.with_document("policy", change)


def _named(identity: str) -> World:
    named = {"sigstore": {"issuer": "https://ci.example", "identity": identity}}
    return World().with_document("trust", lambda trust: holder(trust, "ci-tests").update(named))


def matching(variant: str, why: str, pattern: str, hostile: str, honest: str) -> Attack:
    """The same pattern in both: it ends, whatever it is held against."""
    expression = f'{TARGET}.matches("{pattern}")'
    return Attack(
        variant=variant,
        why=why,
        deny=denied(_asserting(with_parameter(hostile), expression), 10, "ASSERTION"),
        allow=allowed(_asserting(with_parameter(honest), expression)),
    )


FAMILY = Family(
    id="E2",
    title="Patterns come with policies, subjects from outside; one bad pair must not stop the gate.",
    attacks=(
        Attack(
            variant="policy-pattern",
            why="The trust root names a signer by a pattern that takes exponential time: there are no such patterns.",
            deny=denied(_named(f"https://ci.example/{NESTED}").signed_off_by(), 2, "ID-PATTERN"),
            allow=allowed(_named("https://ci.example/release/*")),
        ),
        matching(
            "nested-quantifier",
            "A policy's expression has a nested quantifier; the subject makes a backtracking engine try for ever.",
            f"^{NESTED}",
            "a" * 64 + "!",
            "a" * 64,
        ),
        matching(
            "alternation",
            "An alternation of which both sides match.",
            "^(a|a|aa)+$",
            "a" * 256 + "!",
            "a" * 256,
        ),
        matching(
            "subject-40k",
            "A harmless pattern, and a subject of 40 KiB.",
            "^[a-z]+(-[a-z]+)*$",
            "a-" * (20 * 1024),
            "a-" * (20 * 1024 - 1) + "a",
        ),
        Attack(
            variant="backreference",
            why="An expression with a pattern that no linear engine knows.",
            deny=denied(_asserting(World(), f'{TARGET}.matches("(a+)\\\\1")'), 11, "EVAL-ERROR"),
            allow=allowed(_asserting(World(), f'{TARGET}.matches("^release$")')),
        ),
    ),
)
