"""D5 Fail-open switch: every option, variable and output format there is, on a case that must be denied (P4)."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from world.documents import NOW
from world.registry import World

from gatekeeper.cli import main_group
from gatekeeper.report import FORMATS

ROOT = Path(__file__).resolve().parents[3]
CASE = [f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust")]
EVALUATE = ["evaluate", *CASE, "--at", NOW]
VALUES = ("", "0", "1", "true", "false", "DRY_RUN", "warn")

OPTIONS = {
    "evaluate": {"--request", "--environment", "--policy", "--trust", "--evidence", "--at", "--report"},
    "issue": {
        *("--request", "--environment", "--policy", "--trust", "--evidence", "--report"),
        *("--gate", "--sign-with", "--ledger", "--ledger-key", "--approval", "--case-file"),
    },
    "verify": {
        *("--approval", "--trust", "--environment", "--stage", "--component"),
        *("--ledger", "--ledger-proof", "--output"),
    },
}
"""every option of the commands that decide, read and found to relax nothing: a new one must be read too"""


def environment_names():
    """The names in our code by which it could read a variable: what `environ` and `getenv` are asked for."""
    for package in ("attestations", "gatekeeper"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                text = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript) else ""
                if found := re.match(r"os\.(?:environ(?:\.get)?[\(\[]|getenv\()'([A-Z0-9_]+)'", text):
                    yield found[1]


OWN = sorted(set(environment_names()))
FOREIGN = ["CI", "DEBUG", "DRY_RUN", "FORCE", "GATEKEEPER_DRY_RUN", "GATEKEEPER_STRICT", "GATEKEEPER_EVALUATE_AT"]
FOREIGN += ["KOSLI_DRY_RUN", "PYTHONDONTWRITEBYTECODE", "LC_ALL", "LANG", "SOURCE_DATE_EPOCH"]


@pytest.fixture
def denied(tmp_path, monkeypatch):
    """A folder whose case must be denied: one HSM answers with another key."""
    world = World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())
    world.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_case_is_denied(denied, gatekeeper):
    assert gatekeeper(*EVALUATE) == 10


@pytest.mark.parametrize("command", sorted(OPTIONS))
def test_the_commands_that_decide_have_the_options_that_were_read_and_no_flag(command):
    loaded = main_group.get_command(click.Context(main_group), command)
    options = [parameter for parameter in loaded.params if isinstance(parameter, click.Option)]
    assert {name for option in options for name in option.opts} == OPTIONS[command]
    assert [option.name for option in options if option.is_flag] == []
    assert [option.name for option in options if option.envvar] == []


def test_no_option_takes_its_value_from_the_environment_unseen():
    assert main_group.context_settings.get("auto_envvar_prefix") is None


@pytest.mark.parametrize("command", ["issue", "verify", "sign-off"])
def test_no_call_that_makes_or_honours_an_approval_can_be_told_the_time(command):
    loaded = main_group.get_command(click.Context(main_group), command)
    assert {"--at", "--now", "--time"}.isdisjoint(name for parameter in loaded.params for name in parameter.opts)


def test_our_code_reads_few_variables():
    assert OWN, "the search finds none, so it no longer works"
    assert set(OWN) <= {"NO_COLOR", "TERM", "PYKCS11LIB", "COLUMNS", "SSH_AUTH_SOCK", "SOFTHSM2_CONF", "PATH", "HOME"}


@pytest.mark.parametrize("value", ["", "1", "DRY_RUN"])
@pytest.mark.parametrize("name", [*OWN, *FOREIGN])
def test_no_variable_turns_a_denial_into_anything_else(denied, gatekeeper, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert gatekeeper(*EVALUATE) == 10


@pytest.mark.parametrize("variables", [{"PYTHONOPTIMIZE": "2"}, {"PYTHONWARNINGS": "ignore"}, {"PYTHONDEVMODE": "1"}])
def test_no_variable_of_python_turns_a_denial_into_anything_else(denied, variables):
    """With PYTHONOPTIMIZE every `assert` is gone: none may be what keeps a release out."""
    command = [sys.executable, "-m", "gatekeeper", *EVALUATE]
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, check=False)
    assert done.returncode == 10


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_output_format_turns_a_denial_into_anything_else(denied, gatekeeper, form):
    """zizmor 1.32.0 ends in 0 with `--format sarif` on a file on which it ends in 14 otherwise."""
    assert gatekeeper(*EVALUATE, "--report", form) == 10
    assert gatekeeper(*EVALUATE, "--report", f"{form}=report.out") == 10
    assert (denied / "report.out").stat().st_size > 0


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_output_format_turns_an_approval_into_anything_else(tmp_path, monkeypatch, gatekeeper, form):
    World().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert gatekeeper(*EVALUATE, "--report", form) == 0


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("option", sorted(OPTIONS["evaluate"] - {"--at"}))
def test_no_value_of_an_option_turns_a_denial_into_an_approval(denied, gatekeeper, option, value):
    assert gatekeeper(*EVALUATE, option, value) in {2, 10}


def test_a_denied_issue_leaves_no_approval(gate, gatekeeper, noon, tmp_path):
    world = World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())
    gate.write(world.files())
    assert gatekeeper(*gate.command()) == 10
    assert not (tmp_path / "approval.json").exists()
    assert gate.recorded() == ["decision"]


@pytest.mark.parametrize("flag", ["--strict=false", "--dry-run", "--no-assert", "--force", "--graceful-exit"])
@pytest.mark.parametrize("command", sorted(OPTIONS))
def test_no_command_that_decides_knows_a_flag_that_relaxes(gatekeeper, command, flag):
    assert gatekeeper(command, flag) == 2
