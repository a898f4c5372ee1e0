"""Mutants: every member that can be weaker is made weaker, and a policy whose cases do not notice fails its test."""

from typing import get_args

import msgspec
import pytest

from attestations.records import plain
from gatekeeper.policy.document import WaiverRules
from gatekeeper.policy_testing import run_tests
from gatekeeper.policy_testing.mutants import mutants_of
from gatekeeper.policy_testing.strength import WAYS, Way, is_weaker, way_of
from gatekeeper.requirements import AnyRequirement

KINDS = (*get_args(AnyRequirement), WaiverRules)
PARTIES = frozenset({"ci-builder", "vendor"})


def members(kind):
    info = msgspec.inspect.type_info(kind)
    for field in info.fields:
        types = getattr(field.type, "types", (field.type,))
        records = [each.cls for each in types if isinstance(each, msgspec.inspect.StructType)]
        if len(records) < len(types):
            yield field.encode_name
        for record in records:
            yield from members(record)


def changes(policy, parties=PARTIES):
    return {(mutant.of, mutant.change) for mutant in mutants_of(policy, parties)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__)
def test_the_table_says_of_every_member_of_every_kind_which_way_it_is_weaker(kind):
    assert [name for name in members(kind) if name not in WAYS] == []


def test_people_are_counted_under_their_role():
    assert way_of(("need", "release-manager")) is Way.LOWER
    assert way_of(("waivers", "approvers", "max_age")) is Way.LOWER
    assert way_of(("release-manager",)) is Way.NEUTRAL


def test_every_kind_of_weakening_is_made_of_the_shipped_policy(policy_of):
    made = changes(policy_of())
    assert {
        ("build-provenance", "dropped"),
        ("build-provenance", "expect.level: 3 made 2"),
        ("build-provenance", "expect.ref: refs/tags/v{release.version} taken out"),
        ("build-provenance", "from: any party (vendor)"),
        ("release-tests", "expect.at_least: 10 made 9"),
        ("release-tests", "expect.tests: rollover-on-every-hsm taken out"),
        ("one-key-in-every-hsm", "scenarios: ksk-rollover taken out"),
        ("one-key-in-every-hsm", "roles: zsk taken out"),
        ("one-key-in-every-hsm", "max_age: 3d made 3000d"),
        ("every-signature-verifies", "quorum.at_least: 2 made 1"),
        ("every-signature-verifies", "coverage: a single RRset accepted as a sample"),
        ("every-signature-verifies", "min_remaining: 3d taken out"),
        ("every-signature-verifies", "refuse_warnings: SIG_EXTRA_NO_KEY taken out"),
        ("anomaly-stops-publication", "expect.halted_within: 1m made 1d"),
        ("anomaly-stops-publication", "expect.unattended: true made false"),
        ("way-back", "expect.backup_valid_for: 3d taken out"),
        ("nsec3-without-iterations", "predicate.denial.iterations == 0 replaced by true"),
        ("two-people", "need.crypto-officer: 1 made 0"),
        ("two-people", "not: requester taken out"),
        ("waivers", "max_life: 14d made 14000d"),
        ("waivers", "approvers.release-manager: 1 made 0"),
    } <= made
    assert not [change for _, change in made if change.startswith(("waivable", "title", "kind", "id"))]


def test_what_would_be_no_policy_any_more_is_no_mutant(policy_of):
    def one_of_each(document):
        requirements = document["spec"]["requirements"]
        requirements[3].update(scenarios=["zsk-rollover"], roles=["zsk"])
        requirements[4]["quorum"]["at_least"] = 1
        requirements[8]["need"] = {"release-manager": 1}

    made = changes(policy_of("signer-release", one_of_each))
    for of, member in (
        ("one-key-in-every-hsm", "scenarios"),
        ("one-key-in-every-hsm", "roles"),
        ("every-signature-verifies", "quorum"),
        ("two-people", "need"),
    ):
        assert not [change for name, change in made if name == of and change.startswith(member)]
        assert (of, "dropped") in made


def test_a_requirement_is_dropped_with_what_is_asserted_over_it(policy_of):
    dropped = next(
        mutant
        for mutant in mutants_of(policy_of(), PARTIES)
        if (mutant.of, mutant.change) == ("every-signature-verifies", "dropped")
    )
    left = [requirement.id for requirement in dropped.policy.record.spec.requirements]
    assert "every-signature-verifies" not in left
    assert "nsec3-without-iterations" not in left
    assert "two-people" in left


def test_a_mutant_differs_in_one_place_and_keeps_the_digest_of_the_policy(policy_of):
    policy = policy_of()
    for mutant in mutants_of(policy, PARTIES):
        assert mutant.policy.digest == policy.digest
        before, after = plain(policy.record), plain(mutant.policy.record)
        assert before != after
        assert {name for name in before if before[name] != after[name]} == {"spec"}


def test_what_a_mutant_changes_is_weaker_by_the_table_as_well(policy_of):
    policy = policy_of()
    before = {each["id"]: each for each in plain(policy.record)["spec"]["requirements"]}
    for mutant in mutants_of(policy, PARTIES):
        member = mutant.change.partition(":")[0].split(".")
        if mutant.of not in before or member[0] not in before[mutant.of]:
            continue
        was, now = (
            before[mutant.of],
            next(each for each in plain(mutant.policy.record)["spec"]["requirements"] if each["id"] == mutant.of),
        )
        for name in member:
            was, now = was.get(name), now.get(name)
        assert is_weaker(tuple(member), was, now), mutant


@pytest.mark.parametrize(
    ("name", "case", "of", "change"),
    [
        ("second-level", "builder-of-a-lower-level", "build-provenance", "expect.level: 2 made 1"),
        (
            "second-level",
            "a-sample-of-the-zone",
            "every-signature-verifies",
            "coverage: a single RRset accepted as a sample",
        ),
        ("second-level", "author-signs-off", "one-person", "not: author taken out"),
        ("rollback", "no-key-signing-key", "one-key-in-every-hsm", "roles: ksk taken out"),
        ("rollback", "old-hsm-evidence", "one-key-in-every-hsm", "max_age: 1d made 1000d"),
        ("rollback", "backup-about-to-expire", "way-back", "expect.backup_valid_for: 2d taken out"),
    ],
)
def test_without_its_case_a_mutant_survives_and_is_named(policy_of, policies, name, case, of, change):
    def leave_out(document):
        document["tests"] = [test for test in document["tests"] if test["case"] != f"cases/{name}/{case}"]

    run = run_tests(policy_of(name, leave_out), policies)
    assert [(mutant.of, mutant.change) for mutant in run.survivors] == [(of, change)]
    assert run.survivors[0].missing_case.startswith("a case ")
    assert all(tested.passed for tested in run.cases)
    assert not run.passed


def test_without_the_cases_of_waivers_nobody_holds_the_rules_for_waivers(policy_of, policies):
    def leave_out(document):
        document["tests"] = [test for test in document["tests"] if "/waived-" not in test["case"]]

    survivors = run_tests(policy_of("signer-release", leave_out), policies).survivors
    assert {mutant.of for mutant in survivors} == {"waivers"}
    assert len(survivors) == 3


def test_without_the_case_of_strangers_every_widened_list_of_parties_survives(policy_of, policies):
    def leave_out(document):
        document["tests"] = [test for test in document["tests"] if "strangers" not in test["case"]]

    survivors = run_tests(policy_of("rollback", leave_out), policies).survivors
    assert {mutant.of for mutant in survivors} == {"one-key-in-every-hsm", "way-back"}
    assert all(mutant.change.startswith("from: any party (") for mutant in survivors)
