"""generic/gate.sh: the exit code unchanged, nothing but an approving decision goes on, outputs nothing misreads."""

from pathlib import Path

import pytest

from tests.ci_templates.conftest import INPUTS, ISSUE, VERIFY

MODES = ("evaluate", "issue", "verify")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("code", [0, 1, 2, 10, 11, 12, 13, 130, 137, 139])
def test_the_exit_code_of_the_gate_is_that_of_the_step(step, mode, code):
    ended = step(mode, ends=code)
    assert ended.code == code
    assert ended.outputs["exit-code"] == str(code)


@pytest.mark.parametrize("told", ["GATEKEEPER_DECISION=deny\n", "GATEKEEPER_DECISION=\n", "nothing\n"])
@pytest.mark.parametrize("mode", ["evaluate", "issue"])
def test_a_gate_that_ends_well_without_approving_does_not_let_anything_go_on(step, mode, told):
    ended = step(mode, told=told)
    assert (ended.code, ended.outputs["exit-code"], ended.outputs["approval-path"]) == (1, "1", "")
    assert "without a decision to approve" in ended.err


def test_a_gate_that_ends_well_without_an_approval_does_not_let_anything_go_on(step):
    assert step(approves=True).code == 0
    ended = step(approves=False)
    assert (ended.code, ended.outputs["approval-path"]) == (1, "")


def test_an_approval_of_an_earlier_run_is_gone_before_the_gate_runs(step, tmp_path):
    assert step().outputs["approval-path"] == "gatekeeper-results/approval.dsse.json"
    ended = step(ends=10, approves=False)
    assert ended.outputs["approval-path"] == ""
    assert not (tmp_path / "gatekeeper-results" / "approval.dsse.json").exists()


def test_an_approval_beside_a_refusal_is_never_handed_on(step):
    assert step(ends=10, approves=True).outputs["approval-path"] == ""


def test_what_the_gate_tells_becomes_outputs(step):
    told = (
        "GATEKEEPER_DECISION=approve\nGATEKEEPER_REASON_CODES=APPR-COUNT,EXT-VALID\n"
        f"GATEKEEPER_DECISION_DIGEST={'ab' * 32}\nGATEKEEPER_EXPIRES_AT=2026-05-07T14:02:00Z\n"
    )
    assert step(told=told).outputs == {
        "decision": "approve",
        "exit-code": "0",
        "reason-codes": "APPR-COUNT,EXT-VALID",
        "decision-digest": "ab" * 32,
        "expires-at": "2026-05-07T14:02:00Z",
        "approval-path": "gatekeeper-results/approval.dsse.json",
        "casefile-path": "",
    }


@pytest.mark.parametrize("value", ["approve\rx", "approve$(id)", "approve%0Ax", "appr ove", "approve;exit 0"])
def test_a_line_outside_the_alphabet_is_no_output(step, value):
    ended = step("evaluate", told=f"GATEKEEPER_DECISION={value}\n")
    assert (ended.code, ended.outputs["decision"]) == (1, "")


@pytest.mark.parametrize(("mode", "name"), [(mode, name) for mode in MODES for name in INPUTS[mode]])
def test_a_missing_input_is_named_and_the_gate_is_not_called(step, mode, name):
    ended = step(mode, **{name: ""})
    assert ended.code == 2
    assert f"no {name};" in ended.err
    assert ended.called_with == ()


@pytest.mark.parametrize("mode", ["", "approve", "--help"])
def test_another_mode_is_wrong_usage(step, mode):
    ended = step(mode)
    assert (ended.code, ended.called_with) == (2, ())


@pytest.mark.parametrize("folder", ["results here", "a\nb=c", "$(id)", "a;b"])
def test_a_result_folder_that_could_be_misread_is_refused(step, folder):
    assert step(GATE_OUT=folder).code == 2


def test_the_gate_is_called_with_every_input_whole(step):
    evidence = "evidence/with a space\nmore;rm -rf evidence\n$(id)\n`id`\n'quoted'"
    called = step(GATE_EVIDENCE=evidence, GATE_CONFIGURATION="gate.yaml").called_with
    offered = [called[index + 1] for index, part in enumerate(called) if part == "--evidence"]
    assert offered == evidence.splitlines()
    assert called[0] == "issue"
    for option, name in (("--request", "GATE_REQUEST"), ("--ledger-key", "GATE_LEDGER_KEY")):
        assert called[called.index(option) + 1] == ISSUE[name]
    assert called[called.index("--gate") + 1] == "gate.yaml"


def test_the_host_is_asked_about_every_component(step):
    called = step("verify", GATE_LEDGER="sqlite:ledger.db").called_with
    components = [called[index + 1] for index, part in enumerate(called) if part == "--component"]
    assert components == VERIFY["GATE_COMPONENTS"].splitlines()
    assert called[called.index("--ledger") + 1] == "sqlite:ledger.db"
    assert "--report" not in called


def test_the_host_keeps_the_approval_that_it_checks_and_tells_nothing_of_an_earlier_run(step, tmp_path):
    step(told="GATEKEEPER_DECISION=approve\nGATEKEEPER_REASON_CODES=EXT-VALID\n")
    left = {path.name: path.read_bytes() for path in (tmp_path / "gatekeeper-results").iterdir()}
    (tmp_path / "summary").unlink()
    outputs = step("verify", ends=11, GATE_APPROVAL="gatekeeper-results/approval.dsse.json").outputs
    assert {path.name: path.read_bytes() for path in (tmp_path / "gatekeeper-results").iterdir()} == left
    assert {name: value for name, value in outputs.items() if value} == {"exit-code": "11"}
    assert not (tmp_path / "summary").exists()


@pytest.mark.parametrize("mode", MODES)
def test_no_mode_can_be_told_the_time_or_made_lenient(step, mode):
    called = step(mode).called_with
    assert not {"--at", "--no-strict", "--force"} & set(called)


def test_github_gets_annotations_and_a_summary(step, tmp_path):
    assert "github" in step().called_with
    assert (tmp_path / "summary").read_text() == "# the report\n"


def test_azure_gets_output_variables_and_a_summary(step):
    lines = step(GATE_SYSTEM="azure").out.splitlines()
    assert "##vso[task.setvariable variable=decision;isOutput=true]approve" in lines
    assert any(line.startswith("##vso[task.uploadsummary]/") for line in lines)


def test_tekton_gets_results(step, tmp_path):
    (tmp_path / "results").mkdir()
    step(GATE_SYSTEM="tekton", TEKTON_RESULTS="results")
    assert Path(tmp_path / "results" / "decision").read_text() == "approve"


def test_any_other_system_gets_files_and_the_exit_code(step, tmp_path):
    ended = step(GATE_SYSTEM="")
    assert (ended.code, ended.outputs) == (0, {})
    said = dict(
        line.split("=", 1) for line in (tmp_path / "gatekeeper-results" / "outputs.env").read_text().splitlines()
    )
    assert said == {
        "GATEKEEPER_DECISION": "approve",
        "GATEKEEPER_APPROVAL_PATH": "gatekeeper-results/approval.dsse.json",
        "GATEKEEPER_CASEFILE_PATH": "",
    }


@pytest.mark.parametrize("code", [10, 137])
def test_no_system_gets_the_path_of_an_approval_beside_a_refusal(step, tmp_path, code):
    step(GATE_SYSTEM="", ends=code, approves=True)
    assert "GATEKEEPER_APPROVAL_PATH=\n" in (tmp_path / "gatekeeper-results" / "outputs.env").read_text()
