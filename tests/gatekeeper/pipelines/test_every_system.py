"""The shipped templates have no way around the gate; each of ten and more edits of each has one, and it is named."""

import pytest

from gatekeeper.pipelines import SYSTEMS
from tests.gatekeeper.pipelines.conftest import FILES

ISSUE, VERIFY, COMMISSION = "gate.sh issue", "gate.sh verify", "/usr/local/sbin/commission-signer /opt/signer/next"
GITLAB, COMPONENT = FILES["gitlab"]
PIPELINE, TASK, DEPLOY_TASK = FILES["tekton"]
AZURE, AZURE_GATE = FILES["azure"]
JENKINS, BUILDKITE, WOODPECKER = "jenkins/Jenkinsfile", "buildkite/pipeline.yml", "woodpecker/.woodpecker.yml"
ZEROS = "@sha256:" + "0" * 64

EDITS = {
    "gitlab": {
        "allow-failure": ("failure-ignored", COMPONENT, "  script:\n", "  allow_failure: true\n  script:\n"),
        "one-exit-code-allowed": (
            "failure-ignored",
            COMPONENT,
            "  script:\n",
            "  allow_failure: {exit_codes: [11]}\n  script:\n",
        ),
        "allowed-by-a-rule": (
            "failure-ignored",
            COMPONENT,
            "  script:\n",
            "  rules: [{if: $X, allow_failure: true}]\n  script:\n",
        ),
        "started-by-hand": ("failure-ignored", COMPONENT, "  script:\n", "  when: manual\n  script:\n"),
        "left-out-by-a-rule": ("gate-skippable", COMPONENT, "  script:\n", "  rules: [{if: $GATED}]\n  script:\n"),
        "or-true": ("exit-code-lost", COMPONENT, ISSUE, f"{ISSUE} || true"),
        "edited-exit-code": ("exit-code-lost", COMPONENT, f"- {ISSUE}", f"- {ISSUE}\n    - exit 0"),
        "evaluate": ("gate-missing", COMPONENT, ISSUE, "gate.sh evaluate"),
        "when-always": ("starts-regardless", GITLAB, "  stage: deploy\n", "  stage: deploy\n  when: always\n"),
        "always-by-a-rule": (
            "starts-regardless",
            GITLAB,
            "  stage: deploy\n",
            "  stage: deploy\n  rules: [{when: always}]\n",
        ),
        "needs-empty": ("not-behind-the-gate", GITLAB, "  stage: deploy\n", "  stage: deploy\n  needs: []\n"),
        "needs-optional": (
            "not-behind-the-gate",
            GITLAB,
            "  stage: deploy\n",
            "  stage: deploy\n  needs: [{job: gate, optional: true}]\n",
        ),
        "in-an-earlier-stage": ("not-behind-the-gate", GITLAB, "  stage: deploy\n", "  stage: .pre\n"),
        "not-verified": ("not-verified", GITLAB, f"    - {VERIFY}\n", ""),
        "deploys-in-the-after-script": (
            "starts-regardless",
            GITLAB,
            f"    - {COMMISSION}",
            f"    - echo\n  after_script:\n    - {COMMISSION}",
        ),
        "component-by-branch": ("not-pinned", GITLAB, "0" * 40, "main"),
        "image-by-tag": ("not-pinned", GITLAB, ZEROS, ":latest"),
        "input-in-a-script": ("spliced", COMPONENT, ISSUE, "echo $[[ inputs.request ]]\n    - gate.sh issue"),
        "component-not-given": ("gate-missing", GITLAB, "signer-gate@", "another@"),
    },
    "jenkins": {
        "catch-error": ("failure-ignored", JENKINS, f"sh '{ISSUE}'", f"catchError {{ sh '{ISSUE}' }}"),
        "warn-error": ("failure-ignored", JENKINS, f"sh '{ISSUE}'", f"warnError('x') {{ sh '{ISSUE}' }}"),
        "status-returned": ("failure-ignored", JENKINS, f"sh '{ISSUE}'", f"sh script: '{ISSUE}', returnStatus: true"),
        "tried": ("failure-ignored", JENKINS, f"sh '{ISSUE}'", f"try {{ sh '{ISSUE}' }} catch (e) {{ echo 'fine' }}"),
        "or-true": ("exit-code-lost", JENKINS, ISSUE, f"{ISSUE} || true"),
        "edited-exit-code": ("exit-code-lost", JENKINS, f"'{ISSUE}'", f"'''{ISSUE}\nexit 0'''"),
        "when": ("gate-skippable", JENKINS, "agent { label 'gatekeeper' }", "agent any\n when { branch 'main' }"),
        "evaluate": ("gate-missing", JENKINS, ISSUE, "gate.sh evaluate"),
        "not-verified": ("not-verified", JENKINS, f"sh '{VERIFY}'", ""),
        "order-of-stages": ("not-behind-the-gate", JENKINS, "stage('gate')", "stage('deploy')"),
        "renamed": ("deploy-missing", JENKINS, "stage('deploy')", "stage('ship')"),
        "spliced": ("spliced", JENKINS, "sh '/usr/local/sbin", 'sh "echo ${params.TITLE}"\nsh \'/usr/local/sbin'),
        "parallel": (
            "not-judged",
            JENKINS,
            "steps {\n                checkout",
            "parallel { }\n steps {\n                checkout",
        ),
        "scripted": ("danger", JENKINS, "pipeline {", "node {"),
    },
    "tekton": {
        "task-may-fail": (
            "failure-ignored",
            PIPELINE,
            "    - name: gate\n",
            "    - name: gate\n      onError: continue\n",
        ),
        "step-may-fail": ("failure-ignored", TASK, "    - name: gate\n", "    - name: gate\n      onError: continue\n"),
        "when": (
            "gate-skippable",
            PIPELINE,
            "    - name: gate\n",
            "    - name: gate\n      when: [{input: a, operator: in, values: [a]}]\n",
        ),
        "run-after-dropped": ("not-behind-the-gate", PIPELINE, "      runAfter: [gate]\n", ""),
        "renamed": ("needs-nothing", PIPELINE, "    - name: gate\n", "    - name: checks\n"),
        "or-true": ("exit-code-lost", TASK, ISSUE, f"{ISSUE} || true"),
        "edited-exit-code": ("exit-code-lost", TASK, ISSUE, f"{ISSUE}\n        exit 0"),
        "evaluate": ("gate-missing", TASK, ISSUE, "gate.sh evaluate"),
        "not-verified": ("not-verified", DEPLOY_TASK, f"        {VERIFY}\n", ""),
        "verification-may-fail": (
            "failure-ignored",
            DEPLOY_TASK,
            "    - name: deploy\n",
            "    - name: deploy\n      onError: continue\n",
        ),
        "finally": ("danger", PIPELINE, "  tasks:\n", "  finally: [{name: ship}]\n  tasks:\n"),
        "image-by-tag": ("not-pinned", TASK, ZEROS, ":latest"),
        "spliced": ("spliced", TASK, ISSUE, f"echo $(params.request)\n        {ISSUE}"),
    },
    "buildkite": {
        "soft-fail": ("failure-ignored", BUILDKITE, "  - key: gate\n", "  - key: gate\n    soft_fail: true\n"),
        "soft-fail-by-status": (
            "failure-ignored",
            BUILDKITE,
            "  - key: gate\n",
            "  - key: gate\n    soft_fail: [{exit_status: 11}]\n",
        ),
        "depends-on-over-block": ("not-behind-the-gate", BUILDKITE, "depends_on: [gate, look]", "depends_on: [build]"),
        "depends-on-nothing": ("not-behind-the-gate", BUILDKITE, "depends_on: [gate, look]", "depends_on: []"),
        "dependency-may-fail": (
            "starts-regardless",
            BUILDKITE,
            "depends_on: [gate, look]",
            "depends_on: [{step: gate, allow_failure: true}]",
        ),
        "allow-dependency-failure": (
            "starts-regardless",
            BUILDKITE,
            "    agents: {queue: signer}\n",
            "    agents: {queue: signer}\n    allow_dependency_failure: true\n",
        ),
        "renamed": ("needs-nothing", BUILDKITE, "- key: gate\n", "- key: checks\n"),
        "if": ("gate-skippable", BUILDKITE, "  - key: gate\n", '  - key: gate\n    if: build.branch == "main"\n'),
        "or-true": ("exit-code-lost", BUILDKITE, ISSUE, f"{ISSUE} || true"),
        "edited-exit-code": ("exit-code-lost", BUILDKITE, f"command: {ISSUE}", f"commands: [{ISSUE}, exit 0]"),
        "evaluate": ("gate-missing", BUILDKITE, ISSUE, "gate.sh evaluate"),
        "not-verified": ("not-verified", BUILDKITE, f"      - {VERIFY}\n", ""),
        "spliced": (
            "spliced",
            BUILDKITE,
            f"      - {VERIFY}\n",
            f"      - {VERIFY}\n      - echo $BUILDKITE_MESSAGE\n",
        ),
        "plugin-by-tag": (
            "not-pinned",
            BUILDKITE,
            "  - key: gate\n",
            '  - key: gate\n    plugins: ["docker#v5.12.0"]\n',
        ),
    },
    "azure": {
        "continue-on-error": (
            "failure-ignored",
            AZURE_GATE,
            "  - job: gate\n",
            "  - job: gate\n    continueOnError: true\n",
        ),
        "step-may-fail": (
            "failure-ignored",
            AZURE_GATE,
            "        name: gate\n",
            "        name: gate\n        continueOnError: true\n",
        ),
        "always": (
            "starts-regardless",
            AZURE,
            "    dependsOn: gate\n",
            "    dependsOn: gate\n    condition: always()\n",
        ),
        "succeeded-or-failed": (
            "starts-regardless",
            AZURE,
            "    dependsOn: gate\n",
            "    dependsOn: gate\n    condition: succeededOrFailed()\n",
        ),
        "any-condition-of-its-own": (
            "starts-regardless",
            AZURE,
            "    dependsOn: gate\n",
            "    dependsOn: gate\n    condition: eq(variables.x, 'y')\n",
        ),
        "depends-on-nothing": ("not-behind-the-gate", AZURE, "    dependsOn: gate\n", "    dependsOn: []\n"),
        "renamed": ("needs-nothing", AZURE, "  - stage: gate\n", "  - stage: checks\n"),
        "disabled": (
            "gate-skippable",
            AZURE_GATE,
            "        name: gate\n",
            "        name: gate\n        enabled: false\n",
        ),
        "or-true": ("exit-code-lost", AZURE_GATE, ISSUE, f"{ISSUE} || true"),
        "edited-exit-code": (
            "exit-code-lost",
            AZURE_GATE,
            f"- script: {ISSUE}",
            f"- script: |\n          {ISSUE}\n          exit 0",
        ),
        "evaluate": ("gate-missing", AZURE_GATE, ISSUE, "gate.sh evaluate"),
        "not-verified": ("not-verified", AZURE, f"- script: {VERIFY}", "- script: echo"),
        "verification-may-fail": (
            "failure-ignored",
            AZURE,
            f"- script: {VERIFY}\n",
            f"- script: {VERIFY}\n                  continueOnError: true\n",
        ),
        "spliced": ("spliced", AZURE, f"- script: {COMMISSION}", "- script: echo $(Build.SourceVersionMessage)"),
        "template-not-given": (
            "gate-missing",
            AZURE,
            "- template: templates/gate.yml",
            "- template: templates/another.yml",
        ),
    },
    "woodpecker": {
        "failure-ignored": ("failure-ignored", WOODPECKER, "  - name: gate\n", "  - name: gate\n    failure: ignore\n"),
        "runs-on-failure": (
            "starts-regardless",
            WOODPECKER,
            "  - name: deploy\n",
            "  - name: deploy\n    when: [{status: [success, failure]}]\n",
        ),
        "depends-on-nothing": (
            "not-behind-the-gate",
            WOODPECKER,
            "  - name: deploy\n",
            "  - name: deploy\n    depends_on: []\n",
        ),
        "renamed": ("needs-nothing", WOODPECKER, "  - name: deploy\n", "  - name: deploy\n    depends_on: [checks]\n"),
        "when": ("gate-skippable", WOODPECKER, "  - name: gate\n", "  - name: gate\n    when: [{branch: main}]\n"),
        "or-true": ("exit-code-lost", WOODPECKER, ISSUE, f"{ISSUE} || true"),
        "edited-exit-code": ("exit-code-lost", WOODPECKER, f"- {ISSUE}", f"- {ISSUE}\n      - exit 0"),
        "evaluate": ("gate-missing", WOODPECKER, ISSUE, "gate.sh evaluate"),
        "not-verified": ("not-verified", WOODPECKER, f"      - {VERIFY}\n", ""),
        "spliced": (
            "spliced",
            WOODPECKER,
            f"      - {VERIFY}\n",
            f"      - {VERIFY}\n      - echo ${{CI_COMMIT_MESSAGE}}\n",
        ),
        "image-by-tag": ("not-pinned", WOODPECKER, ZEROS, ":latest"),
    },
}
ROWS = [(system, name) for system, edits in EDITS.items() for name in edits]


def test_every_system_has_its_templates_and_its_edits():
    assert set(FILES) == set(SYSTEMS)
    assert set(EDITS) | {"github", "forgejo"} == set(SYSTEMS)
    assert all(len(edits) >= 10 for edits in EDITS.values())


@pytest.mark.parametrize("system", FILES)
def test_the_shipped_templates_have_no_way_around_the_gate(system, rules_of):
    assert rules_of(system) == set()


@pytest.mark.parametrize(("system", "name"), ROWS, ids=lambda value: value)
def test_a_way_around_the_gate_is_found_and_named(system, name, rules_of):
    rule, *edit = EDITS[system][name]
    assert rule in rules_of(system, edit)
