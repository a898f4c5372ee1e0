"""D1 Policy downgrade, as far as loading meets it. What only `issue` can see: tests/gatekeeper/attacks/test_d1.py."""

from collections.abc import Callable
from typing import Any

from world.documents import dump
from world.registry import World

from attacks.model import Attack, Family, Side, allowed


def with_policy(change: Callable[[dict[str, Any]], Any]) -> World:
    """Return the base world with another policy."""
    return World().with_document("policy", change)


def unusable(name: str, change: Callable[[dict[str, Any]], Any], code: str) -> Side:
    """Return the side on which one document of the base world cannot be used; nothing else differs from the base."""

    def files() -> dict[str, bytes]:
        world = World()
        return world.files() | {f"{name}.yaml": dump(getattr(world.with_document(name, change), name))}

    return Side(files=files, exit=2, codes=(code,))


def requirement(policy: dict[str, Any], wanted_id: str) -> dict[str, Any]:
    """Return the requirement of a policy document by its id."""
    found: dict[str, Any] = next(entry for entry in policy["spec"]["requirements"] if entry["id"] == wanted_id)
    return found


def _empty(policy: dict[str, Any]) -> None:
    policy["spec"]["requirements"] = []


def _only_people(policy: dict[str, Any]) -> None:
    policy["spec"]["requirements"] = [requirement(policy, "two-people")]


def _drills_each_named_once(policy: dict[str, Any]) -> None:
    requirement(policy, "way-back")["id"] = "anomaly-stops-publication"


FAMILY = Family(
    id="D1",
    title="Whoever can change the policy needs no other attack.",
    attacks=(
        Attack(
            variant="empty-rules",
            why="A policy that asks for nothing would be met by nothing.",
            deny=unusable("policy", _empty, "SCHEMA"),
            allow=allowed(with_policy(_only_people)),
        ),
        Attack(
            variant="unknown-field",
            why="A field that the gate does not know says something that the gate would not do.",
            deny=unusable("policy", lambda policy: policy["spec"].update(enforcement="warn"), "SCHEMA"),
        ),
        Attack(
            variant="mistyped-keyword",
            why="A keyword is mistyped, and the limit that it set would be gone.",
            deny=unusable(
                "policy", lambda policy: requirement(policy, "one-key-in-every-hsm").update(max_agee="1h"), "SCHEMA"
            ),
            allow=allowed(with_policy(lambda policy: requirement(policy, "one-key-in-every-hsm").update(max_age="2h"))),
        ),
        Attack(
            variant="mistyped-inside",
            why="The same, one level down: the quorum of the validators.",
            deny=unusable(
                "policy",
                lambda policy: requirement(policy, "every-signature-verifies")["quorum"].update(min_validators=3),
                "SCHEMA",
            ),
        ),
        Attack(
            variant="one-id-twice",
            why="Two requirements have one id, so one result could stand for both.",
            deny=unusable("policy", _drills_each_named_once, "POL-REF"),
        ),
        Attack(
            variant="expired",
            why="The policy ran out, and its owners have not looked at it since.",
            deny=unusable(
                "policy", lambda policy: policy["metadata"].update(expires="2026-04-10T12:00:00Z"), "POL-TRUST"
            ),
            allow=allowed(with_policy(lambda policy: policy["metadata"].update(expires="2026-04-10T12:00:01Z"))),
        ),
        Attack(
            variant="trust-expired",
            why="The trust root ran out: who left since is still believed.",
            deny=unusable("trust", lambda trust: trust["metadata"].update(expires="2026-04-10T12:00:00Z"), "POL-TRUST"),
            allow=allowed(
                World().with_document("trust", lambda trust: trust["metadata"].update(expires="2026-04-10T12:00:01Z"))
            ),
        ),
        Attack(
            variant="lighter-policy",
            why="The policy for other kinds of change is used for this one.",
            deny=unusable(
                "policy", lambda policy: policy["spec"]["applies_to"].update(changes=["configuration"]), "POL-SCOPE"
            ),
        ),
        Attack(
            variant="stage-not-covered",
            why="The policy is for the laboratory, and the request is for production.",
            deny=unusable(
                "policy", lambda policy: policy["spec"]["applies_to"].update(stages=["laboratory"]), "POL-SCOPE"
            ),
        ),
    ),
)
