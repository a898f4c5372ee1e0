"""B7 Stale or replayed evidence."""

from typing import Any

from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import Change
from world.registry import World

from attacks.evidence import predicate, subjects
from attacks.model import Attack, Family, allowed, denied

EARLIER_REQUEST = digest("the request of last month")


def _made(finished: str, started: str = "2026-04-01T00:00:00Z") -> Change:
    """Return the change to evidence of another time, with the exercises of that time."""

    def change(said: dict[str, Any]) -> None:
        said.update(startedOn=started, finishedOn=finished)
        for event in (event for run in said["exercises"] for event in run["events"]):
            event["at"] = finished

    return change


def _of_another_build(label: str) -> World:
    """Return the world whose drill was run on files of the same names, whose content was another."""
    parts = ({"name": name, "digest": {"sha256": digest(f"{name} {label}")}} for name in COMPONENTS)
    return subjects("rollback.json", *parts)


def _environment(name: str, content: str | None = None) -> Change:
    def change(said: dict[str, Any]) -> None:
        said["environment"] = {"name": name, "digest": digest(content) if content else said["environment"]["digest"]}

    return change


def _replayed(said: dict[str, Any]) -> None:
    said.update(requestDigest=EARLIER_REQUEST, nonce="0b" * 32)


FAMILY = Family(
    id="B7",
    title="Last month's green run says nothing about this build, this firmware or this zone.",
    attacks=(
        Attack(
            variant="previous-build",
            why="The rollback drill was run on the build before this one.",
            deny=denied(_of_another_build("2.9.4"), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="over-max-age",
            why="The HSM evidence is one second older than 72 hours; its twin is 72 hours old.",
            deny=denied(predicate("hsm.json", _made("2026-04-07T11:59:59Z")), 11, "EVID-STALE"),
            allow=allowed(predicate("hsm.json", _made("2026-04-07T12:00:00Z"))),
        ),
        Attack(
            variant="other-environment",
            why="The HSM evidence is about the staging environment.",
            deny=denied(predicate("hsm.json", _environment("example-staging")), 11, "EVID-STALE"),
        ),
        Attack(
            variant="older-inventory",
            why="The HSM evidence is about an earlier version of the inventory, before the third HSM was bought.",
            deny=denied(predicate("hsm.json", _environment("example-production", "version 6")), 11, "EVID-STALE"),
        ),
        Attack(
            variant="same-version-other-digest",
            why="The drill was run on files that call themselves 3.0.1, before they were built again.",
            deny=denied(_of_another_build("3.0.1, first build"), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="future-time",
            why="The statement is dated ahead, so that it stays fresh for longer; five minutes are clock skew.",
            deny=denied(predicate("hsm.json", _made("2026-04-10T12:05:01Z")), 11, "EVID-STALE"),
            allow=allowed(predicate("hsm.json", _made("2026-04-10T12:05:00Z"))),
        ),
        Attack(
            variant="no-zone-offset",
            why="The time has no offset: two hours older or younger, by where it is read.",
            deny=denied(predicate("hsm.json", _made("2026-04-10T10:05:00")), 11, "SCHEMA"),
            allow=allowed(predicate("hsm.json", _made("2026-04-10T10:05:00Z"))),
        ),
        Attack(
            variant="run-id-reused",
            why="The statement carries the nonce of this request and the digest of another.",
            deny=denied(
                predicate("hsm.json", lambda said: said.update(requestDigest=EARLIER_REQUEST)), 11, "EVID-STALE"
            ),
        ),
        Attack(
            variant="nonce-missing",
            why="The statement does not carry the nonce: it may have been made before anybody asked.",
            deny=denied(predicate("hsm.json", lambda said: said.pop("nonce") and None), 11, "EVID-STALE"),
        ),
        Attack(
            variant="rolled-back-release",
            why="The same files were approved, put into service and rolled back; now their first evidence returns.",
            deny=denied(predicate("hsm.json", _replayed), 11, "EVID-STALE"),
        ),
    ),
)
