"""The shipped templates of every system, copied, edited, and looked at by the doctor."""

import shutil
from pathlib import Path

import pytest

from gatekeeper.pipelines import examine

TEMPLATES = Path(__file__).parents[3] / "ci_templates"
FILES = {
    "github": ("github/deploy.yml",),
    "forgejo": ("forgejo/deploy.yml",),
    "gitlab": ("gitlab/example.gitlab-ci.yml", "gitlab/templates/signer-gate.yml"),
    "jenkins": ("jenkins/Jenkinsfile",),
    "tekton": ("tekton/pipeline.yaml", "tekton/task.yaml", "tekton/deploy-task.yaml"),
    "buildkite": ("buildkite/pipeline.yml",),
    "azure": ("azure/azure-pipelines.yml", "azure/templates/gate.yml"),
    "woodpecker": ("woodpecker/.woodpecker.yml",),
}


@pytest.fixture
def rules_of(tmp_path):
    """Copy a system's templates, edit them, and tell which rules find something."""

    def found(system, *edits):
        paths = []
        for name in FILES[system]:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TEMPLATES / name, path)
            paths.append(path)
        for file, old, new in edits:
            text = (tmp_path / file).read_text(encoding="utf-8")
            assert old in text, "the edit must meet the template"
            (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return {one.rule for one in examine(system, tuple(paths), ("deploy",))}

    return found
