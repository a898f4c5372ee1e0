"""What the doctor does not read, the action itself: one step, always run, that is the script. No edit of it passes."""

from pathlib import Path

import pytest
import yaml

TEMPLATES = Path(__file__).parents[2] / "ci_templates"
SCRIPT = 'exec "$GITHUB_ACTION_PATH/../generic/gate.sh" "$GATE_MODE"'
STEP = "    - id: gate\n"
EDITS = {
    "continue-on-error": (STEP, f"{STEP}      continue-on-error: true\n"),
    "if": (STEP, f"{STEP}      if: inputs.mode != 'verify'\n"),
    "if-always": (STEP, f"{STEP}      if: always()\n"),
    "working-directory": (STEP, f"{STEP}      working-directory: /tmp\n"),
    "another-shell": ("shell: bash", "shell: bash -c 'bash {0} || true'"),
    "or-true": (SCRIPT, f"sh {SCRIPT[5:]} || true"),
    "edited-exit-code": (SCRIPT, f"sh {SCRIPT[5:]}; exit 0"),
    "piped": (SCRIPT, f"sh {SCRIPT[5:]} | tee log"),
    "another-script": (SCRIPT, SCRIPT.replace("$GITHUB_ACTION_PATH/../generic", "$GITHUB_WORKSPACE")),
    "evaluate": ("GATE_MODE: ${{ inputs.mode }}", "GATE_MODE: evaluate"),
    "evaluate-by-default": ('issue or verify", required: true', 'issue or verify", default: evaluate'),
    "trust-of-another": ("GATE_TRUST: ${{ inputs.trust }}", "GATE_TRUST: ${{ inputs.request }}"),
    "another-program": ("        GATE_OUT", "        PATH: ${{ github.workspace }}/bin\n        GATE_OUT"),
    "another-step": ("runs:\n  using: composite\n  steps:\n", "runs:\n  using: composite\n  steps:\n    - run: x\n"),
    "input-in-the-script": ('"$GATE_MODE"', "${{ inputs.mode }}"),
    "output-of-another-step": ("steps.gate.outputs.decision }}", "steps.other.outputs.decision }}"),
}


def meant(system, inputs):
    """The action as it must be, for inputs of these names."""
    given = {f"GATE_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in inputs}
    given |= {"GATE_SYSTEM": system, "GATE_ENVIRONMENT_NAME": given["GATE_ENVIRONMENT"]}
    return {"using": "composite", "steps": [{"id": "gate", "shell": "bash", "env": given, "run": SCRIPT}]}


def is_plain(system, text):
    action = yaml.safe_load(text)
    modes = action["inputs"]["mode"]
    outputs = {name: f"${{{{ steps.gate.outputs.{name} }}}}" for name in action["outputs"]}
    return (
        action["runs"] == meant(system, action["inputs"])
        and {name: one["value"] for name, one in action["outputs"].items()} == outputs
        and (modes.get("required"), "default" in modes) == (True, False)
    )


@pytest.mark.parametrize("system", ["github", "forgejo"])
@pytest.mark.parametrize("name", EDITS)
def test_the_shipped_action_is_the_script_alone_and_an_edited_one_is_not(system, name):
    old, new = EDITS[name]
    text = (TEMPLATES / system / "action.yml").read_text(encoding="utf-8")
    assert old in text, "the edit must meet the action"
    assert is_plain(system, text)
    assert not is_plain(system, text.replace(old, new, 1))
