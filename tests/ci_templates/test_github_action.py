"""The composite action, run by a small runner of our own, with the real gate behind it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from world.documents import COMPONENTS
from world.registry import World

from tests.ci_templates.executed import DONE, loaded, put_in
from tests.ci_templates.screens import missing
from tests.gatekeeper.cli.conftest import written
from tests.gatekeeper.report.samples import HOSTILE

ACTION = Path(__file__).parents[2] / "ci_templates" / "github"
DEFINITION = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
ISSUE = {
    "mode": "issue",
    "request": "request.yaml",
    "environment": "environment.yaml",
    "policy": "policy.yaml",
    "trust": "trust.yaml",
    "sign-with": "file:gate.key",
    "ledger": "sqlite:ledger.db",
    "ledger-key": "file:ledger.key",
    "configuration": "gate.yaml",
}
VERIFY = {
    "mode": "verify",
    "approval": "gatekeeper-results/approval.dsse.json",
    "trust": "trust.yaml",
    "environment": "example-production",
    "stage": "canary",
    "components": "\n".join(f"{name}=installed/{name}" for name in COMPONENTS),
}


def expanded(text, inputs, outputs):
    """What a runner puts in the place of ${{ inputs.x }} and ${{ steps.id.outputs.x }}; nothing else is known."""

    def value(found):
        kind, *path = found[1].split(".")
        return inputs[path[0]] if kind == "inputs" else outputs.get(path[-1], "")

    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", value, text)


def act(folder, given):
    """Run the action's steps as a runner does; return exit code, outputs, log and summary."""
    inputs = {name: given.get(name, declared.get("default", "")) for name, declared in DEFINITION["inputs"].items()}
    output, summary = folder / ".output", folder / ".summary"
    for file in (output, summary):
        file.write_text("")
    log, code = "", 0
    for step in DEFINITION["runs"]["steps"]:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            **{name: expanded(text, inputs, {}) for name, text in step["env"].items()},
        }
        call = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]  # what `shell: bash` means
        ended = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        log, code = log + ended.stdout, ended.returncode
    said = dict(line.split("=", 1) for line in output.read_text().splitlines())
    outputs = {name: expanded(one["value"], inputs, said) for name, one in DEFINITION["outputs"].items()}
    return code, outputs, log, summary.read_text()


@pytest.fixture
def registry(tmp_path):
    return written(tmp_path, World())


def called(job):
    """The jobs and the inputs of the workflow that a job calls; of any other the job itself."""
    if "uses" not in job:
        return [job], {}
    workflow = loaded(job["uses"].replace("./.github/workflows", "github"))
    declared = workflow[True]["workflow_call"]["inputs"]  # YAML 1.1 reads `on` as true
    given = job.get("with", {})
    return workflow["jobs"].values(), {name: given.get(name, one["default"]) for name, one in declared.items()}


def deployed(folder, workflow):
    """Run the jobs of a workflow as it is written; return the last exit code and whether it deployed."""
    outputs = {}
    for caller in workflow["jobs"].values():
        jobs, inputs = called(caller)
        for step in (step for job in jobs for step in job["steps"]):
            if "ci_templates" in step.get("uses", ""):
                given = {name: put_in(expanded(value, inputs, outputs)) for name, value in step["with"].items()}
                code, outputs, *_ = act(folder, {"configuration": "gate.yaml", **given})
                if code:
                    return code, False
    return 0, put_in(step["run"]) == DONE


def with_the_reusable_workflow():
    """The workflow with the gate's job as the head of the reusable one says."""
    text = (ACTION / "gate.yml").read_text(encoding="utf-8")
    (line,) = re.findall("^#   (gate: .*)$", text, re.MULTILINE)
    workflow = loaded("github/deploy.yml")
    workflow["jobs"].update(yaml.safe_load(line))
    return workflow


WORKFLOWS = {
    "github": loaded("github/deploy.yml"),
    "forgejo": loaded("forgejo/deploy.yml"),
    "reusable": with_the_reusable_workflow(),
}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_workflow_as_it_is_written_deploys_what_is_approved_and_nothing_that_was_swapped(name, registry):
    assert deployed(registry.folder, WORKFLOWS[name]) == (0, True)
    registry.path("installed/signer").write_bytes(b"another build")
    assert deployed(registry.folder, WORKFLOWS[name]) == (11, False)


def test_the_reusable_workflow_has_the_outputs_of_the_action_and_hands_on_every_input():
    workflow = loaded("github/gate.yml")
    (job,) = workflow["jobs"].values()
    declared = workflow[True]["workflow_call"]
    assert declared["outputs"].keys() == job["outputs"].keys() == DEFINITION["outputs"].keys()
    assert {name: one["value"] for name, one in declared["outputs"].items()} == {
        name: f"${{{{ jobs.gate.outputs.{name} }}}}" for name in declared["outputs"]
    }
    assert job["outputs"] == {name: f"${{{{ steps.gate.outputs.{name} }}}}" for name in job["outputs"]}
    (call,) = (step["with"] for step in job["steps"] if step.get("id") == "gate")
    assert call == {"mode": "issue"} | {name: f"${{{{ inputs.{name} }}}}" for name in declared["inputs"]}


def test_an_approved_request_goes_through_both_jobs(registry):
    code, outputs, log, summary = act(registry.folder, ISSUE)
    assert (code, outputs["decision"], outputs["exit-code"]) == (0, "approve", "0")
    assert outputs["approval-path"] == VERIFY["approval"]
    assert outputs["casefile-path"].endswith(".case")
    assert re.fullmatch("[0-9a-f]{64}", outputs["decision-digest"])
    assert outputs["expires-at"].endswith("Z")
    assert "APPROVED" in summary
    assert "::error" not in log
    code, outputs, verified, _ = act(registry.folder, VERIFY)
    assert (code, outputs["decision"]) == (0, "approve")
    for page in ("github", "forgejo"):
        assert missing(page, 1, log + verified) == ""


def test_a_refused_request_stops_the_job_with_annotations_and_no_approval(tmp_path):
    world = World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())
    registry = written(tmp_path, world)
    code, outputs, log, summary = act(registry.folder, ISSUE)
    assert (code, outputs["decision"], outputs["approval-path"]) == (10, "deny", "")
    assert "COV-HSM" in outputs["reason-codes"]
    assert "\n::error" in f"\n{log}"
    assert "DENIED" in summary
    for page in ("github", "forgejo"):
        assert missing(page, 0, log) == ""
    assert act(registry.folder, VERIFY)[0] == 11


def test_a_swapped_component_stops_the_deploy_job(registry):
    assert act(registry.folder, ISSUE)[0] == 0
    registry.path("installed/signer").write_bytes(b"another build")
    code, outputs, _, _ = act(registry.folder, VERIFY)
    assert (code, outputs["decision"]) == (11, "")


@pytest.mark.parametrize("text", HOSTILE[::5])  # each report is tested with all of them
def test_hostile_text_in_evidence_becomes_no_command_and_no_output(tmp_path, text):
    world = World().with_predicate("hsm.json", lambda predicate: predicate["observer"].update(name=text[:200] or "x"))
    registry = written(tmp_path, world.signed_off_by())
    name = re.sub("[/\0]", "|", f"named {text[:100]}.json")  # a name is shown with what is wrong with the file
    registry.path("evidence").joinpath(name).write_text("{}", encoding="utf-8")
    code, outputs, log, summary = act(registry.folder, {**ISSUE, "evidence": "evidence"})
    assert code in (2, 10, 11)
    assert "named " in summary
    assert set(outputs) == set(DEFINITION["outputs"])
    assert all(re.fullmatch(r"[A-Za-z0-9.,:/_-]*", value) for value in outputs.values())
    commands = {line.split("::")[1].split()[0] for line in log.splitlines() if line.startswith("::")}
    assert commands <= {"error", "warning", "notice"}
    assert "##[" not in log


def test_the_action_puts_no_input_into_a_script():
    for step in DEFINITION["runs"]["steps"]:
        assert "${{" not in step["run"]


def test_the_action_for_forgejo_is_the_same_but_for_its_name():
    forgejo = (ACTION.parent / "forgejo" / "action.yml").read_text(encoding="utf-8")
    github = (ACTION / "action.yml").read_text(encoding="utf-8")
    changed = forgejo.replace("GATE_SYSTEM: forgejo", "GATE_SYSTEM: github").replace(
        "templates/forgejo@", "templates/github@"
    )
    assert changed == github
