"""GitLab: variables of a dotenv report overrule those of the jobs that take it; only the gate's own may."""

import pytest

from tests.gatekeeper.pipelines.conftest import FILES

GITLAB, COMPONENT = FILES["gitlab"]
DEPLOY, OWN = "deploy:\n  stage: deploy\n", "dotenv: gatekeeper-results/outputs.env"
BUILD = "build:\n  stage: {}\n  script: [make]\n  artifacts: {}\n"
REPORT, PATHS = "{reports: {dotenv: build.env}}", "{paths: [build.env]}"
BESIDE, BEFORE = BUILD.format("gate", REPORT), BUILD.format(".pre", REPORT)
FOUND = {
    "beside-the-gate": (GITLAB, DEPLOY, BESIDE + DEPLOY),
    "before-the-gate": (GITLAB, DEPLOY, f"{BEFORE}{DEPLOY}  dependencies: [gate]\n"),
    "needed": (GITLAB, DEPLOY, f"{BESIDE}{DEPLOY}  needs: [gate, build]\n"),
    "needed-if-there": (GITLAB, DEPLOY, f"{BESIDE}{DEPLOY}  needs: [gate, {{job: build, optional: true}}]\n"),
    "depended-on": (GITLAB, DEPLOY, f"{BESIDE}{DEPLOY}  dependencies: [gate, build]\n"),
    "by-default": (
        GITLAB,
        DEPLOY,
        f"default: {{artifacts: {REPORT}}}\nbuild: {{stage: gate, script: [make]}}\n{DEPLOY}",
    ),
    "from-another-file-of-the-gate": (COMPONENT, OWN, "dotenv: evidence/outputs.env"),
    "from-two-files-of-the-gate": (COMPONENT, OWN, "dotenv: [gatekeeper-results/outputs.env, more.env]"),
}
HARMLESS = {
    "no-report": (GITLAB, DEPLOY, BUILD.format("gate", PATHS) + DEPLOY),
    "only-the-gate-depended-on": (GITLAB, DEPLOY, f"{BESIDE}{DEPLOY}  dependencies: [gate]\n"),
    "only-the-gate-needed": (GITLAB, DEPLOY, f"{BESIDE}{DEPLOY}  needs: [gate]\n"),
    "needed-without-artifacts": (
        GITLAB,
        DEPLOY,
        f"{BESIDE}{DEPLOY}  needs: [gate, {{job: build, artifacts: false}}]\n",
    ),
    "later": (GITLAB, DEPLOY, BUILD.format(".post", REPORT) + DEPLOY),
}


@pytest.mark.parametrize("name", FOUND)
def test_variables_from_another_job_are_found(name, rules_of):
    assert rules_of("gitlab", FOUND[name]) == {"overruled"}


@pytest.mark.parametrize("name", HARMLESS)
def test_variables_that_do_not_reach_gate_and_deploy_job_are_let_be(name, rules_of):
    assert rules_of("gitlab", HARMLESS[name]) == set()


def test_the_gates_own_report_follows_its_folder(rules_of):
    moved = (COMPONENT, "    GATE_SYSTEM: gitlab\n", "    GATE_SYSTEM: gitlab\n    GATE_OUT: results\n")
    assert rules_of("gitlab", moved) == {"overruled"}
    assert rules_of("gitlab", moved, (COMPONENT, OWN, "dotenv: results/outputs.env")) == set()


def test_artifacts_of_another_project_are_not_judged(rules_of):
    need = "{project: a/b, job: x, ref: main%s}"
    for more, rules in ((", artifacts: true", {"not-judged"}), (", artifacts: false", set())):
        assert rules_of("gitlab", (GITLAB, DEPLOY, f"{DEPLOY}  needs: [gate, {need % more}]\n")) == rules
