"""Nothing is silently absent (threats P15), and no format has a figure that the JSON does not have."""

import json
import re
from dataclasses import replace

import pytest

from attestations.errors import Location
from gatekeeper.decision import Verdict
from gatekeeper.finding import Outcome
from gatekeeper.report import FORMATS, render, render_error
from tests.gatekeeper.report import samples
from tests.gatekeeper.report.reading import READERS, outcomes, workflow_commands, xml

SENTENCES = [name for name in FORMATS if name != "dotenv"]
"""formats that people read; the other holds names and figures only"""

CASES = [pytest.param(name, report, id=f"{name}-{case}") for name in FORMATS for case, report in samples.ALL.items()]


def test_every_format_can_be_read_back():
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize(("name", "report"), CASES)
def test_every_requirement_of_the_policy_stands_in_every_format_with_its_outcome(name, report):
    expected = {result.id: result.outcome.value for result in report.decision.results}
    assert outcomes(name, render(name, report)) == expected


@pytest.mark.parametrize("name", ["text", "markdown", "github", "junit", "sarif", "gitlab-codequality", "html"])
@pytest.mark.parametrize("report", samples.ALL.values(), ids=samples.ALL)
def test_figures_are_those_of_the_json(name, report):
    made, source = render(name, report), json.loads(render("json", report))
    made = json.dumps(json.loads(made), ensure_ascii=False) if made.startswith(("{", "[")) else made
    ended = [entry["outcome"] for entry in source["requirements"]]
    said = f"{ended.count('unmet')} of {len(ended)} requirements unmet, {ended.count('inconclusive')} inconclusive"
    waived = f", {ended.count('waived')} waived" if "waived" in ended else ""
    assert f"{said}{waived}" in made
    assert source["decisionDigest"][:8] in made
    assert source["request"]["name"] in made
    assert set(re.findall(r"ledger #(\d+)", made)) == {str(source["ledgerIndex"])} - {"None"}
    assert (source["approval"] is not None) == ("approval approval.dsse.json until 2026-05-07T14:02:00Z" in made)
    assert set(re.findall(r"gatekeeper explain ([A-Z-]+)", made)) <= set(source["reasonCodes"]) | {
        finding["code"] for entry in source["requirements"] for finding in entry["findings"]
    }


@pytest.mark.parametrize("report", samples.ALL.values(), ids=samples.ALL)
def test_junit_counts_are_those_of_the_json(report):
    source = json.loads(render("json", report))
    (suite,) = xml(render("junit", report))
    ended = [entry["outcome"] for entry in source["requirements"]]
    halted = bool(source["freezes"])
    counts = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {
        "tests": len(ended) + halted,
        "failures": ended.count("unmet"),
        "errors": ended.count("inconclusive") + halted,
        "skipped": ended.count("waived"),
    }


@pytest.mark.parametrize("name", SENTENCES)
def test_a_waived_requirement_shows_owner_reason_approvers_and_expiry(name):
    made = render(name, samples.WAIVED)
    waiver = samples.WAY_BACK.waiver
    for shown in (waiver.owner, waiver.reason, *waiver.approvers, waiver.not_after):
        assert shown in made


@pytest.mark.parametrize("name", SENTENCES)
def test_a_halt_shows_in_every_format_and_only_when_there_is_one(name):
    assert "halt h-1 since 2026-05-05T14:07:03Z" in render(name, samples.FROZEN)
    assert "gate.halt" not in render(name, samples.DENIED)


@pytest.mark.parametrize("name", ["text", "markdown", "html", "json"])
def test_evidence_that_does_not_count_is_shown_with_the_reason(name):
    made = render(name, samples.REFUSED)
    assert "odd.json" in made
    assert "SIG-UNTRUSTED" in made
    assert "SIG-UNTRUSTED" not in render(name, samples.UNSIGNED)


@pytest.mark.parametrize("name", SENTENCES)
def test_without_a_decision_every_format_tells_every_fault_and_no_success(name):
    made = render_error(name, samples.UNREADABLE)
    for code in ("PARSE-YAML", "SCHEMA"):
        assert code in made
    assert "policies/commissioning.yaml" in made
    assert "APPROVED" not in made


def test_without_a_decision_junit_has_one_testcase_and_it_is_an_error():
    (suite,) = xml(render_error("junit", samples.UNREADABLE))
    assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [("gate.decision", ["error"])]
    assert suite.get("errors") == "1"


def test_without_a_decision_sarif_says_that_the_run_failed():
    (run,) = json.loads(render_error("sarif", samples.UNREADABLE))["runs"]
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    assert len(invocation["toolExecutionNotifications"]) == 2
    assert run["results"] == []


def test_with_a_decision_sarif_says_that_the_run_succeeded_whatever_was_decided():
    for report in samples.ALL.values():
        (run,) = json.loads(render("sarif", report))["runs"]
        expected = {"executionSuccessful": True, "exitCode": report.decision.verdict.exit_code}
        assert run["invocations"] == [expected]


def test_sarif_has_an_error_for_each_requirement_that_is_not_met_and_a_suppression_only_for_a_waiver():
    (run,) = json.loads(render("sarif", samples.DENIED))["runs"]
    assert [(r["properties"]["requirement"], r["ruleId"], r["kind"], r["level"]) for r in run["results"]] == [
        ("one-key-in-every-hsm", "HSM-KEY-IDENTITY", "fail", "error"),
        ("every-signature-verifies", "EXT-VALID", "fail", "error"),
        ("people", "APPR-COUNT", "fail", "error"),
    ]
    assert [result["suppressions"] for result in run["results"]] == [[], [], []]
    assert run["results"][2]["message"]["text"].startswith("INCONCLUSIVE people")
    assert [run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    (waived,) = json.loads(render("sarif", samples.WAIVED))["runs"][0]["results"]
    assert "the drill site is being moved" in waived["suppressions"][0]["justification"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [("policies/a b.yaml", "policies/a%20b.yaml"), ("/etc/gate/policy.yaml", "policy.yaml")],
)
def test_sarif_refers_to_the_policy_by_a_relative_uri_and_the_requirement_s_line(file, uri):
    place = {"people": Location(file=file, line=25)}
    (run,) = json.loads(render("sarif", replace(samples.UNSIGNED, policy_file=file, places=place)))["runs"]
    (location,) = run["results"][0]["locations"]
    physical = location["physicalLocation"]
    assert (physical["artifactLocation"]["uri"], physical["region"]["startLine"]) == (uri, 25)


def test_gitlab_severities_are_those_of_the_table():
    def severities(report):
        return [(issue["check_name"], issue["severity"]) for issue in json.loads(render("gitlab-codequality", report))]

    assert severities(samples.DENIED)[1:] == [
        ("every-signature-verifies", "critical"),
        ("people", "critical"),
        ("gate.decision", "info"),
    ]
    assert severities(samples.WAIVED) == [("way-back", "minor"), ("gate.decision", "info")]
    assert severities(samples.FROZEN)[0] == ("gate.halt", "blocker")
    faults = json.loads(render_error("gitlab-codequality", samples.UNREADABLE))
    assert [fault["severity"] for fault in faults] == ["blocker", "blocker"]
    assert len({fault["fingerprint"] for fault in faults}) == 2


def test_gitlab_fingerprints_follow_requirement_components_and_environment_alone():
    def fingerprints(report):
        return [issue["fingerprint"] for issue in json.loads(render("gitlab-codequality", report))]

    first = fingerprints(samples.DENIED)
    decision = samples.DENIED.decision
    later = replace(decision, evaluated_on="2026-05-06T00:00:00Z", case_digest="e" * 64)
    elsewhere = replace(decision, environment=replace(decision.environment, name="staging"))
    rebuilt = replace(decision, components=(("signer", "5c" * 32), *decision.components[1:]))
    assert len(set(first)) == len(first)
    assert fingerprints(samples.report(later)) == first
    assert not set(fingerprints(samples.report(elsewhere))) & set(first)
    assert not set(fingerprints(samples.report(rebuilt))) & set(first)


def many(count, outcome=Outcome.UNMET):
    results = [
        replace(
            samples.WAY_BACK,
            id=f"r{n}",
            outcome=outcome,
            waiver=samples.WAY_BACK.waiver if outcome == "waived" else None,
        )
        for n in range(count)
    ]
    return samples.report(samples.decision(Verdict.DENY, *results))


@pytest.mark.parametrize(
    ("count", "left_out"), [(9, None), (10, None), (11, "1 more not met"), (30, "20 more not met")]
)
def test_github_gets_at_most_ten_errors_and_the_last_line_says_how_many_more(count, left_out):
    commands = workflow_commands(render("github", many(count)))
    assert [name for name, _, _ in commands].count("error") == min(count, 10)
    name, _, last = commands[-1]
    assert name == "notice"
    assert ("more not met" in last) == (left_out is not None)
    assert (left_out or "") in last


def test_github_gets_at_most_ten_warnings_too():
    commands = workflow_commands(render("github", many(11, Outcome.WAIVED)))
    assert [name for name, _, _ in commands] == ["warning"] * 10 + ["notice"]
    assert "1 more waived" in commands[-1][2]


def test_github_annotations_stand_at_the_requirement_and_say_inconclusive_first():
    commands = workflow_commands(render("github", samples.DENIED))
    assert [(name, properties.get("line")) for name, properties, _ in commands] == [
        ("error", "15"),
        ("error", "20"),
        ("error", "25"),
        ("notice", None),
    ]
    assert commands[2][1]["title"] == "INCONCLUSIVE people APPR-COUNT"
    assert commands[0][1]["title"] == "one-key-in-every-hsm HSM-KEY-IDENTITY"
    assert commands[0][2].startswith("UNMET one-key-in-every-hsm: Every production HSM")


@pytest.mark.parametrize("count", [1, 300])
def test_markdown_stays_under_the_size_at_which_github_drops_it_and_says_what_it_left_out(count):
    text = "`" * 4000
    finding = replace(samples.ONE_KEY.findings[0], found=text)
    results = [replace(samples.ONE_KEY, id=f"r{n}", findings=(finding,)) for n in range(count)]
    made = render("markdown", samples.report(samples.decision(Verdict.DENY, *results)))
    assert len(made.encode()) < 1024 * 1024
    assert ("Left out from here on" in made) == (count == 300)
    assert len(outcomes("markdown", made)) == count
    assert made.startswith("## ✗ DENIED")
    assert made.endswith("gives the same digest\n")


def dotenv(source):
    return dict(line.split("=", 1) for line in source.splitlines())


@pytest.mark.parametrize("report", samples.ALL.values(), ids=samples.ALL)
def test_what_the_next_job_reads_is_what_the_json_says(report):
    source, made = json.loads(render("json", report)), dotenv(render("dotenv", report))
    assert made["GATEKEEPER_DECISION"] == source["decision"]
    assert made["GATEKEEPER_EXIT_CODE"] == str(report.decision.verdict.exit_code)
    assert made["GATEKEEPER_REASON_CODES"] == ",".join(source["reasonCodes"])
    assert made["GATEKEEPER_DECISION_DIGEST"] == source["decisionDigest"]
    assert made["GATEKEEPER_EXPIRES_AT"] == (source["approval"] or {"notAfter": ""})["notAfter"]


@pytest.mark.parametrize("exit_code", [1, 2])
def test_the_next_job_reads_no_decision_where_there_is_none(exit_code):
    made = dotenv(render_error("dotenv", samples.UNREADABLE, exit_code=exit_code))
    assert made["GATEKEEPER_DECISION"] == ""
    assert made["GATEKEEPER_EXIT_CODE"] == str(exit_code)
    assert made["GATEKEEPER_REASON_CODES"]


def test_the_page_shows_who_signed_a_zone_and_no_other_format_does():
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" class="zone-keys"></svg>'
    report = replace(samples.DENIED, pictures=(drawn,))
    assert drawn in render("html", report)
    assert all("<svg" not in render(name, report) for name in FORMATS if name != "html")
