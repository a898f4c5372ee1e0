"""A `gatekeeper` that does as it is told, found first on PATH: for what a step makes of every way the gate can end."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "ci_templates" / "generic" / "gate.sh"
STAND_IN = """#!/bin/sh
printf '%s\\n' "$@" >"$CALLED_WITH"
while [ $# -gt 0 ]; do
    case $1 in
        dotenv=*) cp "$TOLD" "${1#dotenv=}" ;;
        markdown=*) echo '# the report' >"${1#markdown=}" ;;
        --approval) [ -z "${APPROVES:-}" ] || echo approval >"$2" ;;
    esac
    shift
done
[ "$ENDS" -lt 128 ] || kill "-$((ENDS - 128))" $$
exit "$ENDS"
"""
ISSUE = {
    "GATE_REQUEST": "request.yaml",
    "GATE_ENVIRONMENT": "environment.yaml",
    "GATE_POLICY": "policy.yaml",
    "GATE_TRUST": "trust.yaml",
    "GATE_SIGN_WITH": "file:gate.key",
    "GATE_LEDGER": "sqlite:ledger.db",
    "GATE_LEDGER_KEY": "file:ledger.key",
}
VERIFY = {
    "GATE_APPROVAL": "approval.json",
    "GATE_TRUST": "/etc/trust.yaml",
    "GATE_ENVIRONMENT_NAME": "production",
    "GATE_STAGE": "canary",
    "GATE_COMPONENTS": "signer=/usr/sbin/signer\nconfiguration=/etc/signer conf",
}
INPUTS = {"evaluate": {name: ISSUE[name] for name in list(ISSUE)[:4]}, "issue": ISSUE, "verify": VERIFY}


@dataclass(frozen=True)
class Step:
    """How a step ended, and what it left."""

    code: int
    out: str
    err: str
    called_with: tuple[str, ...]
    outputs: dict[str, str] = field(default_factory=dict)


@pytest.fixture(params=["dash", "bash"])
def shell(request):
    return request.param


@pytest.fixture
def step(tmp_path, shell):
    """Run one step in `tmp_path`."""
    program = tmp_path / "bin" / "gatekeeper"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)

    def run(mode="issue", *, ends=0, told="", approves=True, script=SCRIPT, **inputs):
        (tmp_path / "told.env").write_text(told or f"GATEKEEPER_DECISION={'approve' if ends == 0 else 'deny'}\n")
        outputs = tmp_path / "outputs"
        outputs.write_text("")
        environment = {
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "CALLED_WITH": str(tmp_path / "called"),
            "TOLD": str(tmp_path / "told.env"),
            "ENDS": str(ends),
            "APPROVES": "yes" if approves else "",
            "GATE_SYSTEM": "github",
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            **INPUTS.get(mode, {}),
            **inputs,
        }
        call = [shell, str(script), mode]
        ended = subprocess.run(call, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        called = tmp_path / "called"
        return Step(
            code=ended.returncode,
            out=ended.stdout,
            err=ended.stderr,
            called_with=tuple(called.read_text().splitlines()) if called.exists() else (),
            outputs=dict(line.split("=", 1) for line in outputs.read_text().splitlines()),
        )

    return run
