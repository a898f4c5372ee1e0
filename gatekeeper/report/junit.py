"""For test reports of CI systems: one testcase for each requirement of the policy."""

from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.inert import visible
from gatekeeper.decision import Decision
from gatekeeper.finding import Outcome, Result
from gatekeeper.report.model import DECISION, Report, halt_of
from gatekeeper.report.wording import (
    NOT_DECIDED,
    faults,
    headline,
    message,
    rule_of,
    sentence,
    standing,
    summary,
    told_fault,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CHILDREN = {Outcome.UNMET: "failure", Outcome.INCONCLUSIVE: "error", Outcome.WAIVED: "skipped"}


def render(report: Report) -> str:
    """Return a JUnit file: unmet is a failure, inconclusive an error, waived skipped; a halt is one more error."""
    decision = report.decision
    halt = halt_of(decision)
    cases = [_halted(decision, halt)] if halt else []
    cases += [_case(decision, result) for result in decision.results]
    suite = _suite(f"{decision.policy.name} version {decision.policy.version}", cases)
    suite.insert(0, _properties(report))
    return _written(suite)


def render_error(error: InputError, exit_code: int) -> str:
    """Return a JUnit file whose only testcase, the decision, is an error."""
    case = _element("testcase", classname="gatekeeper", name=DECISION)
    reason = _element("error", type=error.code, message=f"{NOT_DECIDED} exit {exit_code}")
    reason.text = "\n".join(visible(sentence(told_fault(fault))) for fault in faults(error))
    case.append(reason)
    return _written(_suite("gatekeeper", [case]))


def _case(decision: Decision, result: Result) -> "Element":
    case = _element("testcase", classname=decision.policy.name, name=result.id)
    if child := _CHILDREN.get(result.outcome):
        case.append(_reason(child, decision, result))
    return case


def _halted(decision: Decision, halt: Result) -> "Element":
    case = _element("testcase", classname=decision.policy.name, name=halt.id)
    case.append(_reason("error", decision, halt))
    return case


def _reason(kind: str, decision: Decision, result: Result) -> "Element":
    first, *rest = message(decision, result)
    reason = _element(kind, type=rule_of(result), message=first)
    reason.text = "\n".join(map(visible, rest))
    return reason


def _suite(name: str, cases: list["Element"]) -> "Element":
    counts = {kind: str(sum(case.find(kind) is not None for case in cases)) for kind in ("failure", "error", "skipped")}
    suite = _element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=counts["failure"],
        errors=counts["error"],
        skipped=counts["skipped"],
    )
    suite.extend(cases)
    return suite


def _properties(report: Report) -> "Element":
    decision = report.decision
    properties = _element("properties")
    for name, value in (
        ("decision", decision.verdict.value),
        ("exitCode", str(decision.verdict.exit_code)),
        ("decisionDigest", report.decision_digest),
        ("caseDigest", decision.case_digest),
        ("headline", headline(decision)),
        ("signOff", standing(decision)),
        ("summary", summary(report)),
    ):
        properties.append(_element("property", name=name, value=value))
    return properties


def _element(tag: str, **attributes: str) -> "Element":
    from xml.etree.ElementTree import Element

    return Element(tag, {name: visible(value) for name, value in attributes.items()})


def _written(suite: "Element") -> str:
    from xml.etree.ElementTree import indent, tostring

    suites = _element("testsuites")
    suites.append(suite)
    indent(suites)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(suites, encoding='unicode')}\n"
