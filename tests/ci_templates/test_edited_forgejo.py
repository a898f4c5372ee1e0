"""Forgejo's workflow, edited into one with a way around the gate: each is found and named, the shipped one is not."""

import pytest

from gatekeeper.pipelines import examine
from tests.ci_templates.executed import TEMPLATES

GATE, DEPLOY, ISSUE = "  gate:\n", "  deploy:\n", "      - id: gate\n"
VERIFY = "        with:\n          mode: verify\n"
FORK_DOWNLOADS = "code.forgejo.org/forgejo/download-artifact@"
STRANGER_DOWNLOADS = "code.forgejo.org/stranger/download-artifact@"
KEEPS = (
    "- if: always()\n        uses: https://code.forgejo.org/{}/upload-artifact@" + "0" * 40 + "\n      - name: deploy\n"
)
STRANGER_KEEPS = KEEPS.format("stranger")
HARMLESS = {
    "downloaded-by-the-original": (FORK_DOWNLOADS, "code.forgejo.org/actions/download-artifact@"),
    "downloaded-from-a-mirror": (FORK_DOWNLOADS, "data.forgejo.org/forgejo/download-artifact@"),
    "kept-by-the-fork": ("- name: deploy\n", KEEPS.format("forgejo")),
    "kept-by-the-original": ("- name: deploy\n", KEEPS.format("actions")),
}
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
    "downloaded-by-a-stranger": ("not-verified", FORK_DOWNLOADS, STRANGER_DOWNLOADS),
    "downloaded-by-a-tag": ("not-pinned", FORK_DOWNLOADS, "code.forgejo.org/forgejo/download-artifact@v4 #"),
    "kept-by-a-stranger": ("starts-regardless", "- name: deploy\n", STRANGER_KEEPS),
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


@pytest.mark.parametrize("name", HARMLESS)
def test_artifacts_may_go_by_the_fork_or_the_original(name, tmp_path):
    old, new = HARMLESS[name]
    text = (TEMPLATES / "forgejo" / "deploy.yml").read_text(encoding="utf-8")
    assert old in text, "the edit must meet the template"
    assert rules(text.replace(old, new, 1), tmp_path) == set()
