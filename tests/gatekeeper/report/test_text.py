"""The text form answers an approver's questions in their order, and says what to do next."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from gatekeeper.decision import Verdict
from gatekeeper.finding import Outcome, unmet
from gatekeeper.report import render, render_error
from gatekeeper.report.wording import standing
from tests.gatekeeper.report import samples


@pytest.mark.parametrize(
    ("report", "headline"),
    [
        (samples.APPROVED, "✓ APPROVED r-42 (de-production, canary)   exit 0"),
        (samples.DENIED, "✗ DENIED r-42 (de-production, canary)   exit 10"),
        (samples.UNSIGNED, "◷ INCONCLUSIVE r-42 (de-production, canary)   exit 11"),
        (samples.FROZEN, "■ FROZEN r-42 (de-production, canary)   exit 12"),
    ],
)
def test_the_first_line_is_the_verdict_with_its_exit_code(report, headline):
    assert render("text", report).splitlines()[0] == headline


def test_an_approver_s_questions_are_answered_in_order_before_the_requirements():
    labels = [line.split()[0] for line in render("text", samples.DENIED).splitlines()[1:7]]
    assert labels == ["sign-off", "change", "parts", "missing", "signs", "✗"]


def test_unmet_comes_before_inconclusive_before_waived_before_met():
    report = samples.report(
        samples.decision(Verdict.DENY, samples.BUILT, samples.WAY_BACK, samples.PEOPLE, samples.ONE_KEY)
    )
    words = re.findall(r"^  [✗◷~✓] (\w+)", render("text", report), re.MULTILINE)
    assert words == ["unmet", "inconclusive", "waived", "met"]


REJECTED = replace(
    samples.PEOPLE, outcome=Outcome.UNMET, findings=(unmet("APPR-COUNT", "rejected", "no rejection", "a new request"),)
)
STALE = replace(samples.WAY_BACK, outcome=Outcome.INCONCLUSIVE, waiver=None)


@pytest.mark.parametrize(
    ("verdict", "results", "answer"),
    [
        (Verdict.APPROVE, [samples.BUILT], "not needed: "),
        (Verdict.INCONCLUSIVE, [samples.BUILT, samples.PEOPLE], "possible: nothing but sign-offs is missing"),
        (Verdict.INCONCLUSIVE, [STALE, samples.PEOPLE], "not yet: evidence is missing for 1 requirement, "),
        (Verdict.DENY, [samples.ONE_KEY, samples.PEOPLE], "not possible: evidence shows 1 requirement not met"),
        (Verdict.DENY, [samples.BUILT, REJECTED], "not possible: it was rejected"),
        (Verdict.DENY, [STALE, REJECTED], "not possible: it was rejected"),
        (Verdict.FROZEN, [samples.BUILT, samples.PEOPLE], "not possible: a halt or freeze is in force"),
    ],
)
def test_whether_a_sign_off_makes_sense_is_told_from_what_is_missing(verdict, results, answer):
    assert standing(samples.decision(verdict, *results)).startswith(answer)


def test_a_finding_says_found_wanted_next_and_what_it_rests_on():
    made = render("text", samples.DENIED)
    block = made[made.index("      HSM-KEY-IDENTITY") :].splitlines()[1:5]
    assert [line[8:16].strip() for line in block] == ["found", "wanted", "seen in", "next"]
    assert block[2].endswith("keys.dsse.json (sha256 11111111…1111) said by hsm-lab")


def test_the_last_line_has_the_figures_the_digest_the_ledger_and_where_to_read_on():
    last = render("text", samples.DENIED).splitlines()[-1]
    digest = samples.DENIED.decision_digest
    assert last == (
        f"  2 of 4 requirements unmet, 1 inconclusive · decision {digest[:8]}…{digest[-4:]} · ledger #1841"
        " · more: gatekeeper explain HSM-KEY-IDENTITY"
    )


def test_a_development_trust_root_is_told_and_a_real_one_is_not():
    assert "made under a development trust root" in render("text", samples.WAIVED)
    assert "development" not in render("text", samples.APPROVED)


def test_without_a_decision_it_says_so_with_the_exit_code():
    made = render_error("text", samples.UNREADABLE, exit_code=1)
    assert made.startswith("✗ NOT DECIDED   exit 1\n")
    assert made.endswith("  nothing was decided, nothing was issued\n")
    assert "        in      policies/commissioning.yaml:14:18\n" in made


def test_text_and_json_load_nothing_heavy():
    script = (
        "import sys; from tests.gatekeeper.report import samples; from gatekeeper.report import render;"
        "before = set(sys.modules); render('text', samples.DENIED); render('json', samples.DENIED);"
        "print(sorted({'jsonschema', 'xml.etree.ElementTree', 'importlib.metadata'} & (set(sys.modules) - before)),"
        "'jsonschema' in sys.modules, 'xml.etree.ElementTree' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[] False False\n"
