"""B8 Multi-HSM coverage that is not."""

from collections.abc import Callable
from typing import Any

from world.hsm_rows import answer
from world.pieces import Change
from world.registry import World

from attacks.evidence import predicate
from attacks.model import Attack, Family, allowed, denied

HSM = "hsm.json"
TESTS = "tests.json"


def _hsms(*rows: dict[str, Any]) -> Change:
    """Return the change after which these HSMs were asked, each for both keys."""

    def change(said: dict[str, Any]) -> None:
        said["hsms"] = [{"site": "fra", "model": "X", "firmware": "3.4", **row} for row in rows]
        said["possession"] = [
            answer(row["serial"], index, name) for index, name in enumerate(("zsk", "ksk")) for row in rows
        ]

    return change


def _three_slots(said: dict[str, Any]) -> None:
    _hsms(*({"serial": "A1", "slot": slot} for slot in range(3)))(said)


def _simulators(said: dict[str, Any]) -> None:
    _hsms(*({"serial": f"SIM-{n}", "slot": n, "model": "SoftHSM", "firmware": "2.6"} for n in range(3)))(said)


def _one_serial(said: dict[str, Any]) -> None:
    """The lab says three; what it saw was one."""
    said["hsms"] = said["hsms"][:1]
    said["possession"] = [row for row in said["possession"] if row["serial"] == "A1"]


def _by_tag(said: dict[str, Any]) -> None:
    for row in said["possession"]:
        row.update(publicKey=None, signature=None)


def _exercises(change: Callable[[dict[str, Any]], Any], scenario: str = "zsk-rollover") -> World:
    """Return the world in which one exercise is changed."""

    def each(said: dict[str, Any]) -> None:
        for run in said["exercises"]:
            if run["scenario"] == scenario:
                change(run)

    return predicate(HSM, each)


def _without(scenario: str) -> Change:
    def change(said: dict[str, Any]) -> None:
        said["exercises"] = [run for run in said["exercises"] if run["scenario"] != scenario]

    return change


def _only_told(run: dict[str, Any]) -> None:
    run["keys"] = []
    for event in run["events"]:
        event.update(key=None, possession=[], published=[], signing=[])


def _unverified(run: dict[str, Any]) -> None:
    run["events"][2]["signing"][1].update(verified=0, zone="invalid")


def _on_one(run: dict[str, Any]) -> None:
    """The list of HSMs says three; what answered was one."""
    for event in run["events"]:
        event.update(possession=event["possession"][:1], signing=event["signing"][:1])


def _left(run: dict[str, Any]) -> None:
    run["events"][3]["possession"][2]["privateKeys"] = 1


def _two_firmwares(environment: dict[str, Any]) -> None:
    environment["spec"]["hsms"][2]["firmware"] = "3.5"


MIXED = World().with_document("environment", _two_firmwares)
"""production runs two firmwares"""


FAMILY = Family(
    id="B8",
    title="The test environment of 5 May 2026 had one HSM; a report that says three without three serials is the same.",
    attacks=(
        Attack(
            variant="count-3-serial-1",
            why="The laboratory speaks of three HSMs; the answers it saw are from one serial.",
            deny=denied(predicate(HSM, _one_serial), 10, "COV-HSM"),
        ),
        Attack(
            variant="slots-of-one-hsm",
            why="Three slots of one HSM are offered as three HSMs: one firmware, one place, one failure.",
            deny=denied(predicate(HSM, _three_slots), 10, "COV-HSM", "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="simulator-only",
            why="Three simulators answered; no unit of production was asked.",
            deny=denied(predicate(HSM, _simulators), 10, "COV-HSM"),
        ),
        Attack(
            variant="keys-by-tag",
            why="The keys were compared by their tag: no public key, no signature, only the declared number.",
            deny=denied(predicate(HSM, _by_tag), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="rollover-absent",
            why="No ZSK rollover was exercised, and the code that failed on 5 May 2026 runs in no other hour.",
            deny=denied(predicate(HSM, _without("zsk-rollover")), 10, "COV-HSM"),
        ),
        Attack(
            variant="skipped-as-passed",
            why="The rollover is marked completed and not one step of it was seen.",
            deny=denied(_exercises(lambda run: run.update(events=[])), 10, "COV-HSM"),
        ),
        Attack(
            variant="rollover-on-one-hsm",
            why="The rollover ran to its end, on one HSM of three.",
            deny=denied(_exercises(lambda run: run.update(serials=["B7"])), 10, "COV-HSM"),
        ),
        Attack(
            variant="no-hsm-lost",
            why="The rollover under loss of an HSM ran with every HSM up.",
            deny=denied(_exercises(lambda run: run.update(serialsDown=[]), "hsm-loss-during-rollover"), 10, "COV-HSM"),
        ),
        Attack(
            variant="completed-and-nothing-verifies",
            why="The rollover is called completed; in its own steps no key verifies what one HSM signed.",
            deny=denied(_exercises(_unverified), 10, "COV-HSM"),
        ),
        Attack(
            variant="told-and-not-shown",
            why="The rollover is called completed, with three HSMs; its steps are words, and no HSM signed anything.",
            deny=denied(_exercises(_only_told), 10, "COV-HSM"),
        ),
        Attack(
            variant="one-hsm-called-three",
            why="The rollover lists three HSMs; in its steps one answered, as in the test environment of 5 May 2026.",
            deny=denied(_exercises(_on_one), 10, "COV-HSM"),
        ),
        Attack(
            variant="old-key-left",
            why="The rollover is called completed; the retired key is still in one HSM.",
            deny=denied(_exercises(_left), 10, "COV-HSM"),
        ),
        Attack(
            variant="passed-with-failed-tests",
            why="The result is PASSED and the list of failed tests is not empty.",
            deny=denied(predicate(TESTS, lambda said: said.update(failedTests=["rollover"])), 10, "TEST-RESULT"),
        ),
        Attack(
            variant="warned",
            why="The result is WARNED, which somebody may take for good enough.",
            deny=denied(predicate(TESTS, lambda said: said.update(result="WARNED")), 10, "TEST-RESULT"),
        ),
        Attack(
            variant="zero-tests",
            why="The result is PASSED: of no test, none failed.",
            deny=denied(predicate(TESTS, lambda said: said.update(passedTests=[])), 10, "TEST-RESULT"),
        ),
        Attack(
            variant="two-of-three",
            why="Two of three HSMs were asked; the third was in maintenance.",
            deny=denied(predicate(HSM, _hsms({"serial": "A1", "slot": 0}, {"serial": "B7", "slot": 1})), 10, "COV-HSM"),
        ),
        Attack(
            variant="one-firmware",
            why="Production runs two firmwares; the laboratory has one of them.",
            deny=denied(MIXED, 10, "COV-HSM"),
            allow=allowed(MIXED.with_predicate(HSM, lambda said: said["hsms"][2].update(firmware="3.5"))),
        ),
    ),
)
