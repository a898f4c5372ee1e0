"""For code scanning: SARIF 2.1.0, one result for each requirement that is not met or is waived."""

from pathlib import PurePath
from typing import Any

from attestations import __version__
from attestations.errors import InputError, Location
from attestations.inert import json_text, visible
from gatekeeper.finding import Outcome, Result
from gatekeeper.report.inert import sarif_text
from gatekeeper.report.model import Report, halt_of, in_order
from gatekeeper.report.wording import faults, headline, message, rule_of, sentence, summary, told_fault

HOME = "https://signer-gatekeeper.github.io/"


def render(report: Report) -> str:
    """Return a SARIF log whose run was successful: a decision was made, whatever it is."""
    decision = report.decision
    halt = halt_of(decision)
    shown = (*(() if halt is None else (halt,)), *(r for r in in_order(decision) if r.outcome is not Outcome.MET))
    rules = sorted({rule_of(result) for result in shown})
    code = decision.verdict.exit_code
    run = {
        "tool": _tool(rules),
        "invocations": [_invocation(code, successful=True)],
        "results": [_result(report, result, rules) for result in shown],
        "properties": {
            "decision": decision.verdict.value,
            "headline": visible(headline(decision)),
            "summary": visible(summary(report)),
            "decisionDigest": report.decision_digest,
            "caseDigest": decision.case_digest,
            "requirements": [{"id": visible(r.id), "outcome": r.outcome.value} for r in decision.results],
        },
    }
    return _log(run)


def render_error(error: InputError, exit_code: int) -> str:
    """Return a SARIF log of a run that failed: without results, and not to be read as success."""
    notifications = [_notification(fault) for fault in faults(error)]
    invocation = _invocation(exit_code, successful=False) | {"toolExecutionNotifications": notifications}
    return _log({"tool": _tool([]), "invocations": [invocation], "results": []})


def _log(run: dict[str, Any]) -> str:
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json_text({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _tool(rules: list[str]) -> dict[str, Any]:

    driver = {
        "name": "gatekeeper",
        "version": __version__,
        "informationUri": HOME,
        "rules": [{"id": visible(rule), "help": {"text": f"gatekeeper explain {visible(rule)}"}} for rule in rules],
    }
    return {"driver": driver}


def _invocation(exit_code: int, *, successful: bool) -> dict[str, Any]:
    return {"executionSuccessful": successful, "exitCode": exit_code}


def _result(report: Report, result: Result, rules: list[str]) -> dict[str, Any]:
    lines = map(sarif_text, message(report.decision, result))
    rule = rule_of(result)
    return {
        "ruleId": visible(rule),
        "ruleIndex": rules.index(rule),
        "kind": "fail",
        "level": "error",
        "message": {"text": "\n".join(lines)},
        "locations": [_location(report.place(result))],
        "suppressions": _suppressions(result),
        "properties": {"requirement": visible(result.id), "outcome": result.outcome.value},
    }


def _suppressions(result: Result) -> list[dict[str, str]]:
    waiver = result.waiver
    if waiver is None:
        return []
    approvers = ", ".join(waiver.approvers)
    said = f"waived until {waiver.not_after} by {waiver.owner}, signed by {approvers}: {waiver.reason}"
    return [{"kind": "external", "status": "accepted", "justification": visible(said)}]


def _notification(fault: InputError) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": sarif_text(sentence(told_fault(fault)))},
        "locations": [] if fault.where is None else [_location(fault.where)],
    }


def _location(place: Location) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _relative_uri(place.file)},
            "region": {"startLine": place.line or 1},
        }
    }


def _relative_uri(file: str) -> str:
    """Return a reference relative to where the call was made; of a file elsewhere only the name means anything."""
    from urllib.parse import quote

    path = PurePath(file)
    return quote(visible(path.name if path.is_absolute() else path.as_posix()))
