"""The reusable workflow behind a deploy workflow, edited into a way around the gate: each edit is found and named."""

import re

import pytest

from gatekeeper.pipelines import examine
from tests.ci_templates.executed import TEMPLATES

CALLER, CALLED = ((TEMPLATES / "github" / name).read_text(encoding="utf-8") for name in ("deploy.yml", "gate.yml"))
(LINE,) = re.findall("^#   (gate: .*)$", CALLED, re.MULTILINE)
CALLER = f"{CALLER[: CALLER.index('  gate:')]}  {LINE}\n{CALLER[CALLER.index('  deploy:') :]}"
JOB, ISSUE, CALL, NEEDS = "  gate:\n", "      - id: gate\n", "uses: ./.github/workflows/gate.yml,", "    needs: gate\n"
EDITS = {
    "continue-on-error": ("failure-ignored", JOB, f"{JOB}    continue-on-error: true\n"),
    "continue-on-error-step": ("failure-ignored", ISSUE, f"{ISSUE}        continue-on-error: true\n"),
    "gate-with-a-condition": ("gate-skippable", JOB, f"{JOB}    if: inputs.request\n"),
    "step-with-a-condition": ("gate-skippable", ISSUE, f"{ISSUE}        if: inputs.request\n"),
    "call-with-a-condition": ("gate-skippable", CALL, f"{CALL} if: github.ref,"),
    "evaluate": ("gate-missing", "mode: issue", "mode: evaluate"),
    "or-true": ("exit-code-lost", ISSUE, f"      - run: gate.sh issue || true\n{ISSUE}"),
    "edited-exit-code": ("exit-code-lost", ISSUE, f"      - run: gate.sh issue; exit 0\n{ISSUE}"),
    "another-shell": ("exit-code-lost", ISSUE, f"      - {{run: gate.sh issue, shell: 'true {{0}}'}}\n{ISSUE}"),
    "another-file": ("gate-missing", "workflows/gate.yml", "workflows/other.yml"),
    "action-by-branch": ("not-pinned", "0" * 40, "main"),
    "write-all": ("danger", f"{CALL} permissions: {{contents: read}}", f"{CALL} permissions: write-all"),
    "another-job": ("gate-missing", JOB, f"  more: {{runs-on: x, steps: [{{run: x}}]}}\n{JOB}"),
    "needs-dropped": ("not-behind-the-gate", NEEDS, ""),
    "if-always": ("starts-regardless", NEEDS, f"{NEEDS}    if: always()\n"),
}


def rules(caller, called, folder):
    paths = (folder / "deploy.yml", folder / "gate.yml")
    for path, text in zip(paths, (caller, called), strict=True):
        path.write_text(text, encoding="utf-8")
    return {one.rule for one in examine("github", paths, ("deploy",))}


def test_the_shipped_two_have_no_way_around_the_gate(tmp_path):
    assert rules(CALLER, CALLED, tmp_path) == set()


@pytest.mark.parametrize("name", EDITS)
def test_a_way_around_the_gate_is_found_and_named(name, tmp_path):
    rule, old, new = EDITS[name]
    is_called = old in CALLED.partition("name: gate\n")[2]
    assert is_called or old in CALLER, "the edit must meet one of the two"
    head, mark, body = CALLED.partition("name: gate\n")
    called = head + mark + body.replace(old, new, 1) if is_called else CALLED
    assert rule in rules(CALLER if is_called else CALLER.replace(old, new, 1), called, tmp_path)
