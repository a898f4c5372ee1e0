"""The requirement `test-result`: something ran, nothing failed, nothing was waved through."""

import pytest
from attacks.evidence import copy_of, subjects
from world.documents import COMPONENTS
from world.keys import digest
from world.registry import World

ID, FILE = "release-tests", "tests.json"


def changed(**fields):
    return World().with_predicate(FILE, lambda said: said.update(fields))


def passed(count, *more):
    return changed(passedTests=["rollover-on-every-hsm", *(f"t{n}" for n in range(count - 1)), *more])


def expecting(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][2]["expect"].update(options))


def part(*names):
    return tuple((name, {"sha256": digest(name)}) for name in names)


def test_a_release_whose_tests_ran_and_passed_meets_it_and_the_finding_rests_on_the_file(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    assert [(f.code, f.found, f.evidence) for f in judged.for_it] == [
        ("TEST-RESULT", "10 tests passed", (digest_of(FILE, World()),))
    ]


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (changed(result="WARNED"), "result WARNED"),
        (changed(result="FAILED"), "result FAILED"),
        (changed(failedTests=["a", "b"]), "2 failed and 0 warned tests"),
        (changed(warnedTests=["a"]), "0 failed and 1 warned tests"),
        (changed(passedTests=["rollover-on-every-hsm"]), "1 tests passed"),
        (changed(passedTests=[f"t{n}" for n in range(12)]), "not among the passed tests: rollover-on-every-hsm"),
        (expecting(tests=["b", "a"]), "not among the passed tests: a, b"),
    ],
)
def test_a_result_that_is_not_a_clean_pass_is_unmet_and_says_which_file_and_why(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    assert judged.against == [("TEST-RESULT", "unmet", f"evidence/{FILE}: {found}")]
    assert judged.result.evidence == (digest_of(FILE, world),)
    assert judged.for_it == []


def test_every_fault_of_a_result_is_told(judge):
    judged = judge(ID, changed(result="FAILED", failedTests=["a"], passedTests=[]))
    assert [found.split(": ", 1)[1] for _, _, found in judged.against] == [
        "result FAILED",
        "1 failed and 0 warned tests",
        "0 tests passed",
        "not among the passed tests: rollover-on-every-hsm",
    ]


@pytest.mark.parametrize(("world", "outcome"), [(passed(10), "met"), (passed(9), "unmet")])
def test_ten_tests_are_enough_where_ten_are_asked_and_nine_are_not(judge, world, outcome):
    assert judge(ID, world).outcome == outcome


def test_a_test_that_is_listed_twice_counts_once(judge):
    assert judge(ID, passed(9, "t0")).against == [("TEST-RESULT", "unmet", f"evidence/{FILE}: 9 tests passed")]


def test_a_component_that_no_result_is_about_leaves_it_inconclusive(judge):
    world = subjects(FILE, *({"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS[:3]))
    judged = judge(ID, world)
    assert judged.outcome == "inconclusive"
    assert judged.against == [("SUBJ-DIGEST", "inconclusive", "no test result is about configuration")]


def test_several_results_may_share_the_components_between_them(judge):
    world = World().adding(FILE, copy_of(FILE, subjects=part(*COMPONENTS[:3])))
    assert judge(ID, world.adding("rest.json", copy_of(FILE, subjects=part(COMPONENTS[3])))).outcome == "met"


def test_one_failed_result_beside_a_passed_one_denies(judge):
    failed = copy_of(FILE).change(lambda said: said.update(result="FAILED"))
    assert judge(ID, World().adding("more.json", failed)).outcome == "unmet"


def test_the_same_results_are_enough_whoever_else_said_something_else(judge):
    stranger = copy_of(FILE, signers=("nobody",)).change(lambda said: said.update(result="FAILED"))
    judged = judge(ID, World().adding("more.json", stranger))
    assert judged.outcome == "met"
    assert [note.code for note in judged.notes] == ["SIG-UNTRUSTED"]
