"""The cases of the shipped policies: `PYTHONPATH=tests python -m world.policy_cases` writes policies/cases anew.

What each case must end in stands in the policy that names it. Keys are test keys, worth nothing.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from world.documents import COMPONENTS, SERIALS, dump, party
from world.keys import digest
from world.pieces import Bindings, Piece, answer, freeze, halt, key_use, waiver, zone_dnskey
from world.registry import World

CASES = Path(__file__).resolve().parents[2] / "policies" / "cases"
SAME_TAG = ("zsk", "zsk of another HSM 28834", "zsk of another HSM 57588")
"""three zone keys with one key tag, as on 5 May 2026"""
ZONE_PIECES = ("zone-bind.json", "zone-native.json")

Change = Callable[[dict[str, Any]], Any]
People = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Case:
    """One folder: a world, and who signs it off."""

    folder: str
    world: World
    people: People
    base: str | None = None


def signed_by(*names: str, **more: str) -> People:
    return tuple({"name": name, **more} for name in names)


# What the cases do to a world.


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


# The cases of each policy.

TWO, ONE = signed_by("alice", "bob"), signed_by("alice")


def signer_release() -> Iterator[Case]:
    base = World()

    def case(folder: str, world: World = base, people: People = TWO) -> Case:
        return Case(folder, world, people, base="in-order")

    yield Case("in-order", base, TWO)
    yield case("three-keys-one-tag", three_keys(base))
    strangers = [name for name in base.pieces if name != "zone-bind.json"]
    yield case("evidence-from-strangers", from_strangers(base, *strangers))
    yield case("builder-of-a-lower-level", trusting(base, builder_level(2)))
    yield case("built-from-a-branch", base.with_predicate("provenance.json", from_a_branch))
    one_person = ["SLSA_SOURCE_LEVEL_3"]
    review = base.with_predicate("source.json", lambda said: said.update(verifiedLevels=one_person))
    yield case("source-reviewed-by-one-person", review)
    nine = ["rollover-on-every-hsm", *(f"test-{number}" for number in range(8))]
    yield case("nine-tests", base.with_predicate("tests.json", lambda said: said.update(passedTests=nine)))
    other = [f"test-{number}" for number in range(10)]
    untested = base.with_predicate("tests.json", lambda said: said.update(passedTests=other))
    yield case("rollover-not-among-the-tests", untested)
    yield from _hsm(case, base, "2026-04-07T11:59:59Z", "zsk-rollover", "ksk-rollover", "hsm-loss-during-rollover")
    yield from _zone(case, base, "2026-04-10T05:59:59Z")
    yield case("one-validator", base.without("zone-native.json"))
    yield from _halt(case, base, "wrong-key", "expired", "verifier-crash", "restart")
    yield from _way_back(case, base, "2026-03-11T11:59:59Z", seconds=901, backup=86_400)
    iterations = zones(base, lambda said: said["denial"].update(iterations=5))
    yield case("denial-with-iterations", iterations)
    yield from _people(case, base, TWO)
    yield case("author-signs-off", people=signed_by("erin", "bob"))
    yield case("no-release-manager", people=signed_by("bob"))
    yield case("no-crypto-officer", people=ONE)
    yield case("rejected", people=(*TWO, {"name": "carol", "verdict": "reject"}))
    yield from _waivers(case, base.without("rollback.json"))
    yield case("frozen", base.adding("freeze.json", freeze("signer-release")))


def zsk_rollover() -> Iterator[Case]:
    base = only(asking("zsk-rollover"), "hsm.json", *ZONE_PIECES, "halt.json", approval=approval())

    def case(folder: str, world: World = base, people: People = TWO) -> Case:
        return Case(f"zsk-rollover/{folder}", world, people, base="in-order")

    yield replace(case("in-order"), base=None)
    rollover = {"zone": "example.", "kind": "zsk-rollover", "algorithm": 13, "key_tags": [4711]}
    declared = base.with_document("request", lambda request: request["spec"].update(rollover=rollover))
    extra = extra_signature("SIG_EXTRA_NO_KEY", "noKey")
    yield case("signatures-that-the-rollover-explains", zones(declared, extra))
    yield case("three-keys-one-tag", three_keys(base))
    yield case("evidence-from-strangers", from_strangers(base, "hsm.json", "zone-native.json", "halt.json"))
    yield from _approved(case, base)
    yield from _hsm(case, base, "2026-04-07T11:59:59Z", "zsk-rollover", "hsm-loss-during-rollover")
    yield from _zone(case, base, "2026-04-10T05:59:59Z")
    yield case("one-validator", base.without("zone-native.json"))
    yield from _halt(case, base, "wrong-key", "restart")
    yield from _people(case, base, TWO)
    yield case("no-release-manager", people=signed_by("bob"))
    yield case("no-crypto-officer", people=ONE)


def rollback() -> Iterator[Case]:
    back = asking("rollback", release=release("2.9.4"), replaces=None)
    base = only(back, "hsm.json", "rollback.json", approval=approval())

    def case(folder: str, world: World = base, people: People = ONE) -> Case:
        return Case(f"rollback/{folder}", world, people, base="in-order")

    yield replace(case("in-order"), base=None)
    yield case("halted", base.adding("halt.json", halt()))
    yield case("evidence-from-strangers", from_strangers(base, "hsm.json", "rollback.json"))
    yield from _approved(case, base)
    yield from _hsm(case, base, "2026-04-09T11:59:59Z", "zsk-rollover")
    yield from _way_back(case, base, "2026-01-10T11:59:59Z", seconds=1801, backup=86_400)
    yield case("requester-signs-off", trusting(base, requester_is("alice")))
    yield case("signed-off-long-ago", people=signed_by("alice", signed_on="2026-04-09T11:59:59Z"))
    yield case("nobody-signs-off", people=())


def second_level() -> Iterator[Case]:
    pieces = ("provenance.json", "hsm.json", "zone-bind.json", "rollback.json")
    base = trusting(only(World(), *pieces), builder_level(2))

    def case(folder: str, world: World = base, people: People = ONE) -> Case:
        return Case(f"second-level/{folder}", world, people, base="in-order")

    yield replace(case("in-order"), base=None)
    yield case("three-keys-one-tag", three_keys(base))
    yield case("evidence-from-strangers", from_strangers(base, *pieces))
    yield case("builder-of-a-lower-level", trusting(base, builder_level(1)))
    yield from _hsm(case, base, "2026-04-03T11:59:59Z", "zsk-rollover")
    yield from _zone(case, base, "2026-04-09T11:59:59Z")
    yield from _way_back(case, base, "2025-10-12T11:59:59Z", seconds=7201, backup=None)
    yield case("requester-signs-off", trusting(base, requester_is("alice")))
    yield case("author-signs-off", people=signed_by("erin"))
    yield case("signed-off-long-ago", people=signed_by("alice", signed_on="2026-04-03T11:59:59Z"))


def _approved(case: Callable[..., Case], base: World) -> Iterator[Case]:
    yield case("a-component-that-was-not-approved", base.adding("approval.json", approval(swapped="rollover-agent")))
    yield case("approved-for-another-stage", base.adding("approval.json", approval(stage="laboratory")))
    forged = replace(approval(), signers=("operations-1", "operations-2"))
    yield case("approved-by-operations", base.adding("approval.json", forged))


def _hsm(case: Callable[..., Case], base: World, before: str, *scenarios: str) -> Iterator[Case]:
    for name in scenarios:
        yield case(f"no-{name}", base.with_predicate("hsm.json", without_scenario(name)))
    yield case("no-key-signing-key", base.with_predicate("hsm.json", without_ksk))
    yield case("no-zone-signing-key", one_combined_key(base))
    yield case("old-hsm-evidence", base.with_predicate("hsm.json", made(before, before)))


def _zone(case: Callable[..., Case], base: World, before: str) -> Iterator[Case]:
    yield case("wrong-signature-beside-a-good-one", zones(base, extra_signature("SIG_EXTRA_WRONG_KEY", "bogus")))
    yield case("signature-by-an-unknown-key", zones(base, extra_signature("SIG_EXTRA_NO_KEY", "noKey")))
    yield case("a-sample-of-the-zone", zones(base, sampled))
    yield case("signatures-about-to-expire", zones(base, lambda said: said.update(minRemainingSeconds=86_400)))
    stale = zones(base, made(before, before), lambda said: said.update(validationTime=before))
    yield case("old-validation", stale)


def _halt(case: Callable[..., Case], base: World, *faults: str) -> Iterator[Case]:
    for name in faults:
        yield case(f"no-fault-{name}", base.with_predicate("halt.json", without_fault(name)))
    slow = every_fault(haltedOn="2026-04-10T10:01:01Z")
    yield case("halted-too-late", base.with_predicate("halt.json", slow))
    yield case("halted-by-hand", base.with_predicate("halt.json", every_fault(unattended=False)))
    old = made("2026-03-11T11:00:00Z", "2026-03-11T11:59:59Z")
    yield case("old-halt-drill", base.with_predicate("halt.json", old))


def _way_back(
    case: Callable[..., Case], base: World, before: str, *, seconds: int, backup: int | None
) -> Iterator[Case]:
    slow = base.with_predicate("rollback.json", lambda said: said.update(restoreSeconds=seconds))
    yield case("way-back-too-slow", slow)
    far = made(before, before)
    long_lived = base.with_predicate("rollback.json", far, lambda said: said.update(backupMinRemainingSeconds=10**9))
    yield case("old-rollback-drill", long_lived)
    if backup is not None:
        expiring = base.with_predicate("rollback.json", lambda said: said.update(backupMinRemainingSeconds=backup))
        yield case("backup-about-to-expire", expiring)


def _people(case: Callable[..., Case], base: World, people: People) -> Iterator[Case]:
    yield case("requester-signs-off", trusting(base, requester_is("alice")))
    measured = trusting(base, lambda trust: holder(trust, "hsm-lab").update(people=["alice"]))
    yield case("evidence-signer-signs-off", measured)
    long_ago = tuple({**each, "signed_on": "2026-04-07T11:59:59Z"} for each in people)
    yield case("signed-off-long-ago", people=long_ago)


def _waivers(case: Callable[..., Case], base: World) -> Iterator[Case]:
    yield case("waived", base.adding("waiver.json", waiver("way-back", "carol", "dave")))
    yield case("waived-without-a-release-manager", base.adding("waiver.json", waiver("way-back", "dave")))
    yield case("waived-without-a-security-officer", base.adding("waiver.json", waiver("way-back", "carol")))
    life = {"notBefore": "2026-04-01T00:00:00Z", "notAfter": "2026-04-16T00:00:00Z"}
    lasting = waiver("way-back", "carol", "dave").change(lambda said: said.update(life))
    yield case("waived-for-too-long", base.adding("waiver.json", lasting))


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


# The folders.


def files_of(case: Case) -> dict[str, bytes]:
    """Return every file of the case, as if it had no base."""
    files = replace(case.world, signing_off=()).files()
    del files["policy.yaml"]
    return files | {"now": f"{case.world.now}\n".encode(), "sign-offs.yaml": dump({"people": list(case.people)})}


def folders() -> dict[str, dict[str, bytes]]:
    """Return, by folder below policies/cases, what stands in it: what differs from the base."""
    cases = [case for policy in (signer_release, zsk_rollover, rollback, second_level) for case in policy()]
    whole = {case.folder: files_of(case) for case in cases}
    return {case.folder: _overlay(case, whole) for case in cases}


def _overlay(case: Case, whole: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
    files = whole[case.folder]
    if case.base is None:
        return files
    inherited = whole[(PurePosixPath(case.folder).parent / case.base).as_posix()]
    overlay = {name: raw for name, raw in files.items() if inherited.get(name) != raw}
    overlay["base"] = f"../{case.base}\n".encode()
    if left_out := sorted(set(inherited) - set(files)):
        overlay["without"] = "".join(f"{name}\n" for name in left_out).encode()
    return overlay


def main() -> None:
    """Replace everything below policies/cases."""
    shutil.rmtree(CASES, ignore_errors=True)
    for folder, files in folders().items():
        for name, raw in files.items():
            path = CASES / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)


if __name__ == "__main__":
    main()
