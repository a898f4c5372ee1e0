"""D3 Waiver abuse. The base of every side: the halt drill was too slow, and a waiver is offered for it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import Piece, waiver
from world.registry import World

from attacks.model import Attack, Family, allowed, denied

DRILL = "anomaly-stops-publication"
HSM = "one-key-in-every-hsm"
OTHER_SIGNER = (("signer", {"sha256": digest("signer 3.0.0")}),)
LAST_RELEASE = OTHER_SIGNER + tuple((name, {"sha256": digest(name)}) for name in COMPONENTS[1:])
FOREIGN_RELEASE = tuple((name, {"sha256": digest(f"{name} 1.0")}) for name in COMPONENTS)


def slow_drill() -> World:
    """Return the world in which halting took two minutes where one is allowed."""
    return World().with_predicate(
        "halt.json", lambda predicate: predicate["faults"][0].update(haltedOn="2026-04-10T10:02:00Z")
    )


def waived(change: Callable[[Piece], Piece] = lambda piece: piece, *people: str, of: str = DRILL) -> World:
    """Return the slow world with a waiver by these people, changed by `change`."""
    return slow_drill().adding("waiver.json", change(waiver(of, *(people or ("carol", "dave")))))


def saying(**members: Any) -> Callable[[Piece], Piece]:
    """Return the change of a waiver's predicate."""
    return lambda piece: piece.change(lambda predicate: predicate.update(members))


def about(subjects: tuple[tuple[str, dict[str, str]], ...]) -> Callable[[Piece], Piece]:
    """Return the change of what a waiver is about."""
    return lambda piece: replace(piece, subjects=subjects)


def _asked_by(requester: str) -> World:
    return waived().with_document("request", lambda request: request["metadata"].update(requester=requester))


def _two_waivers(second: Callable[[Piece], Piece]) -> World:
    """The last release's waiver is still there; `second` is the one for this release."""
    return waived(about(LAST_RELEASE)).adding("waiver-2.json", second(waiver(DRILL, "carol", "dave")))


FAMILY = Family(
    id="D3",
    title="A waiver is a hole cut on purpose; it must be narrow, signed, short and visible.",
    attacks=(
        Attack(
            variant="expired",
            why="The waiver ran out.",
            deny=denied(waived(saying(notAfter="2026-04-10T12:00:00Z")), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(waived(saying(notAfter="2026-04-10T12:00:01Z"))),
        ),
        Attack(
            variant="not-yet",
            why="The waiver begins a minute from now.",
            deny=denied(waived(saying(notBefore="2026-04-10T12:01:00Z")), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(waived(saying(notBefore="2026-04-10T12:00:00Z"))),
        ),
        Attack(
            variant="wildcard-scope",
            why="The waiver is for every requirement.",
            deny=denied(waived(of="*"), 10, "HALT-DRILL"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="wildcard-environment",
            why="The waiver is for every environment.",
            deny=denied(waived(saying(environment={"name": "*", "digest": "0" * 64})), 10, "HALT-DRILL"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="other-requirement",
            why="The waiver is for another requirement, whose name begins alike.",
            deny=denied(waived(of=f"{DRILL}-2"), 10, "HALT-DRILL"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="no-reason",
            why="Nobody wrote down why.",
            deny=denied(waived(saying(reason="")), 10, "HALT-DRILL"),
            allow=allowed(waived(saying(reason="-"))),
        ),
        Attack(
            variant="self-issued",
            why="Whoever asks for the release is also the owner of its waiver.",
            deny=denied(_asked_by("carol@registry.example"), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="self-issued-by-a-bot",
            why="The same, where the requester is nobody whom the trust root knows.",
            deny=denied(waived(saying(owner="Release-Bot@registry.example")), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="approved-by-an-author",
            why="One of the two who approved the waiver wrote the change.",
            deny=denied(waived(lambda piece: piece, "erin", "dave"), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(waived(lambda piece: piece, "alice", "dave").signed_off_by("carol", "bob")),
        ),
        Attack(
            variant="approved-by-one",
            why="One person approved where two are asked.",
            deny=denied(waived(lambda piece: piece, "carol"), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="reused-next-release",
            why="The waiver of the last release, which shares three components with this one, is used again.",
            deny=denied(waived(about(LAST_RELEASE)), 10, "HALT-DRILL", "WAIVER"),
            allow=allowed(_two_waivers(lambda piece: piece)),
        ),
        Attack(
            variant="reused-foreign-release",
            why="The waiver of a release that shares nothing with this one.",
            deny=denied(waived(about(FOREIGN_RELEASE)), 10, "HALT-DRILL"),
            allow=allowed(waived()),
        ),
        Attack(
            variant="unwaivable-requirement",
            why="The waiver is for one key in every HSM, which the policy never lets anybody waive.",
            deny=denied(
                World()
                .with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())
                .adding("waiver.json", waiver(HSM, "carol", "dave")),
                10,
                "COV-HSM",
                "WAIVER",
            ),
            allow=allowed(waived()),
        ),
        Attack(
            variant="waivers-not-allowed",
            why="The policy has no part about waivers: none counts.",
            deny=denied(
                waived().with_document("policy", lambda policy: policy["spec"].pop("waivers") and None),
                10,
                "HALT-DRILL",
                "WAIVER",
            ),
            allow=allowed(waived()),
        ),
        Attack(
            variant="backdated",
            why="The waiver begins so early that it lives longer than the policy allows.",
            deny=denied(
                waived(saying(notBefore="2026-03-28T11:59:59Z", notAfter="2026-04-11T12:00:00Z")),
                10,
                "HALT-DRILL",
                "WAIVER",
            ),
            allow=allowed(waived(saying(notBefore="2026-03-28T12:00:00Z", notAfter="2026-04-11T12:00:00Z"))),
        ),
        Attack(
            variant="missing-evidence-waived",
            why="What is missing is not softened by a waiver that does not count.",
            deny=denied(
                waived(saying(notAfter="2026-04-10T11:00:00Z")).without("halt.json"), 11, "EVID-MISSING", "WAIVER"
            ),
            allow=allowed(waived().without("halt.json")),
        ),
    ),
)
