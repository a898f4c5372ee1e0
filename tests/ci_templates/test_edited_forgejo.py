"""Forgejo's workflow, edited into one with a way around the gate: each is found and named, the shipped one is not."""

import pytest

from gatekeeper.pipelines import examine
from tests.ci_templates.executed import TEMPLATES

GATE, DEPLOY, ISSUE = "  gate:\n", "  deploy:\n", "      - id: gate\n"
VERIFY = "        with:\n          mode: verify\n"
EDITS = {
    "continue-on-error": ("failure-ignored", GATE, f"{GATE}    continue-on-error: true\n"),
    "continue-on-error-step": ("failure-ignored", ISSUE, f"{ISSUE}        continue-on-error: true\n"),
    "verification-may-fail": ("failure-ignored", VERIFY, f"        continue-on-error: true\n{VERIFY}"),
    "if-always": ("starts-regardless", DEPLOY, f"{DEPLOY}    if: always()\n"),
    "if-not-cancelled": ("starts-regardless", DEPLOY, f"{DEPLOY}    if: ${{{{ !cancelled() }}}}\n"),
    "deploys-after-a-refusal": ("starts-regardless", "- name: deploy\n", "- name: deploy\n        if: failure()\n"),
    "needs-dropped": ("not-behind-the-gate", "    needs: gate\n", ""),
    "renamed": ("needs-nothing", GATE, "  checks:\n"),
    "gate-with-a-condition": ("gate-skippable", GATE, f"{GATE}    if: github.actor != 'bot'\n"),
    "evaluate": ("gate-missing", "mode: issue", "mode: evaluate"),
    "approval-never-read": ("not-verified", "mode: verify", "mode: evaluate"),
    "or-true": ("exit-code-lost", ISSUE, f"      - run: gate.sh issue || true\n{ISSUE}"),
    "edited-exit-code": ("exit-code-lost", ISSUE, f"      - run: gate.sh issue; exit 0\n{ISSUE}"),
    "pull-request-target": ("danger", "on:\n", "on:\n  pull_request_target:\n"),
    "write-all": ("danger", "permissions: {}\n", "permissions: write-all\n"),
    "action-by-tag": ("not-pinned", "0" * 40, "main"),
    "spliced": ("spliced", "        run: ", "        run: echo ${{ github.event.head_commit.message }} && "),
}


def rules(text, folder):
    path = folder / "deploy.yml"
    path.write_text(text, encoding="utf-8")
    return {one.rule for one in examine("forgejo", (path,), ("deploy",))}


@pytest.mark.parametrize("name", EDITS)
def test_a_way_around_the_gate_is_found_and_named(name, tmp_path):
    rule, old, new = EDITS[name]
    text = (TEMPLATES / "forgejo" / "deploy.yml").read_text(encoding="utf-8")
    assert old in text, "the edit must meet the template"
    assert rules(text, tmp_path) == set()
    assert rule in rules(text.replace(old, new, 1), tmp_path)
