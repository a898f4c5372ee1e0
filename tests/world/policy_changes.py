"""What the cases of the shipped policies do to a world, one thing at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from world.documents import COMPONENTS, SERIALS, party
from world.hsm_rows import answer, zone_dnskey
from world.keys import digest
from world.pieces import Bindings, Piece, key_use
from world.registry import World

SAME_TAG = ("zsk", "zsk of another HSM 28834", "zsk of another HSM 57588")
"""three zone keys with one key tag, as on 5 May 2026"""
ZONE_PIECES = ("zone-bind.json", "zone-native.json")

Change = Callable[[dict[str, Any]], Any]


def trusting(world: World, change: Change) -> World:
    return world.with_document("trust", change)


def holder(trust: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in (*trust["spec"]["parties"], *trust["spec"]["people"]) if each["name"] == name)


def zones(world: World, *changes: Change) -> World:
    """Change the evidence of every validator that the world has."""
    for name in ZONE_PIECES:
        world = world.with_predicate(name, *changes) if name in world.pieces else world
    return world


def made(started: str, finished: str) -> Change:
    return lambda predicate: predicate.update(startedOn=started, finishedOn=finished)


def from_strangers(world: World, *names: str) -> World:
    """A vendor whom the trust root knows, and the policy does not, says what the named pieces say."""
    may = ["provenance", "source-review", "test-result", "hsm-key-coverage", "zone-validation"]
    vendor = party(
        "vendor",
        [*may, "halt-drill", "rollback-drill"],
        code_base="vendor-validator",
        builder_ids={"https://ci.example/builders/hardened": 3},
        verifier_ids=["https://source.example/verifier"],
    )
    world = trusting(world, lambda trust: trust["spec"]["parties"].append(vendor))
    for name in names:
        world = world.with_piece(name, lambda piece: replace(piece, signers=("vendor",)))
    for name in set(names) & set(ZONE_PIECES):
        world = world.with_predicate(name, lambda said: said["validator"].update(codeBase="vendor-validator"))
    return world


def three_keys(world: World) -> World:
    """Each HSM holds another private key under the tag of the one that is published."""

    def possession(predicate: dict[str, Any]) -> None:
        held = zip(SERIALS, SAME_TAG, strict=True)
        zsk = [answer(serial, 0, name) for serial, name in held]
        predicate["possession"] = zsk + [row for row in predicate["possession"] if row["key"] == 1]

    def validation(predicate: dict[str, Any]) -> None:
        predicate["validator"]["verdict"] = "invalid"
        predicate["counts"].update(ok=1105, bogus=2206)
        predicate["byKey"] = [key_use("zsk", 256, 1103), key_use("ksk", 257, 2)]
        predicate["findings"] = [finding("SIG_WRONG_KEY", "error")]

    return zones(world.with_predicate("hsm.json", possession), validation)


def finding(code: str, severity: str) -> dict[str, Any]:
    return {
        "code": code,
        "severity": severity,
        "owner": "www.example.",
        "rtype": "A",
        "message": "no published key verifies this signature",
        "keyTag": 4711,
        "algorithm": 13,
    }


def extra_signature(code: str, count: str) -> Change:
    """A bad signature beside a good one: legal, and a sign of a second key at work."""

    def change(predicate: dict[str, Any]) -> None:
        predicate["counts"].update({"rrsigs": 3312, count: 1})
        predicate["findings"] = [finding(code, "warning")]

    return change


def warned(code: str) -> Change:
    """A zone in which every signature is good, and of which something else is said."""
    return lambda predicate: predicate.update(findings=[finding(code, "warning")])


def sampled(predicate: dict[str, Any]) -> None:
    predicate["coverage"] = {"mode": "sample", "population": 3310, "checked": 331}


def one_combined_key(world: World) -> World:
    """A zone with a single key for both roles: nothing says that its HSMs hold a zone signing key."""

    def coverage(predicate: dict[str, Any]) -> None:
        predicate["keys"] = [zone_dnskey("ksk", 257)]
        predicate["possession"] = [answer(serial, 0, "ksk") for serial in SERIALS]

    return zones(
        world.with_predicate("hsm.json", coverage), lambda said: said.update(byKey=[key_use("ksk", 257, 3311)])
    )


def without_ksk(predicate: dict[str, Any]) -> None:
    predicate["keys"] = predicate["keys"][:1]
    predicate["possession"] = [row for row in predicate["possession"] if row["key"] == 0]


def without_scenario(name: str) -> Change:
    def change(predicate: dict[str, Any]) -> None:
        predicate["exercises"] = [run for run in predicate["exercises"] if run["scenario"] != name]

    return change


def without_fault(name: str) -> Change:
    def change(predicate: dict[str, Any]) -> None:
        predicate["faults"] = [each for each in predicate["faults"] if each["fault"] != name]

    return change


def every_fault(**changes: Any) -> Change:
    def change(predicate: dict[str, Any]) -> None:
        for each in predicate["faults"]:
            each.update(changes)

    return change


def approval(stage: str = "canary", swapped: str | None = None) -> Piece:
    """The approval of last year, expired since, of the components that the request names."""

    def predicate(_: Bindings) -> dict[str, Any]:
        document = {"name": "then", "version": 1, "digest": digest("document of last year")}
        return {
            "requestId": "r-2025-0301",
            "requestDigest": digest("request of last year"),
            "environment": {"name": "example-production", "digest": digest("environment of last year")},
            "stage": stage,
            "change": "signer-release",
            "release": "signer",
            "version": "2.9.4",
            "policy": document,
            "trust": document,
            "requirements": [],
            "waivers": [],
            "evidence": [],
            "caseDigest": digest("case of last year"),
            "decisionDigest": digest("decision of last year"),
            "issuedOn": "2025-11-03T09:00:00Z",
            "notAfter": "2025-11-05T09:00:00Z",
        }

    subjects = tuple((name, {"sha256": digest(f"{name}, swapped" if name == swapped else name)}) for name in COMPONENTS)
    return Piece("commissioning-approval", predicate, ("gate",), subjects)


def asking(change: str, **spec: Any) -> World:
    """The base world, asking for another kind of change."""

    def document(request: dict[str, Any]) -> None:
        request["spec"].update(change=change, **spec)
        request["spec"] = {name: value for name, value in request["spec"].items() if value is not None}

    return World().with_document("request", document)


def only(world: World, *names: str, **more: Piece) -> World:
    pieces = {name: world.pieces[name] for name in names}
    return replace(world, pieces=pieces | {f"{name}.json": piece for name, piece in more.items()})


def builder_level(level: int) -> Change:
    return lambda trust: holder(trust, "ci-builder").update(builder_ids={"https://ci.example/builders/hardened": level})


def requester_is(person: str) -> Change:
    return lambda trust: holder(trust, person)["accounts"].append("release-bot@registry.example")


def from_a_branch(predicate: dict[str, Any]) -> None:
    definition = predicate["buildDefinition"]
    uri = definition["externalParameters"]["source"].replace("refs/tags/v3.0.1", "refs/heads/main")
    definition["externalParameters"]["source"] = uri
    definition["resolvedDependencies"][0]["uri"] = uri


def release(version: str) -> dict[str, Any]:
    components = [{"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS]
    return {"name": "signer", "version": version, "components": components}
