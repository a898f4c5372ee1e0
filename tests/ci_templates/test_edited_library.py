"""The shared library for Jenkins, which the doctor does not read: one `sh`, the script alone. No edit of it passes."""

import pytest

from gatekeeper.pipelines.groovy import Statement, statements, without_comments
from tests.ci_templates.executed import TEMPLATES

SCRIPT = "sh 'exec gate.sh \"$GATE_MODE\"'"
SHIPPED = (TEMPLATES / "jenkins" / "vars" / "signerGate.groovy").read_text(encoding="utf-8")
MEANT = [
    "def call(Map arguments)",
    "def mode = arguments.mode",
    "if (!(mode in ['evaluate', 'issue', 'verify']))",
    "error 'signerGate: mode is evaluate, issue or verify'",
    "def settings = (arguments.env ?: [:]).collect",
    "name , value -> name + '=' + value",
    "withEnv (settings + ['GATE_SYSTEM=jenkins', 'GATE_MODE=' + mode])",
    SCRIPT,
]
EDITS = {
    "status-returned": (SCRIPT, "sh script: 'exec gate.sh \"$GATE_MODE\"', returnStatus: true"),
    "catch-error": (SCRIPT, f"catchError {{ {SCRIPT} }}"),
    "warn-error": (SCRIPT, f"warnError('x') {{ {SCRIPT} }}"),
    "tried": (SCRIPT, f"try {{ {SCRIPT} }} catch (e) {{ echo 'fine' }}"),
    "or-true": ('"$GATE_MODE"\'', '"$GATE_MODE" || true\''),
    "edited-exit-code": (SCRIPT, "sh 'gate.sh \"$GATE_MODE\"; exit 0'"),
    "evaluate": ("'GATE_MODE=' + mode", "'GATE_MODE=evaluate'"),
    "mode-of-the-caller": (
        "settings + ['GATE_SYSTEM=jenkins', 'GATE_MODE=' + mode]",
        "['GATE_MODE=' + mode] + settings",
    ),
    "spliced": (SCRIPT, 'sh "exec gate.sh ${mode}"'),
    "never-called": (SCRIPT, ""),
    "called-on-a-condition": (SCRIPT, f"if (env.GATED) {{ {SCRIPT} }}"),
    "any-mode": ("!(mode in [", "!mode && (mode in ["),
    "ended-before": ("def settings", "return\n    def settings"),
}


def said(text):
    """What the library says, block by block."""

    def inside(one: Statement):
        yield f"{one.word} {one.rest}".strip()
        for inner in statements(one.block or ""):
            yield from inside(inner)

    return [line for one in statements(without_comments(text)) for line in inside(one)]


def test_the_shipped_library_is_the_script_alone():
    assert said(SHIPPED) == MEANT


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_library_is_not(name):
    old, new = EDITS[name]
    assert old in SHIPPED, "the edit must meet the library"
    assert said(SHIPPED.replace(old, new, 1)) != MEANT
