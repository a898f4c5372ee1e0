"""For GitLab merge requests: an array of code quality issues at the requirements' lines in the policy."""

from typing import Any

from attestations.digest import canonical_digest
from attestations.errors import InputError, Location
from attestations.inert import json_text, visible
from gatekeeper.finding import Outcome, Result
from gatekeeper.report.model import DECISION, Report, halt_of, in_order
from gatekeeper.report.wording import NOT_DECIDED, faults, headline, message, sentence, summary, told_fault

_SEVERITIES = {Outcome.UNMET: "critical", Outcome.INCONCLUSIVE: "critical", Outcome.WAIVED: "minor"}


def render(report: Report) -> str:
    """Return one issue for each requirement not met or waived, and one that says how each requirement ended.

    The last is there because an empty array looks like a gate that never ran.
    """
    decision = report.decision
    halt = halt_of(decision)
    issues = [] if halt is None else [_issue(report, halt, "blocker")]
    issues += [
        _issue(report, result, _SEVERITIES[result.outcome])
        for result in in_order(decision)
        if result.outcome is not Outcome.MET
    ]
    return json_text([*issues, _overview(report)])


def render_error(error: InputError, exit_code: int) -> str:
    """Return one blocking issue for each fault of the input."""
    return json_text([_fault(fault, exit_code) for fault in faults(error)])


def _issue(report: Report, result: Result, severity: str) -> dict[str, Any]:
    lines = message(report.decision, result)
    return _entry(result.id, severity, lines, report.place(result), _fingerprint(report, result.id))


def _overview(report: Report) -> dict[str, Any]:
    decision = report.decision
    each = (f"{result.outcome.value} {result.id}" for result in in_order(decision))
    lines = (headline(decision), summary(report), *each)
    place = Location(file=report.policy_file, line=1)
    return _entry(DECISION, "info", lines, place, _fingerprint(report, DECISION))


def _fault(fault: InputError, exit_code: int) -> dict[str, Any]:
    lines = (f"{NOT_DECIDED} exit {exit_code}", sentence(told_fault(fault)))
    place = fault.where or Location(file="command line")
    fingerprint = canonical_digest({"code": fault.code, "where": visible(str(place)), "found": visible(fault.found)})
    return _entry(DECISION, "blocker", lines, place, fingerprint)


def _entry(name: str, severity: str, lines: tuple[str, ...], place: Location, fingerprint: str) -> dict[str, Any]:
    return {
        "description": " · ".join(map(visible, lines)),
        "check_name": visible(name),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": visible(place.file), "lines": {"begin": place.line or 1}},
    }


def _fingerprint(report: Report, name: str) -> str:
    """The same issue in a later run keeps its fingerprint; of two issues with one GitLab shows only the first."""
    decision = report.decision
    return canonical_digest(
        {
            "requirement": visible(name),
            "components": [[visible(part), digest] for part, digest in decision.components],
            "environment": visible(decision.environment.name),
        }
    )
