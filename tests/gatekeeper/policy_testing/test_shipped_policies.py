"""The policies that are shipped: their cases are what the world makes, nothing in them can be weakened unnoticed."""

import pytest
from world import policy_cases
from world.keys import dnskey_form, signer
from world.policy_changes import SAME_TAG

from attestations import dnskey
from attestations.times import Instant
from gatekeeper.documents import read_source
from gatekeeper.environment import load_environment
from gatekeeper.policy_testing import lint, run_tests
from gatekeeper.rulebook import load_policy
from gatekeeper.trust import load_trust, read_trust_files

NAMES = ("signer-release", "zsk-rollover", "rollback", "second-level")
NOW = Instant.parse("2026-04-10T12:00:00Z")


@pytest.fixture(scope="module")
def shipped(policies):
    return {path.stem: load_policy(read_source(path)) for path in policies.glob("*.yaml")}


@pytest.fixture(scope="module")
def folders():
    return policy_cases.folders()


@pytest.fixture(scope="module")
def trust(policies):
    source = read_source(policies / "examples" / "trust.yaml")
    return load_trust(source, read_trust_files(source, policies / "examples"))


def test_these_policies_are_shipped(shipped):
    assert sorted(shipped) == sorted(NAMES)
    assert len({policy.record.metadata.name for policy in shipped.values()}) == len(NAMES)


def test_the_case_folders_are_what_the_world_makes(policies, folders):
    on_disk = {
        path.relative_to(policies / "cases").as_posix(): path.read_bytes()
        for path in (policies / "cases").rglob("*")
        if path.is_file()
    }
    made = {f"{folder}/{name}": raw for folder, files in folders.items() for name, raw in files.items()}
    assert sorted(on_disk) == sorted(made), "write the folders anew: make cases"
    assert [name for name in made if on_disk[name] != made[name]] == [], "write the folders anew: make cases"


def test_every_case_folder_is_named_by_exactly_one_policy(shipped, folders):
    named = [test.case for policy in shipped.values() for test in policy.record.tests]
    assert sorted(named) == sorted(f"cases/{folder}" for folder in folders)


@pytest.mark.parametrize("name", NAMES)
def test_every_case_ends_as_expected_and_every_mutant_is_noticed(shipped, policies, name):
    run = run_tests(shipped[name], policies)
    assert [tested.test.name for tested in run.cases if not tested.passed] == []
    assert (run.without_reason, run.survivors) == ((), ())
    assert run.approves
    assert run.passed
    assert run.mutants > len(shipped[name].record.spec.requirements)


@pytest.mark.parametrize("name", NAMES)
def test_the_lint_has_nothing_to_say_also_under_the_example_trust_root(shipped, trust, name):
    assert lint(shipped[name], NOW, trust) == ()


def test_the_three_keys_of_the_incident_are_different_keys_under_one_tag():
    forms = [dnskey_form(name) for name in SAME_TAG]
    assert len(set(forms)) == 3
    assert len({dnskey.key_tag(dnskey.rdata(256, 3, 13, form)) for form in forms}) == 1


def test_the_examples_fit_the_policies(shipped, policies, trust):
    environment = load_environment(read_source(policies / "examples" / "environment.yaml")).record
    for policy in shipped.values():
        assert set(policy.record.spec.applies_to.stages) <= set(environment.spec.stages)
    needed = {role for policy in shipped.values() for each in policy.record.spec.requirements for role in roles(each)}
    assert needed <= {role for person in trust.people for role in person.record.roles}


def roles(requirement):
    return getattr(requirement, "need", {})


def test_the_example_keys_are_test_keys_and_the_root_says_so(policies, trust):
    assert trust.metadata.development
    for path in (policies / "examples" / "keys").iterdir():
        assert path.read_text() == signer(path.stem).public.pem
