"""A job with the deploy job's environment deploys too, whatever its name."""

import json

import pytest

from attestations.errors import InputError
from gatekeeper.pipelines import examine
from gatekeeper.pipelines.rules import MAX_ALIKE
from tests.gatekeeper.pipelines.conftest import FILES

JOBS = {
    "github": "  ship:\n    runs-on: x\n    environment: %s\n    steps: [{run: ship}]\n",
    "forgejo": "  ship:\n    runs-on: x\n    environment: %s\n    steps: [{run: ship}]\n",
    "gitlab": "ship:\n  stage: deploy\n  environment: %s\n  script: [ship]\n",
    "azure": "      - deployment: ship\n        environment: %s\n"
    "        strategy: {runOnce: {deploy: {steps: [{script: ship}]}}}\n",
}
BEFORE = {
    "github": "  deploy:\n",
    "forgejo": "  deploy:\n",
    "gitlab": "deploy:\n",
    "azure": "      - deployment: deploy\n",
}
VERIFIED = "ship:\n  stage: deploy\n  environment: production\n  script: [gate.sh verify, ship]\n"
SAME = ("production", "{name: production}", "Production", "$WHERE", "prod$X")
OTHERS = ("staging", "production-of-old", "review/$CI_COMMIT_REF_SLUG", "{url: https://production}")


def with_job(system, text):
    return (FILES[system][0], BEFORE[system], text + BEFORE[system])


@pytest.mark.parametrize("system", JOBS)
def test_another_job_of_the_same_environment_must_verify_too(system, rules_of):
    assert "not-verified" in rules_of(system, with_job(system, JOBS[system] % "production"))


@pytest.mark.parametrize("system", JOBS)
def test_a_job_of_another_environment_is_let_be(system, rules_of):
    assert rules_of(system, with_job(system, JOBS[system] % "staging")) == set()


@pytest.mark.parametrize("said", SAME)
def test_an_environment_that_may_be_the_same_is_the_same(said, rules_of):
    assert rules_of("gitlab", with_job("gitlab", JOBS["gitlab"] % said)) == {"not-verified"}


@pytest.mark.parametrize("said", OTHERS)
def test_an_environment_that_cannot_be_the_same_is_another(said, rules_of):
    assert rules_of("gitlab", with_job("gitlab", JOBS["gitlab"] % said)) == set()


def test_another_deploy_job_that_verifies_is_accepted(rules_of):
    assert rules_of("gitlab", with_job("gitlab", VERIFIED)) == set()


def test_a_machine_of_an_environment_of_azure_is_in_that_environment(rules_of):
    assert "not-verified" in rules_of("azure", with_job("azure", JOBS["azure"] % "production.signer1"))


def test_the_finding_says_why_the_job_counts(tmp_path):
    (tmp_path / "a.yml").write_text(
        "ship: {environment: p, script: ls}\ndeploy: {environment: p, script: gate.sh verify}\n"
    )
    told = [one.found for one in examine("gitlab", (tmp_path / "a.yml",), ("deploy",)) if one.rule == "not-verified"]
    assert told == [
        "ship does not begin with a check of the approval; ship deploys too: its environment is 'p', as that of deploy"
    ]


@pytest.mark.parametrize("count", [MAX_ALIKE, MAX_ALIKE + 1])
def test_so_many_jobs_of_one_environment_are_judged_and_no_more(count, tmp_path):
    jobs = {name: {"environment": "p", "script": "ls"} for name in ("deploy", *map(str, range(count)))}
    (tmp_path / "a.yml").write_text(json.dumps(jobs))
    if count > MAX_ALIKE:
        with pytest.raises(InputError, match="LIMIT"):
            examine("gitlab", (tmp_path / "a.yml",), ("deploy",))
    else:
        assert examine("gitlab", (tmp_path / "a.yml",), ("deploy",))
