"""`gatekeeper policy lint|test|diff|show`: exit codes, text and JSON, as a release manager and a pipeline see them."""

import json

import pytest

from attestations.command_line import tell
from attestations.errors import InputError
from gatekeeper.cli import main_group


@pytest.fixture
def run(capsys):
    """Run the command as its entry point does; return exit code and standard output."""

    def ran(*arguments):
        try:
            code = main_group.main(["policy", *map(str, arguments)], prog_name="gatekeeper", standalone_mode=False)
        except InputError as error:
            code = tell(error)
        return code or 0, capsys.readouterr().out

    return ran


@pytest.fixture
def shipped(policies):
    return policies / "rollback.yaml"


LOOSER = ("rollback", "restored_within: 30m", "restored_within: 24h")
STRICTER = ("rollback", "restored_within: 30m", "restored_within: 5m")


def test_lint_is_silent_about_a_shipped_policy(run, policies, shipped):
    assert run("lint", shipped) == (0, "✓ nothing to remark\n")
    assert run("lint", shipped, "--trust", policies / "examples" / "trust.yaml")[0] == 0
    code, out = run("lint", shipped, "--output", "json")
    assert (code, json.loads(out)["remarks"], json.loads(out)["refused"]) == (0, [], False)


def test_lint_warns_and_still_ends_in_0(run, changed_file):
    path = changed_file("rollback", "      not: [requester]\n      max_age: 24h", "      not: [requester]")
    code, out = run("lint", path)
    assert code == 0
    assert out.startswith(f"~ warning  {path}:")
    assert "one-person has no max_age" in out
    assert "\n    next    write  max_age: 72h" in out


def test_lint_refuses_a_policy_without_tests_with_10(run, tmp_path, shipped):
    path = tmp_path / "policy.yaml"
    path.write_text(shipped.read_text().partition("\ntests:")[0])
    code, out = run("lint", path)
    assert code == 10
    assert f"✗ refused  {path}:" in out
    told = json.loads(run("lint", path, "--output", "json")[1])
    assert told["refused"]
    assert told["remarks"][0]["found"] == "a policy without tests"
    assert told["remarks"][0]["line"] >= 1


def test_lint_ends_in_2_where_the_policy_does_not_load(run, changed_file, tmp_path):
    assert run("lint", changed_file("rollback", "kind: rollback-drill", "kind: rollback-drills"))[0] == 2
    assert run("lint", tmp_path / "nowhere.yaml")[0] == 2


def test_lint_refuses_a_policy_whose_parties_the_trust_root_does_not_know(run, changed_file, policies):
    path = changed_file("rollback", "from: [operations]", "from: [operation]")
    assert run("lint", path)[0] == 0
    code, out = run("lint", path, "--trust", policies / "examples" / "trust.yaml")
    assert code == 10
    assert "party operation, which the trust root does not know" in out


def test_test_tells_every_case_and_the_count_of_mutants(run, shipped):
    code, out = run("test", shipped)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "✓ everything in order: approve"
    assert lines[-1].startswith("✓ 16 cases; ")
    assert lines[-1].split("; ")[1].split()[0] == lines[-1].split(" mutants")[0].split()[-1], "all noticed"
    told = json.loads(run("test", shipped, "--output", "json")[1])
    assert (told["passed"], told["survivors"], told["withoutReason"]) == (True, [], [])
    assert [each["found"]["decision"] for each in told["cases"] if each["name"].startswith("everything")] == ["approve"]


def test_test_names_a_case_that_ends_otherwise_with_found_and_wanted(run, changed_file):
    code, out = run("test", changed_file(*LOOSER))
    assert code == 10
    assert "✗ way back too slow: approve" in out
    assert "    found   approve\n    wanted  deny by way-back\n    next    correct the policy, or the case:  " in out


def test_test_names_a_mutant_that_no_case_notices_and_the_case_that_is_missing(run, changed_file):
    before = "  - name: way back too slow\n    case: cases/rollback/way-back-too-slow\n"
    before += "    expect: {decision: deny, by: [way-back]}\n"
    path = changed_file("rollback", before, "")
    code, out = run("test", path)
    assert code == 10
    assert "✗ no case notices this mutant: way-back: expect.restored_within: 30m made 21d\n" in out
    assert "    next    write a case in which restored_within is just over 30m\n" in out
    assert json.loads(run("test", path, "--output", "json")[1])["survivors"] == [
        {
            "of": "way-back",
            "change": "expect.restored_within: 30m made 21d",
            "missingCase": "a case in which restored_within is just over 30m",
        }
    ]


def test_test_says_what_a_policy_without_tests_lacks(run, tmp_path, shipped):
    path = tmp_path / "policy.yaml"
    path.write_text(shipped.read_text().partition("\ntests:")[0])
    code, out = run("test", path)
    assert code == 10
    assert "✗ no case is approved: a policy that refuses everything would pass\n" in out
    assert "✗ way-back is the reason of no case\n" in out
    assert "expect  by: [way-back]" in out


def test_test_ends_in_2_where_a_case_is_broken(run, changed_file):
    assert run("test", changed_file("rollback", "cases/rollback/halted", "cases/rollback/halt"))[0] == 2


def test_diff_of_a_policy_with_itself_is_empty(run, shipped):
    assert run("diff", shipped, shipped) == (0, "✓ 0 of 16 cases end otherwise; none is newly approved\n")


def test_diff_ends_in_10_where_something_is_approved_that_was_not(run, shipped, changed_file):
    looser = changed_file(*LOOSER)
    code, out = run("diff", shipped, looser)
    assert code == 10
    assert "✗ newly approved " in out
    assert "    before  deny by way-back (ROLLBACK-DRILL)\n    after   approve\n" in out
    assert "weaker: way-back.expect.restored_within: 30m -> 1d\n" in out
    assert out.endswith("✗ 1 of 16 cases end otherwise; some are approved that were not\n")
    told = json.loads(run("diff", shipped, looser, "--output", "json")[1])
    assert told["looser"]
    assert [case["newlyApproved"] for case in told["cases"]] == [True]
    assert told["members"][0]["effect"] == "weaker"


def test_diff_ends_in_0_where_the_new_policy_only_asks_for_more(run, shipped, changed_file):
    code, out = run("diff", changed_file(*LOOSER), shipped)
    assert code == 0
    assert "stronger: way-back.expect.restored_within: 1d -> 30m\n" in out
    assert "after   deny by way-back (ROLLBACK-DRILL)" in out


def test_diff_takes_more_cases_a_folder_of_them_or_one(run, shipped, changed_file, policies):
    stricter = changed_file(*STRICTER)
    for more in (policies / "cases" / "rollback", policies / "cases" / "rollback" / "halted"):
        code, out = run("diff", shipped, stricter, "--cases", more)
        assert code == 0
        assert "of 16 cases" not in out.splitlines()[-1]
    assert run("diff", shipped, stricter, "--cases", policies / "README.md")[0] == 2


def test_show_tells_the_policy_in_both_forms(run, shipped):
    code, out = run("show", shipped)
    assert code == 0
    assert "4. One person who did not ask for it says yes to exactly this case  (one-person)" in out
    assert "can never be waived" in out
    told = json.loads(run("show", shipped, "--output", "json")[1])
    assert f"sha256 {told['digest']}\n" in out
    assert len(told["requirements"]) == 4
