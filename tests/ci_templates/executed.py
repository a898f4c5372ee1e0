"""Runs the jobs of a template as its CI system would: the scripts' own text, with the template's variables.

No system is imitated beyond that: a job starts when all before it ended well, and a step when the one before it did.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from gatekeeper.pipelines.groovy import statements, text_of, without_comments

TEMPLATES = Path(__file__).parents[2] / "ci_templates"
DONE = "touch deployed"
PLACES = (
    ("pkcs11:token=gate;object=gate", "file:gate.key"),
    ("file:/etc/signer-gatekeeper/gate.key", "file:gate.key"),
    ("sqlite:/var/lib/signer-gatekeeper/ledger.db", "sqlite:ledger.db"),
    ("sqlite:/etc/signer-gatekeeper/ledger.db", "sqlite:ledger.db"),
    ("file:/etc/signer-gatekeeper/ledger.key", "file:ledger.key"),
    ("/etc/signer-gatekeeper/environment.dsse.json", "environment.yaml"),
    ("/etc/signer-gatekeeper/policy.dsse.json", "policy.yaml"),
    ("/etc/signer-gatekeeper/trust/current.trust", "trust.yaml"),
    ("/etc/signer-gatekeeper/current.trust", "trust.yaml"),
    ("/etc/signer-gatekeeper/trust.trust", "trust.yaml"),
    ("/opt/signer/trust.trust", "trust.yaml"),
    ("/etc/signer-gatekeeper/gate.yaml", "gate.yaml"),
    ("/usr/local/sbin/commission-signer /opt/signer/next", DONE),
    ("/opt/signer/commission /opt/signer/next", DONE),
    ("/opt/signer/next/pkcs11.so", "installed/pkcs11-module"),
    ("/opt/signer/next/signer.conf", "installed/configuration"),
    ("/opt/signer/next/", "installed/"),
    ("$(Pipeline.Workspace)/gatekeeper/", "gatekeeper-results/"),
)
AGENT = """#!/bin/sh
case $1 in
    meta-data) printf '%s=%s\\n' "$3" "$4" >>meta-data ;;
    annotate) cat >annotation ;;
    artifact) echo 'Successfully downloaded "gatekeeper-results/approval.dsse.json"' ;;
esac
"""


@dataclass(frozen=True)
class Job:
    """Variables, and calls of a shell with the script as their last argument."""

    variables: dict[str, str]
    steps: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Ended:
    """How each job that was started ended, and what all of them said."""

    codes: tuple[int, ...]
    said: str


def put_in(text):
    for place, here in PLACES:
        text = text.replace(place, here)
    return text


def run(jobs, folder):
    """Run the jobs in a folder that holds a registry, one after the other until one fails."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    shutil.copy(TEMPLATES / "generic" / "gate.sh", programs)
    (programs / "buildkite-agent").write_text(AGENT, encoding="utf-8")
    (programs / "buildkite-agent").chmod(0o755)
    (folder / "results").mkdir(exist_ok=True)
    codes, said = [], ""
    for job in jobs:
        environment = {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TEKTON_RESULTS": "results",
            "GATE_CONFIGURATION": "gate.yaml",
            **{name: put_in(value) for name, value in job.variables.items()},
        }
        for *shell, script in job.steps:
            call = [*shell, put_in(script)]
            ended = subprocess.run(
                call,
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            said += ended.stdout
            if ended.returncode:
                return Ended(codes=(*codes, ended.returncode), said=said)
        codes.append(0)
    return Ended(codes=tuple(codes), said=said)


def loaded(name):
    return yaml.safe_load((TEMPLATES / name).read_text(encoding="utf-8"))


def buildkite():
    """The agent joins a step's commands and hands them to `bash -e -c`."""
    for step in loaded("buildkite/pipeline.yml")["steps"]:
        if script := "\n".join(step.get("commands", [step["command"]] if "command" in step else [])):
            yield Job(step["env"], (("bash", "-e", "-c", script),))


def woodpecker():
    """All commands of a step are one script of the image's shell, with -e."""
    for step in loaded("woodpecker/.woodpecker.yml")["steps"]:
        yield Job(step["environment"], (("sh", "-e", "-c", "\n".join(step["commands"])),))


def expanded(text, pattern, values):
    """The text with the values of parameters put in."""
    return re.sub(pattern, lambda found: values[found[1]], text)


def azure():
    """Every script is a step of its own, in a shell without -e."""
    template = loaded("azure/templates/gate.yml")
    values = {one["name"]: one["default"] for one in template["parameters"]}
    deployment = loaded("azure/azure-pipelines.yml")["stages"][1]["jobs"][0]
    for steps in (template["jobs"][0]["steps"], deployment["strategy"]["runOnce"]["deploy"]["steps"]):
        scripts = [step for step in steps if "script" in step]
        given = {name: value for step in scripts for name, value in step.get("env", {}).items()}
        variables = {name: expanded(value, r"\$\{\{ parameters\.(\w+) \}\}", values) for name, value in given.items()}
        yield Job(variables, tuple(("bash", "--noprofile", "--norc", "-c", step["script"]) for step in scripts))


def tekton():
    """A script is a file of its own, run by the program in its first line."""
    for name in ("task", "deploy-task"):
        (step,) = (spec := loaded(f"tekton/{name}.yaml")["spec"])["steps"]
        values = {one["name"]: one["default"] for one in spec.get("params", [])}
        variables = {one["name"]: expanded(one["value"], r"\$\(params\.([\w-]+)\)", values) for one in step["env"]}
        program, script = step["script"].split("\n", 1)
        yield Job(variables, ((program.removeprefix("#!"), "-c", script),))


def inside(block, *words):
    """The statements inside the blocks of these names, one in the other."""
    for word in words:
        block = next(one.block for one in statements(block) if one.word == word)
    return statements(block)


def jenkins():
    """Every `sh` is a step of its own, in a shell with -xe."""
    text = without_comments((TEMPLATES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8"))
    for stage in inside(text, "pipeline", "stages"):
        settings = (*inside(text, "pipeline", "environment"), *inside(stage.block, "environment"))
        variables = {one.word: text_of(one.rest.removeprefix("= ")) for one in settings}
        scripts = [text_of(one.rest) for one in inside(stage.block, "steps") if one.word == "sh"]
        yield Job(variables, tuple(("sh", "-xe", "-c", script) for script in scripts))


SYSTEMS = {one.__name__: one for one in (buildkite, woodpecker, azure, tekton, jenkins)}
