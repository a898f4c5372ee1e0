"""Two policies compared: which cases end otherwise, and which members are weaker or stronger."""

import pytest
from world.registry import World

from gatekeeper.case_file import write_case_file
from gatekeeper.cli.reporting import report_of
from gatekeeper.gate import Issued
from gatekeeper.policy_testing import compare, read_recorded_case
from gatekeeper.policy_testing.strength import is_weaker


def requirement(number, **members):
    return lambda document: document["spec"]["requirements"][number].update(members)


def drop(number):
    return lambda document: document["spec"]["requirements"].pop(number)


def members(comparison):
    return [(member.place, member.effect) for member in comparison.members]


@pytest.fixture
def case_file(tmp_path):
    """Write a world's judgement as a case file, as `issue` does."""

    def write(world):
        judgement = world.judge()
        issued = Issued(judgement=judgement, summary=b"{}", proof="", index=0, approval=None)
        path = tmp_path / "r.case"
        path.write_bytes(write_case_file(issued, report_of(judgement)))
        return path

    return write


def test_a_policy_does_not_differ_from_itself(policy_of, case_of):
    comparison = compare(policy_of(), policy_of(), [case_of("in-order"), case_of("three-keys-one-tag")])
    assert (comparison.cases, comparison.members, comparison.compared, comparison.looser) == ((), (), 2, False)


def test_a_dropped_requirement_approves_what_only_it_refused(policy_of, case_of):
    cases = [case_of("in-order"), case_of("way-back-too-slow"), case_of("nine-tests")]
    comparison = compare(policy_of(), policy_of("signer-release", drop(6)), cases)
    (changed,) = comparison.cases
    assert changed.name.endswith("way-back-too-slow")
    assert (str(changed.before), str(changed.after)) == ("deny by way-back", "approve")
    assert changed.newly_approved
    assert comparison.looser
    assert members(comparison) == [("way-back", "weaker: removed")]


def test_the_other_way_round_nothing_is_looser(policy_of, case_of):
    comparison = compare(policy_of("signer-release", drop(6)), policy_of(), [case_of("way-back-too-slow")])
    assert [(str(case.before), str(case.after)) for case in comparison.cases] == [("approve", "deny by way-back")]
    assert not comparison.looser
    assert members(comparison) == [("way-back", "stronger: added")]


def test_other_reasons_for_the_same_verdict_are_a_difference(policy_of, case_of):
    comparison = compare(policy_of(), policy_of("signer-release", drop(3)), [case_of("three-keys-one-tag")])
    assert [str(case.after) for case in comparison.cases] == ["deny by every-signature-verifies"]
    assert not comparison.looser


def test_a_policy_that_no_longer_judges_the_case_approves_nothing(policy_of, case_of):
    narrowed = policy_of("signer-release", lambda document: document["spec"]["applies_to"].update(stages=["full"]))
    comparison = compare(policy_of(), narrowed, [case_of("in-order")])
    assert [case.after.decision for case in comparison.cases] == ["not judged"]
    assert list(comparison.cases[0].after.reasons) == ["POL-SCOPE"]
    assert not comparison.looser
    assert members(comparison) == [("applies_to.stages", "stronger")]
    assert compare(narrowed, policy_of(), [case_of("in-order")]).looser


@pytest.mark.parametrize(
    ("change", "place", "effect", "before", "after"),
    [
        (requirement(3, max_age="96h"), "one-key-in-every-hsm.max_age", "weaker", "3d", "4d"),
        (requirement(3, max_age="1h"), "one-key-in-every-hsm.max_age", "stronger", "3d", "1h"),
        (requirement(3, title="Other words"), "one-key-in-every-hsm.title", "changed", None, "Other words"),
        (requirement(3, scenarios=["zsk-rollover"]), "one-key-in-every-hsm.scenarios", "weaker", None, "zsk-rollover"),
        (requirement(5, waivable=False), "anomaly-stops-publication.waivable", "stronger", "True", "False"),
        (requirement(2, **{"from": ["ci-tests", "hsm-lab"]}), "release-tests.from", "weaker", "ci-tests", None),
        (requirement(2, **{"from": ["hsm-lab"]}), "release-tests.from", "changed", "ci-tests", "hsm-lab"),
        (requirement(4, min_remaining="7d"), "every-signature-verifies.min_remaining", "stronger", "3d", "7d"),
        (requirement(8, need={"release-manager": 2, "crypto-officer": 1}), None, "stronger", "1", "2"),
        (requirement(8, need={"release-manager": 1}), "two-people.need.crypto-officer", "weaker", "1", "nothing"),
        (lambda document: document["spec"].pop("waivers"), "waivers", "stronger", None, "nothing"),
        (
            lambda document: document["spec"]["approval"].update(valid_for="96h"),
            "approval.valid_for",
            "weaker",
            "2d",
            "4d",
        ),
    ],
)
def test_a_changed_member_is_told_with_its_direction(policy_of, change, place, effect, before, after):
    (member,) = compare(policy_of(), policy_of("signer-release", change), ()).members
    assert member.effect == effect
    for expected, found in ((place, member.place), (before, member.before), (after, member.after)):
        assert expected in (None, found)


def test_an_expression_is_shown_as_it_is_written(policy_of):
    def other(document):
        document["spec"]["requirements"][7]["assert"][0]["expr"] = "predicate.denial.iterations <= 5"

    (member,) = compare(policy_of(), policy_of("signer-release", other), ()).members
    assert (member.before, member.after) == ("predicate.denial.iterations == 0", "predicate.denial.iterations <= 5")


@pytest.mark.parametrize(
    ("path", "before", "after", "weaker"),
    [
        (("build_types",), ["a"], [], True),
        (("build_types",), [], ["a"], False),
        (("build_types",), ["a"], ["a", "b"], True),
        (("ref",), "refs/tags/v1", None, True),
        (("ref",), None, "refs/tags/v1", False),
        (("ref",), "refs/tags/v1", "refs/heads/main", None),
        (("max_age",), "1h", None, True),
        (("min_remaining",), "1h", None, True),
        (("min_remaining",), None, "1h", False),
        (("coverage",), "full", {"detectable_fraction": 0.01, "confidence": 0.99}, True),
        (("coverage",), {"detectable_fraction": 0.01, "confidence": 0.99}, "full", None),
        (("coverage", "detectable_fraction"), 0.01, 0.1, True),
        (("coverage", "confidence"), 0.99, 0.999, False),
        (("expect", "unattended"), True, False, True),
        (("expect", "faults"), ["a", "b"], ["b", "c"], None),
        (("expect", "source"), "one", "other", None),
        (("expect", "level"), 3, 3, None),
    ],
)
def test_which_of_two_values_asks_for_less(path, before, after, weaker):
    assert is_weaker(path, before, after) is weaker


def test_a_recorded_case_is_judged_with_the_people_who_signed_it_off(policy_of, case_file):
    path = case_file(World().with_predicate("rollback.json", lambda said: said.update(restoreSeconds=901)))
    comparison = compare(policy_of(), policy_of("signer-release", drop(6)), [read_recorded_case(path)])
    assert [(str(case.before), str(case.after)) for case in comparison.cases] == [("deny by way-back", "approve")]


def test_whoever_signed_another_case_off_does_not_count_in_a_recorded_one(policy_of, case_file):
    stale = World().signed_off_by(
        "alice", "bob", change=lambda piece: piece.change(lambda said: said.update(caseDigest="0" * 64))
    )
    case = read_recorded_case(case_file(stale))
    assert case.sayings == ()
    comparison = compare(policy_of(), policy_of("signer-release", drop(8)), [case])
    assert [str(changed.before) for changed in comparison.cases] == ["inconclusive by two-people"]


def test_a_recorded_rejection_stands_under_any_policy(policy_of, case_file):
    rejected = World().signed_off_by("alice", "bob", change=lambda p: p.change(lambda s: s.update(verdict="reject")))
    case = read_recorded_case(case_file(rejected))
    assert {saying.verdict for saying in case.sayings} == {"reject"}
    comparison = compare(policy_of("signer-release", drop(6)), policy_of(), [case])
    assert comparison.cases == ()
