"""The GitLab pipeline, executed: a refused request deploys nothing, an approved one deploys after the host's check."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from world.documents import COMPONENTS
from world.registry import World

from tests.ci_templates.node_tools import tool
from tests.ci_templates.screens import missing
from tests.gatekeeper.cli.conftest import written

GITLAB = Path(__file__).parents[2] / "ci_templates" / "gitlab"
COMMISSION = "/usr/local/sbin/commission-signer /opt/signer/next"

pytestmark = [pytest.mark.needs("node", "rsync", "git"), pytest.mark.timeout(300)]


def project(folder, world):
    """A repository whose pipeline is the example, its component included from the same place, jobs without images."""
    registry = written(folder, world)
    component = (GITLAB / "templates" / "signer-gate.yml").read_text(encoding="utf-8")
    (folder / "signer-gate.yml").write_text(component.replace("  image: $[[ inputs.image ]]\n", ""), encoding="utf-8")
    pipeline = (GITLAB / "example.gitlab-ci.yml").read_text(encoding="utf-8")
    begin, end = pipeline.index("include:"), pipeline.index("deploy:\n")
    given = {
        "image": "none",
        **{name: f"{name}.yaml" for name in ("request", "environment", "policy", "trust")},
        "sign-with": "file:gate.key",
        "ledger": f"sqlite:{folder}/ledger.db",
        "ledger-key": "file:ledger.key",
        "configuration": "gate.yaml",
    }
    inputs = "".join(f'      {name}: "{value}"\n' for name, value in given.items())
    include = f"include:\n  - local: /signer-gate.yml\n    inputs:\n{inputs}"
    installed = "\n".join(f"      {name}=installed/{name}" for name in COMPONENTS)
    deploy = pipeline[end:].replace("/etc/signer-gatekeeper/trust.trust", "trust.yaml")
    deploy = deploy[: deploy.index("      signer=")] + installed + "\n" + deploy[deploy.index("  script:") :]
    deploy = deploy.replace(COMMISSION, f"touch {folder}/deployed")
    rules = pipeline[:begin].replace("if: $CI_COMMIT_TAG", "when: always")
    (folder / ".gitlab-ci.yml").write_text(rules + include + deploy, encoding="utf-8")
    for call in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example", "commit", "-qm", "t"],
    ):
        subprocess.run(["git", *call], cwd=folder, check=True)
    return registry


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
