"""The GitLab pipeline, executed: a refused request deploys nothing, an approved one deploys after the host's check."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from world.documents import COMPONENTS
from world.registry import World

from gatekeeper.cli.arguments import clock
from gatekeeper.demo.runner import Runner
from gatekeeper.demo.story import Story
from tests.ci_templates.node_tools import tool
from tests.ci_templates.screens import missing
from tests.gatekeeper.cli.conftest import written

GITLAB = Path(__file__).parents[2] / "ci_templates" / "gitlab"
COMMISSION = "/usr/local/sbin/commission-signer /opt/signer/next"

pytestmark = [pytest.mark.needs("node", "rsync", "git"), pytest.mark.timeout(300)]


FILES = {
    **{name: f"{name}.yaml" for name in ("request", "environment", "policy", "trust")},
    "evidence": "evidence",
    "sign-with": "file:gate.key",
    "ledger-key": "file:ledger.key",
    "configuration": "gate.yaml",
}
FILES_OF_THE_DEMO = FILES | {
    "environment": "lab/environment.yaml",
    "sign-with": "file:keys/gate.key",
    "ledger-key": "file:keys/ledger.key",
}


def project(folder, world):
    """A repository with a registry's files and the pipeline."""
    registry = written(folder, world)
    repository(folder, FILES, "installed")
    return registry


def repository(folder, files, installed, environment="example-production"):
    """A repository whose pipeline is the example, its component included from the same place, jobs without images."""
    component = (GITLAB / "templates" / "signer-gate.yml").read_text(encoding="utf-8")
    (folder / "signer-gate.yml").write_text(component.replace("  image: $[[ inputs.image ]]\n", ""), encoding="utf-8")
    pipeline = (GITLAB / "example.gitlab-ci.yml").read_text(encoding="utf-8")
    begin, end = pipeline.index("include:"), pipeline.index("deploy:\n")
    given = {"image": "none", "ledger": f"sqlite:{folder}/ledger.db", **files}
    inputs = "".join(f'      {name}: "{value}"\n' for name, value in given.items())
    include = f"include:\n  - local: /signer-gate.yml\n    inputs:\n{inputs}"
    components = "\n".join(f"      {name}={installed}/{name}" for name in COMPONENTS)
    deploy = pipeline[end:].replace("/etc/signer-gatekeeper/trust.trust", "trust.yaml")
    deploy = deploy[: deploy.index("      signer=")] + components + "\n" + deploy[deploy.index("  script:") :]
    deploy = deploy.replace(COMMISSION, f"touch {folder}/deployed").replace("example-production", environment)
    rules = pipeline[:begin].replace("if: $CI_COMMIT_TAG", "when: always")
    (folder / ".gitlab-ci.yml").write_text(rules + include + deploy, encoding="utf-8")
    for call in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example", "commit", "-qm", "t"],
    ):
        subprocess.run(["git", *call], cwd=folder, check=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folders of the demo when its first act has ended, the incident, and when all have, the repaired release."""
    incident, repaired = tmp_path_factory.mktemp("incident"), tmp_path_factory.mktemp("repaired")

    def say(text):
        if text.startswith("ACT 2"):
            shutil.copytree(repaired, incident, dirs_exist_ok=True)

    with Runner(folder=repaired, say=say, variables={}) as runner:
        Story(runner=runner, now=clock, engines=("native",), module=None).tell()
    for name in ("gate.yaml", "ledger.db"):
        shutil.copy(repaired / name, incident)
    return {"incident": incident, "repaired": repaired}


@pytest.mark.parametrize(("act", "deploys"), [("incident", False), ("repaired", True)])
def test_the_request_of_the_demo_goes_through_the_pipeline(demo, act, deploys):
    folder = demo[act]
    repository(folder, FILES_OF_THE_DEMO, "release", "practice-laboratory")
    ended = pipeline_ends(folder)
    assert (ended.returncode == 0, (folder / "deployed").exists()) == (deploys, deploys), ended.stdout + ended.stderr
    assert ("APPROVED" if deploys else "DENIED") in ended.stdout
    assert ("deploy >" in ended.stdout) == deploys


def pipeline_ends(folder):
    environment = {
        "PATH": f"{GITLAB.parent / 'generic'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder / "home"),
        "NO_COLOR": "1",
    }
    call = [*tool("gitlab-ci-local"), "--home", str(folder / "home")]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_an_approved_request_is_deployed_after_the_check_on_the_host(tmp_path):
    project(tmp_path, World())
    ended = pipeline_ends(tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "APPROVED" in ended.stdout
    assert "deploy" in ended.stdout
    assert missing("gitlab", 1, ended.stdout) == ""
    assert (tmp_path / "deployed").exists()


def test_a_refused_request_deploys_nothing(tmp_path):
    project(tmp_path, World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear()))
    ended = pipeline_ends(tmp_path)
    assert ended.returncode != 0
    assert "DENIED" in ended.stdout
    assert missing("gitlab", 0, ended.stdout) == ""
    assert not (tmp_path / "deployed").exists()


def test_a_component_swapped_between_gate_and_deploy_is_not_deployed(tmp_path):
    registry = project(tmp_path, World())
    registry.path("installed/signer").write_bytes(b"another build")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    ended = pipeline_ends(tmp_path)
    assert ended.returncode != 0
    assert "APPROVED" in ended.stdout
    assert not (tmp_path / "deployed").exists()
