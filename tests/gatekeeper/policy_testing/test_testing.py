"""A policy's tests: the verdict and exactly its reasons, a reason for each requirement, and something that passes."""

import pytest

from attestations.errors import InputError
from gatekeeper.policy_testing import run_tests


def keeping(*cases):
    def change(document):
        document["tests"] = [test for test in document["tests"] if test["case"].rpartition("/")[2] in cases]

    return change


def expecting(case, **expectation):
    def change(document):
        next(test for test in document["tests"] if test["case"].endswith(f"/{case}"))["expect"] = expectation

    return change


def test_a_case_passes_by_its_verdict_and_exactly_its_reasons(policy_of, policies):
    run = run_tests(policy_of("rollback"), policies)
    assert all(tested.passed for tested in run.cases)
    assert {str(tested.ending) for tested in run.cases} >= {"approve", "deny by way-back", "inconclusive by one-person"}


@pytest.mark.parametrize(
    "expectation",
    [
        {"decision": "inconclusive", "by": ["way-back"]},
        {"decision": "deny", "by": ["one-person"]},
        {"decision": "deny", "by": ["way-back", "one-person"]},
        {"decision": "deny"},
    ],
)
def test_a_case_fails_by_another_verdict_and_by_other_fewer_or_more_reasons(policy_of, policies, expectation):
    run = run_tests(policy_of("rollback", expecting("way-back-too-slow", **expectation)), policies)
    assert [tested.test.case for tested in run.cases if not tested.passed] == ["cases/rollback/way-back-too-slow"]
    assert not run.passed


def test_the_order_in_which_reasons_are_expected_does_not_matter(policy_of, policies):
    by = ["way-back", "one-key-in-every-hsm"]
    run = run_tests(
        policy_of("rollback", expecting("evidence-from-strangers", decision="inconclusive", by=by)), policies
    )
    assert run.passed


def test_a_requirement_that_is_the_reason_of_no_case_is_named(policy_of, policies):
    run = run_tests(policy_of("rollback", keeping("in-order", "way-back-too-slow", "nobody-signs-off")), policies)
    assert run.without_reason == ("approved-release", "one-key-in-every-hsm")
    assert not run.passed


def test_a_policy_that_approves_no_case_does_not_pass(policy_of, policies):
    run = run_tests(policy_of("rollback", keeping("way-back-too-slow")), policies)
    assert not run.approves
    assert not run.passed


def test_a_policy_without_tests_does_not_pass(policy_of, policies):
    run = run_tests(policy_of("rollback", keeping()), policies)
    assert (run.cases, run.mutants, run.passed) == ((), 0, False)
    assert len(run.without_reason) == 4


def test_a_case_that_the_policy_may_not_judge_is_unusable(policy_of, policies):
    def foreign(document):
        document["tests"].append({"name": "foreign", "case": "cases/in-order", "expect": {"decision": "approve"}})

    with pytest.raises(InputError, match="POL-SCOPE"):
        run_tests(policy_of("rollback", foreign), policies)
