"""docs/policies.md says what the code does."""

import re

import pytest

from gatekeeper.policy_testing import cases
from gatekeeper.policy_testing.strength import WAYS, Way

MUTATED = {Way.LONGER, Way.LOWER, Way.FEWER, Way.ABSENT, Way.ANY, Way.SHORTER, Way.COVERAGE, Way.FALSE}
NO_MUTANTS = {"confidence", "valid_for"}


@pytest.fixture(scope="module")
def page(policies):
    return (policies.parent / "docs" / "policies.md").read_text(encoding="utf-8")


def test_it_names_every_shipped_policy_and_no_other(page, policies):
    assert set(re.findall(r"\(\.\./policies/([a-z-]+\.yaml)\)", page)) == {
        path.name for path in policies.glob("*.yaml")
    }


def test_it_names_every_file_of_a_case_folder(page):
    table = page.partition("A case is a folder")[2].partition("Most cases")[0]
    names = set(re.findall(r"`([a-z.-]+)/?`", table))
    documented = (cases.__doc__ or "").partition("\n\n")[2].split()
    assert len(names) == 8
    assert names <= {name.rstrip("/") for name in documented}


def test_it_names_every_member_that_is_mutated(page):
    table = page.partition("| taken out or changed |")[2].partition("What would no longer load")[0]
    mutated = {name for name, way in WAYS.items() if way in MUTATED} - NO_MUTANTS
    assert set(re.findall(r"`([a-z_]+)`", table)) == mutated | {"from", "assert", "true"}


def test_the_output_it_shows_is_what_the_command_prints(page):
    shown = page.partition("```text\n")[2].partition("\n```")[0].splitlines()
    assert shown == [
        "✗ no case notices this mutant: way-back: expect.restored_within: 30m made 21d",
        "    next    write a case in which restored_within is just over 30m",
    ], "test_command.py holds the same lines against the command"


def test_its_example_of_tests_stands_in_the_policy(page, policies):
    example = page.partition("```yaml\ntests:\n")[2].partition("```")[0]
    assert example in (policies / "signer-release.yaml").read_text(encoding="utf-8")
