"""What the commands that people and hosts wait for do not import: time is measured in benchmarks/, not here."""

import subprocess
import sys

import pytest
from world.host import Host
from world.registry import World

HEAVY = {
    *("jsonschema", "referencing", "sigstore", "in_toto", "securesystemslib", "dns", "sqlite3", "_sqlite3", "pkcs11"),
    *("rich", "pydantic"),
}
EXPRESSIONS = "cel_expr_python"
DOCUMENTS = tuple(f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust"))
EVALUATE = ("gatekeeper", "evaluate", *DOCUMENTS, f"--at={World().now}")


def imported(*command, cwd):
    """Run a command that must succeed; return the packages that its process imported."""
    ran = subprocess.run(
        (sys.executable, "-X", "importtime", "-m", *command), cwd=cwd, capture_output=True, text=True, check=True
    )
    modules = [line.rpartition("|")[2].strip() for line in ran.stderr.splitlines() if line.startswith("import time:")]
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("command", ["gatekeeper", "attest"])
def test_help_imports_click_and_nothing_that_works(command, tmp_path):
    package = {"gatekeeper": "gatekeeper", "attest": "attestations"}[command]
    found = imported(package, "--help", cwd=tmp_path)
    assert "click" in found
    assert not found & {*HEAVY, EXPRESSIONS, "cryptography", "msgspec", "yaml"}


def test_a_decision_imports_no_library_that_its_documents_do_not_ask_for(tmp_path):
    found = imported(*EVALUATE, cwd=World().write(tmp_path))
    assert EXPRESSIONS in found  # the policy has an assertion
    assert not found & HEAVY


def test_a_decision_without_assertions_imports_no_engine_for_them(tmp_path):
    def without_assertions(policy):
        requirements = policy["spec"]["requirements"]
        policy["spec"]["requirements"] = [entry for entry in requirements if entry["kind"] != "assertion"]

    world = World().with_document("policy", without_assertions)
    found = imported(*EVALUATE, cwd=world.write(tmp_path))
    assert "cryptography" in found
    assert EXPRESSIONS not in found


def test_the_host_imports_no_library_that_only_the_gate_needs(tmp_path):
    for name, raw in Host().files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    found = imported("gatekeeper", *Host().command(), cwd=tmp_path)
    assert "cryptography" in found
    assert not found & {*HEAVY, EXPRESSIONS}
