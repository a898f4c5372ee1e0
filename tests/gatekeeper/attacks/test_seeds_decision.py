"""Seeds S24, S28, S29, S42 of the threat model: what an earlier run left, what machines are told, what is shown."""

import subprocess
import sys

import pytest
from attacks.d3 import waived
from world.documents import NOW
from world.pieces import freeze
from world.registry import World

from attestations.envelope import read_envelope
from attestations.statement import read_statement
from attestations.strict import read_json

CASE = [f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust")]
EVALUATE = ["evaluate", *CASE, "--at", NOW]
NO_HSM = World().without("hsm.json")
NO_EXERCISE = World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())
FROZEN = World().adding("freeze.json", freeze("signer-release"))
ENDINGS = {"approve": (World(), 0), "waived": (waived(), 0), "deny": (NO_EXERCISE, 10), "inconclusive": (NO_HSM, 11)}
ENDINGS["frozen"] = (FROZEN, 12)


@pytest.mark.parametrize("failing", ["denied", "without the policy", "without a ledger", "with a wrong key"])
def test_an_approval_of_an_earlier_run_does_not_survive_one_that_fails(gate, gatekeeper, noon, tmp_path, failing):
    gate.write(World().files())
    assert gatekeeper(*gate.command()) == 0
    assert (tmp_path / "approval.json").exists()
    if failing == "denied":
        gate.write(NO_EXERCISE.files())
    elif failing == "without the policy":
        (tmp_path / "policy.yaml").unlink()
    elif failing == "without a ledger":
        (tmp_path / "ledger.db").unlink()
    else:
        (tmp_path / "gate.pem").write_text("no key")
    assert gatekeeper(*gate.command()) != 0
    assert not (tmp_path / "approval.json").exists()
    assert not (tmp_path / "approval.json.tlog-proof").exists()


def test_a_report_of_an_earlier_run_does_not_survive_one_that_fails(tmp_path, monkeypatch, gatekeeper):
    World().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert gatekeeper(*EVALUATE, "--report=json=report.json") == 0
    earlier = (tmp_path / "report.json").read_bytes()
    (tmp_path / "policy.yaml").write_text("kind: Policy\n")
    assert gatekeeper(*EVALUATE, "--report=json=report.json") == 2
    assert (tmp_path / "report.json").read_bytes() != earlier
    assert b'"approve"' not in (tmp_path / "report.json").read_bytes()


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_the_summary_says_passed_with_exit_code_0_and_never_otherwise(gate, ending):
    world, code = ENDINGS[ending]
    issued = gate.issue(world.files())
    assert issued.judgement.decision.verdict.exit_code == code
    statement = read_statement(read_envelope(read_json(issued.summary, "summary")).payload, "summary")
    assert statement.predicate.verification_result == ("PASSED" if code == 0 else "FAILED")
    assert bool(statement.predicate.verified_levels) == (code == 0)
    assert (issued.approval is not None) == (code == 0)


FORMS = ["text", "json", "markdown", "junit", "sarif", "gitlab-codequality", "html"]


@pytest.mark.parametrize("form", FORMS)
def test_a_waived_requirement_is_shown_as_waived_with_owner_and_reason(tmp_path, monkeypatch, gatekeeper, capsys, form):
    waived().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert gatekeeper(*EVALUATE, "--report", form) == 0
    told = capsys.readouterr().out
    for text in ("anomaly-stops-publication", "waived", "carol", "the move of the laboratory"):
        assert text in told


def test_an_approval_that_leans_on_a_waiver_names_it(gate):
    payload = read_envelope(read_json(gate.issue(waived().files()).approval, "approval")).payload
    approval = read_statement(payload, "approval").predicate
    assert [(use.requirement, use.owner) for use in approval.waivers] == [("anomaly-stops-publication", "carol")]
    assert {o.id: o.outcome for o in approval.requirements}["anomaly-stops-publication"] == "waived"


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_every_decision_has_its_own_exit_code(tmp_path, ending):
    world, code = ENDINGS[ending]
    world.write(tmp_path)
    command = [sys.executable, "-m", "gatekeeper", *EVALUATE]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path):
    command = [sys.executable, "-m", "gatekeeper", *EVALUATE]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 2
