"""What README-verify.txt tells a stranger to do really works, with Python's standard library and openssl alone."""

import json
import re
import subprocess
import sys

import pytest
from world.keys import signer
from world.registry import World

from gatekeeper.case_file import names
from gatekeeper.case_file.archive import unpack

pytestmark = pytest.mark.needs("openssl")


def unpacked(archive, folder):
    for name, raw in unpack(archive, "case.zip").items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    for name in ("gate", "ledger", "hsm-lab"):
        (folder / f"{name.upper()}_KEY.pem").write_text(signer(name).public.pem)
    return folder


def check(folder, *arguments):
    """Isolated: nothing of ours can be imported, and no variable of the environment has a say."""
    command = [sys.executable, "-I", "-S", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(archive, tmp_path_factory):
    return unpacked(archive, tmp_path_factory.mktemp("case"))


@pytest.mark.parametrize("envelope", [names.APPROVAL, names.SUMMARY])
def test_the_gate_signed_approval_and_summary(folder, envelope):
    ended = check(folder, "check_envelope.py", envelope, "GATE_KEY.pem")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["_type"] == "https://in-toto.io/Statement/v1"


@pytest.mark.parametrize("envelope", [names.APPROVAL, names.SUMMARY])
def test_another_key_did_not_sign_them(folder, envelope):
    ended = check(folder, "check_envelope.py", envelope, "LEDGER_KEY.pem")
    assert (ended.returncode, ended.stdout) == (1, "")


def test_an_altered_approval_is_not_signed(folder, tmp_path):
    envelope = json.loads((folder / names.APPROVAL).read_text())
    envelope["payloadType"] += "x"
    (tmp_path / "altered.json").write_text(json.dumps(envelope))
    assert check(folder, "check_envelope.py", tmp_path / "altered.json", "GATE_KEY.pem").returncode == 1


def test_evidence_can_be_checked_with_the_key_of_its_party(folder):
    decision = json.loads((folder / names.DECISION).read_text())
    (digest,) = [item["digest"] for item in decision["evidence"] if item["saidBy"] == ["hsm-lab"]]
    name = f"evidence/{digest}.json"
    assert check(folder, "check_envelope.py", name, "HSM-LAB_KEY.pem").returncode == 0
    assert check(folder, "check_envelope.py", name, "GATE_KEY.pem").returncode == 1


def test_the_approval_is_in_the_ledger(folder):
    ended = check(folder, "check_proof.py", "approval", names.APPROVAL, names.PROOF, "LEDGER_KEY.pem")
    assert (ended.returncode, ended.stdout) == (0, "entry 1 of 2 in registry.example/gatekeeper: approval\n")


@pytest.mark.parametrize(
    ("kind", "entry", "key"),
    [
        ("approval", names.SUMMARY, "LEDGER_KEY.pem"),
        ("decision", names.APPROVAL, "LEDGER_KEY.pem"),
        ("decision", names.DECISION, "LEDGER_KEY.pem"),
        ("approval", names.APPROVAL, "GATE_KEY.pem"),
    ],
)
def test_nothing_else_is_what_the_proof_is_for(folder, kind, entry, key):
    ended = check(folder, "check_proof.py", kind, entry, names.PROOF, key)
    assert (ended.returncode, ended.stdout) == (1, "")


def test_a_decision_that_is_no_approval_is_itself_in_the_ledger(gate, write_case, tmp_path):
    issued = gate.issue(World().without("hsm.json").files())
    folder = unpacked(write_case(issued), tmp_path)
    assert not (folder / names.APPROVAL).exists()
    ended = check(folder, "check_proof.py", "decision", names.DECISION, names.PROOF, "LEDGER_KEY.pem")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_digests_that_the_approval_names_are_those_of_the_files(folder):
    from attestations.digest import sha256

    ended = check(folder, "check_envelope.py", names.APPROVAL, "GATE_KEY.pem")
    for name in (names.REQUEST, names.ENVIRONMENT, names.POLICY, names.TRUST, names.DECISION):
        assert sha256((folder / name).read_bytes()) in ended.stdout, name


def test_every_command_of_the_readme_names_files_that_are_there(folder):
    readme = (folder / names.README).read_text()
    commands = re.findall(r"^ {7}(\S.*)$", readme, re.MULTILINE)
    assert len(commands) == 7
    for command in commands:
        named = [word for word in command.split()[1:] if not word.startswith("-") and word != "CASEFILE"]
        files = [word for word in named if "." in word]
        assert all((folder / file).exists() for file in files), command


def test_the_report_is_one_file_that_asks_for_nothing(folder):
    page = (folder / names.REPORT).read_text()
    assert "APPROVED" in page
    assert not re.search(r"\b(src|href)=|url\(|@import|<script", page)
