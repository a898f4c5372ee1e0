"""For the log of a GitHub job: every requirement on a plain line, then annotations for what is not met."""

from collections.abc import Iterator, Sequence

from attestations.errors import InputError, Location
from attestations.inert import visible
from gatekeeper.finding import Outcome, Result
from gatekeeper.report.inert import github_data, github_property
from gatekeeper.report.model import Report, halt_of, in_order, unsatisfied, waived
from gatekeeper.report.wording import (
    MARKS,
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

MAX_ANNOTATIONS = 10
"""of one level in one step; GitHub hides the rest in silence"""


def render(report: Report) -> str:
    """Return plain lines and workflow commands; the last line says how many annotations there was no room for."""
    decision = report.decision
    halt = halt_of(decision)
    errors = (*(() if halt is None else (halt,)), *unsatisfied(decision))
    warnings = waived(decision)
    lines = [f"{headline(decision)}   exit {decision.verdict.exit_code}", f"  {standing(decision)}"]
    lines += [f"  {MARKS[result.outcome]} {result.outcome.value:<12}  {result.id}" for result in in_order(decision)]
    commands = [
        *(_annotation("error", report, result) for result in errors[:MAX_ANNOTATIONS]),
        *(_annotation("warning", report, result) for result in warnings[:MAX_ANNOTATIONS]),
        _command("notice", None, headline(decision), (summary(report), *_left_out(len(errors), len(warnings)))),
    ]
    return "".join(f"{line}\n" for line in (*map(visible, lines), *commands))


def render_error(error: InputError, exit_code: int) -> str:
    """Return one error annotation for each fault of the input."""
    lines = [
        _command("error", fault.where, f"{NOT_DECIDED} {fault.code}", (sentence(told_fault(fault)),))
        for fault in faults(error)[:MAX_ANNOTATIONS]
    ]
    return "".join(f"{line}\n" for line in (f"{NOT_DECIDED}   exit {exit_code}", *lines))


def _annotation(level: str, report: Report, result: Result) -> str:
    return _command(level, report.place(result), _title(result), message(report.decision, result))


def _title(result: Result) -> str:
    prefix = "INCONCLUSIVE " if result.outcome is Outcome.INCONCLUSIVE else ""
    return f"{prefix}{result.id} {rule_of(result)}"


def _left_out(errors: int, warnings: int) -> Iterator[str]:
    for count, what in ((errors, "not met"), (warnings, "waived")):
        if count > MAX_ANNOTATIONS:
            yield f"{count - MAX_ANNOTATIONS} more {what}, listed above without annotation"


def _command(name: str, where: Location | None, title: str, lines: Sequence[str]) -> str:
    place = "" if where is None else f"file={github_property(where.file)},line={where.line or 1},"
    data = "%0A".join(map(github_data, lines))
    return f"::{name} {place}title={github_property(title)}::{data}"
