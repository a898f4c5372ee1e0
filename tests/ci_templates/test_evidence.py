"""The templates that make evidence: their commands, run with files of a laboratory, leave signed statements."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from world.documents import COMPONENTS
from world.registry import World

from tests.ci_templates.executed import loaded
from tests.gatekeeper.cli.conftest import written

SAMPLES = Path(__file__).parents[2] / "attestations" / "predicates" / "examples"


def github(job, step):
    (one,) = (one for one in loaded("github/evidence.yml")["jobs"][job]["steps"] if one.get("name") == step)
    return one["env"], one["run"]


def gitlab(job, _step):
    one = loaded("gitlab/evidence.gitlab-ci.yml")[job]
    return one["variables"], "\n".join(one["script"])


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    registry = written(tmp_path_factory.mktemp("laboratory"), World())
    assert registry.run("laboratory", "lab", program="attestations").code == 0
    return registry


@pytest.fixture
def run(laboratory, tmp_path):
    """Run a job's script beside a laboratory's files, as `bash -e`; return what it left."""

    def ended(variables, script, out):
        for name in ("environment.yaml", "request.yaml", "dnskey.zone", "zone.signed", "ds.zone", "tokens"):
            inside = laboratory.path("lab") / name
            source = inside if inside.exists() else laboratory.path(name)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
        here = {
            **variables,
            "ZONE_FILE": "zone.signed",
            "DS_FILE": "ds.zone",
            "DNSKEYS": "dnskey.zone",
            "SIGN_WITH": f"file:{laboratory.path('gate.key')}",
        }
        path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
        call = ["bash", "-eo", "pipefail", "-c", script]
        code = subprocess.run(call, cwd=tmp_path, env=here | path, capture_output=True, text=True, check=False)
        assert code.returncode == 0, code.stdout + code.stderr
        envelope = json.loads((tmp_path / out).read_text(encoding="utf-8"))
        return json.loads(b64decode(envelope["payload"]))

    return ended


@pytest.mark.needs("dnssec-verify")
@pytest.mark.parametrize("system", [github, gitlab])
def test_a_second_code_base_validates_the_zone_for_the_request(system, run):
    statement = run(*system("zone", "validate"), "zone-bind.json")
    assert statement["predicateType"].rpartition("/")[0].endswith("zone-validation")
    assert "bind" in json.dumps(statement["predicate"]["validator"]).lower()


@pytest.mark.parametrize("system", [github, gitlab])
def test_the_laboratory_probes_the_hsms_for_the_request(system, run):
    variables, script = system("hsm", "probe")
    script = script.replace('--exercises "$EXERCISES"', "--software tokens")  # no HSM, and no exercise, is here
    script = script.replace("--keys dnskey", "--keys ksk=id:b2 --keys zsk=id:a1")
    statement = run(variables, script, "hsm.json")
    assert statement["predicateType"].rpartition("/")[0].endswith("hsm-key-coverage")


@pytest.mark.needs("jq")
def test_what_the_builder_says_is_signed_as_provenance_of_every_component(run, tmp_path):
    sample = json.loads((SAMPLES / "provenance.json").read_text(encoding="utf-8"))
    written_by_the_runner = json.dumps({"_type": "https://in-toto.io/Statement/v1", "predicate": sample})
    (tmp_path / "artifacts-metadata.json").write_text(written_by_the_runner, encoding="utf-8")
    (tmp_path / "release").mkdir()
    for name in COMPONENTS:
        (tmp_path / "release" / name).write_bytes(f"file {name}".encode())
    statement = run(*gitlab("provenance", ""), "provenance.sigstore.json")
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["predicate"] == sample
    assert {one["name"] for one in statement["subject"]} == set(COMPONENTS)
