"""Who wants no steps that functionaries divided among others says so in the policy, as docs/provenance.md has it."""

import re
from pathlib import Path

import layouts
import pytest
from attacks.b10_layouts import with_layout
from attacks.b10_sublayouts import divided

PAGE = Path(__file__).parents[3] / "docs" / "provenance.md"


@pytest.mark.parametrize(("raw", "verdict"), [(layouts.chain(), "approve"), (divided(), "deny")])
def test_a_policy_may_ask_that_no_step_was_divided(raw, verdict):
    """`steps` of a layout's own step are those of its sublayout: none where a link was handed in."""
    expression = re.search(r"^    (size\(predicate\.steps.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[1]
    told = {"expr": expression, "why": "nobody else does our steps", "fix": "have each functionary sign a link"}
    rule = {"id": "undivided", "title": "Nobody else did a step", "kind": "assertion", "over": "build-provenance"}

    def ask(policy):
        policy["spec"]["requirements"].append({**rule, "assert": [told]})

    assert with_layout(raw).judge().decision.verdict.value == "approve"
    assert with_layout(raw).with_document("policy", ask).judge().decision.verdict.value == verdict
