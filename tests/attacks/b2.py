"""B2 predicateType confusion."""

from dataclasses import replace
from typing import Any

from world.pieces import COMMIT, SOURCE, Bindings, Piece
from world.registry import World

from attacks.evidence import copy_of, statement
from attacks.model import Attack, Family, allowed, denied

SLSA = "https://slsa.dev/provenance/v1"
NOT_READ = ("TYPE-PREDICATE", "SRC-REVIEW")
"""without provenance nobody knows which commit was to be reviewed"""


def _typed(name: str, uri: str) -> World:
    return statement(name, lambda said: said.update(predicateType=uri))


def _v02(_: Bindings) -> dict[str, Any]:
    config = {"uri": f"{SOURCE}@refs/tags/v3.0.1", "digest": {"sha1": COMMIT}}
    return {
        "builder": {"id": "https://ci.example/builders/hardened"},
        "buildType": "https://ci.example/build/v1",
        "invocation": {"configSource": config, "parameters": {"target": "release"}},
    }


def _version_02(world: World) -> World:
    piece = Piece("provenance", _v02, ("ci-builder",))
    old = replace(
        piece, statement_changes=(lambda said: said.update(predicateType="https://slsa.dev/provenance/v0.2"),)
    )
    return world.adding("provenance.json", old)


def _accepting_v02(policy: dict[str, Any]) -> None:
    policy["spec"]["requirements"][0]["formats"] = ["v0.2"]


def _granting_v02(trust: dict[str, Any]) -> None:
    trust["spec"]["parties"][0]["may"] = ["provenance", "provenance-v0.2"]


FAMILY = Family(
    id="B2",
    title="A unit-test result is not an external validation, and version 0.2 does not mean what version 1 means.",
    attacks=(
        Attack(
            variant="v02-for-v1",
            why="Provenance of version 0.2 is offered where the policy wants version 1.",
            deny=denied(_version_02(World()), 11, "EVID-MISSING", "SRC-REVIEW"),
            allow=allowed(
                _version_02(World().with_document("policy", _accepting_v02).with_document("trust", _granting_v02))
            ),
        ),
        Attack(
            variant="vendor-lookalike-uri",
            why="The type lies under a domain that looks like slsa.dev.",
            deny=denied(_typed("provenance.json", "https://slsa.dev.example/provenance/v1"), 11, *NOT_READ),
        ),
        Attack(
            variant="http-vs-https",
            why="The type is spelt with another scheme.",
            deny=denied(_typed("provenance.json", SLSA.replace("https", "http")), 11, *NOT_READ),
        ),
        Attack(
            variant="test-result-as-validation",
            why="A validator that found nothing better to say signs a test result that passed.",
            deny=denied(
                World().adding("zone-bind.json", copy_of("tests.json", signers=("validator-bind",))), 11, "EXT-VALID"
            ),
        ),
        Attack(
            variant="trailing-slash",
            why="The type has a slash at its end.",
            deny=denied(_typed("provenance.json", f"{SLSA}/"), 11, *NOT_READ),
        ),
    ),
)
