"""Ways to make the gate advisory on GitHub: the shipped workflow is accepted, each of these changes is not."""

from pathlib import Path

import pytest
import yaml

from gatekeeper.pipelines import examine
from gatekeeper.pipelines.github import INPUTS

TEMPLATE = Path(__file__).parents[3] / "ci_templates" / "github" / "deploy.yml"
TEXT = TEMPLATE.read_text(encoding="utf-8")


def rules(text, tmp_path, *, deploys=("deploy",)):
    path = tmp_path / "deploy.yml"
    path.write_text(text, encoding="utf-8")
    return {one.rule for one in examine("github", (path,), deploys)}


def changed(change):
    """The workflow with a change in what it says; comments are lost."""
    document = yaml.load(TEXT, Loader=yaml.BaseLoader)  # noqa: S506  # every scalar stays text, `on` too
    change(document)
    return yaml.safe_dump(document, sort_keys=False)


def step(document, job, index):
    return document["jobs"][job]["steps"][index]


BYPASSES = {
    "continue-on-error-job": ("failure-ignored", lambda d: d["jobs"]["gate"].update({"continue-on-error": "true"})),
    "continue-on-error-step": ("failure-ignored", lambda d: step(d, "gate", 1).update({"continue-on-error": "true"})),
    "continue-on-error-by-expression": (
        "failure-ignored",
        lambda d: step(d, "gate", 1).update({"continue-on-error": "${{ github.ref != 'refs/heads/main' }}"}),
    ),
    "if-always": ("starts-regardless", lambda d: d["jobs"]["deploy"].update({"if": "always()"})),
    "if-not-cancelled": ("starts-regardless", lambda d: d["jobs"]["deploy"].update({"if": "${{ !cancelled() }}"})),
    "needs-dropped": ("not-behind-the-gate", lambda d: d["jobs"]["deploy"].pop("needs")),
    "needs-empty": ("not-behind-the-gate", lambda d: d["jobs"]["deploy"].update({"needs": []})),
    "gate-renamed": ("needs-nothing", lambda d: d["jobs"].update({"checks": d["jobs"].pop("gate")})),
    "gate-with-a-condition": ("gate-skippable", lambda d: d["jobs"]["gate"].update({"if": "github.actor != 'bot'"})),
    "gate-step-with-a-condition": ("gate-skippable", lambda d: step(d, "gate", 1).update({"if": "inputs.gated"})),
    "evaluate-in-place-of-issue": ("gate-missing", lambda d: step(d, "gate", 1)["with"].update({"mode": "evaluate"})),
    "approval-never-read": ("not-verified", lambda d: d["jobs"]["deploy"]["steps"].pop(1)),
    "verified-after-the-deed": ("not-verified", lambda d: d["jobs"]["deploy"]["steps"].reverse()),
    "verification-may-fail": ("failure-ignored", lambda d: step(d, "deploy", 1).update({"continue-on-error": "true"})),
    "pull-request-target": ("danger", lambda d: d["on"].update({"pull_request_target": ""})),
    "write-all": ("danger", lambda d: d.update({"permissions": "write-all"})),
    "no-permissions-stated": ("danger", lambda d: d.pop("permissions")),
    "action-by-tag": ("not-pinned", lambda d: step(d, "gate", 0).update({"uses": "actions/checkout@v4"})),
    "title-in-a-script": (
        "spliced",
        lambda d: step(d, "deploy", 2).update({"run": "echo ${{ github.event.head_commit.message }}"}),
    ),
    "deploy-job-renamed": ("deploy-missing", lambda d: d["jobs"].update({"ship": d["jobs"].pop("deploy")})),
}


def test_the_shipped_workflow_has_no_way_around_the_gate(tmp_path):
    assert rules(TEXT, tmp_path) == set()
    assert rules(changed(lambda _document: None), tmp_path) == set()


@pytest.mark.parametrize("name", BYPASSES)
def test_a_way_around_the_gate_is_found(name, tmp_path):
    rule, change = BYPASSES[name]
    assert rule in rules(changed(change), tmp_path)


SCRIPTS = {
    "or-true": "./gate.sh issue || true",
    "or-colon": "./gate.sh issue || :",
    "then-true": "./gate.sh issue; true",
    "and-more": "./gate.sh issue && echo fine",
    "piped": "./gate.sh issue | tee log",
    "in-the-background": "./gate.sh issue &",
    "negated": "! ./gate.sh issue",
    "asked": "if ./gate.sh issue; then echo fine; fi",
    "substituted": 'echo "$(./gate.sh issue)"',
    "lenient-shell": "set +e\n./gate.sh issue",
    "edited-exit-code": "./gate.sh issue\nexit 0",
    "trapped": "trap 'exit 0' EXIT\n./gate.sh issue",
    "never-reached": "if false; then\n./gate.sh issue\nfi",
    "never-called": "ask() {\n./gate.sh issue\n}",
    "in-a-loop-over-nothing": "for x in; do\n./gate.sh issue\ndone",
    "after-an-operator": "true ||\n./gate.sh issue",
    "in-a-subshell": "(\n./gate.sh issue\n) || echo fine",
    "in-a-here-document": "cat <<END\n./gate.sh issue\nEND",
    "in-a-quoted-text": "echo '\n./gate.sh issue\n'",
    "after-the-end": "exit\n./gate.sh issue",
    "after-the-end-on-a-condition": 'test -z "$GATED" && exit\n./gate.sh issue',
    "another-program": "exec true\n./gate.sh issue",
    "another-name": "alias ./gate.sh=true\n./gate.sh issue",
    "other-text-first": ". ./settings\n./gate.sh issue",
    "in-an-evaluated-text": "eval '\n./gate.sh issue'",
    "read-but-not-run": "set -n\n./gate.sh issue",
    "read-but-not-run-in-words": "set -o noexec\n./gate.sh issue",
    "another-program-of-that-name": "hash -p /bin/true gate.sh\ngate.sh issue",
}
PLAIN = (
    "./gate.sh issue",
    "exec ./gate.sh issue",
    '"$HOME/ci/gate.sh" issue',
    "sh ci/gate.sh issue",
    "set -eu\n./gate.sh issue",
    "mkdir -p out\ncp a.json 'out/b c.json'\n./gate.sh issue\nls out",
    "ls evidence/* || echo none\n./gate.sh issue",
)


def with_script(script):
    def change(document):
        gate = document["jobs"]["gate"]["steps"][1]
        gate.pop("uses")
        gate.pop("with")
        gate.update({"run": script, "shell": "bash"})

    return changed(change)


@pytest.mark.parametrize("script", PLAIN)
def test_a_script_that_is_the_call_alone_is_the_gate(script, tmp_path):
    assert rules(with_script(script), tmp_path) == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_can_lose_the_exit_code_is_found(name, tmp_path):
    assert rules(with_script(SCRIPTS[name]), tmp_path) & {"exit-code-lost", "gate-missing"}


@pytest.mark.parametrize("line", ["export 'PATH=bin:$PATH'", "PATH=bin", "env LD_PRELOAD=x.so ls", "cp x $GITHUB_PATH"])
def test_a_script_that_changes_which_programs_run_is_found(line, tmp_path):
    assert rules(with_script(f"{line}\n./gate.sh issue"), tmp_path) == {"hijacked"}


def test_a_gate_in_a_workflow_of_the_same_repository_counts_if_that_file_is_there(tmp_path):
    def change(document):
        document["jobs"]["gate"] = {"uses": "./.github/workflows/gate.yml", "permissions": {"contents": "read"}}

    caller = changed(change)
    called = {"on": {"workflow_call": ""}, "permissions": {}, "jobs": {"ask": yaml.safe_load(TEXT)["jobs"]["gate"]}}
    (tmp_path / "gate.yml").write_text(yaml.safe_dump(called))
    assert rules(caller, tmp_path) == {"gate-missing"}
    path = tmp_path / "deploy.yml"
    assert examine("github", (path, tmp_path / "gate.yml"), ("deploy",)) == ()
    called["jobs"]["ask"]["continue-on-error"] = True
    (tmp_path / "gate.yml").write_text(yaml.safe_dump(called))
    assert {one.rule for one in examine("github", (path, tmp_path / "gate.yml"), ("deploy",))} == {"failure-ignored"}


def test_a_strangers_workflow_is_not_the_file_of_the_same_name(tmp_path):
    called = {"on": {"workflow_call": ""}, "permissions": {}, "jobs": {"ask": yaml.safe_load(TEXT)["jobs"]["gate"]}}
    (tmp_path / "gate.yml").write_text(yaml.safe_dump(called))
    stranger = f"stranger/repository/.github/workflows/gate.yml@{'0' * 40}"
    text = changed(lambda document: document["jobs"].update(gate={"uses": stranger}))
    (tmp_path / "deploy.yml").write_text(text)
    found = examine("github", (tmp_path / "deploy.yml", tmp_path / "gate.yml"), ("deploy",))
    assert {one.rule for one in found} == {"gate-missing"}


def test_a_deploy_job_that_is_a_workflow_of_several_jobs_is_not_judged(tmp_path):
    deploy = yaml.safe_load(TEXT)["jobs"]["deploy"]
    deploy.pop("needs")
    one = {"on": {"workflow_call": ""}, "permissions": {}, "jobs": {"verify": deploy}}
    two = {**one, "jobs": {"verify": deploy, "ship": {"steps": [{"run": "ship"}]}}}
    text = changed(lambda d: d["jobs"].update(deploy={"needs": "gate", "uses": "./.github/workflows/ship.yml"}))
    (tmp_path / "deploy.yml").write_text(text)
    for called, rules_found in ((one, set()), (two, {"not-judged", "not-verified"})):
        (tmp_path / "ship.yml").write_text(yaml.safe_dump(called))
        found = examine("github", (tmp_path / "deploy.yml", tmp_path / "ship.yml"), ("deploy",))
        assert {way.rule for way in found} == rules_found


def test_every_way_is_told_with_its_place(tmp_path):
    path = tmp_path / "deploy.yml"
    path.write_text(TEXT.replace("    needs: gate\n", ""), encoding="utf-8")
    (one,) = examine("github", (path,), ("deploy",))
    line = path.read_text().splitlines()[one.place.line - 1]
    assert (one.rule, "deploy does not wait for gate" in one.found) == ("not-behind-the-gate", True)
    assert "needs" in line or "runs-on" in line


def test_the_inputs_that_the_doctor_knows_are_those_of_the_action():
    for system in ("github", "forgejo"):
        action = yaml.safe_load((TEMPLATE.parents[1] / system / "action.yml").read_text(encoding="utf-8"))
        assert set(action["inputs"]) == INPUTS
