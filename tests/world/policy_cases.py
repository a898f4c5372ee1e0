"""The cases of the shipped policies: `PYTHONPATH=tests python -m world.policy_cases` writes policies/cases anew.

What each case must end in stands in the policy that names it. Keys are test keys, worth nothing.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from world.documents import dump
from world.pieces import freeze, halt, waiver
from world.policy_changes import (
    ZONE_PIECES,
    approval,
    asking,
    builder_level,
    every_fault,
    extra_signature,
    from_a_branch,
    from_strangers,
    holder,
    made,
    one_combined_key,
    only,
    release,
    requester_is,
    sampled,
    three_keys,
    trusting,
    warned,
    without_fault,
    without_ksk,
    without_scenario,
    zones,
)
from world.registry import World

CASES = Path(__file__).resolve().parents[2] / "policies" / "cases"

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
    back = asking("rollback", release=release("2.9.4"), replaces={"version": "3.0.1"})
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
    yield case("flags-that-name-servers-ignore", zones(base, warned("NSEC3PARAM_FLAGS")))
    yield case("a-sample-of-the-zone", zones(base, sampled))
    yield case("signatures-about-to-expire", zones(base, lambda said: said.update(minRemainingSeconds=86_400)))
    stale = zones(base, made(before, before), lambda said: said.update(validationTime=before))
    yield case("old-validation", stale)


def _halt(case: Callable[..., Case], base: World, *faults: str) -> Iterator[Case]:
    for name in faults:
        yield case(f"no-fault-{name}", base.with_predicate("halt.json", without_fault(name)))
    probe = {"vantage": "ns1", "at": "2026-04-10T10:01:01Z", "serial": 2026041001, "validates": True}
    slow = every_fault(haltedOn="2026-04-10T10:01:01Z", probes=[probe])
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
