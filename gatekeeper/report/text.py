"""For people at a terminal and in a log: verdict first, then what an approver asks, then every requirement."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from attestations.errors import InputError
from attestations.inert import visible
from gatekeeper.decision import Decision
from gatekeeper.finding import Outcome, Result
from gatekeeper.report.model import Report, halt_of, in_order
from gatekeeper.report.wording import (
    DEVELOPMENT,
    MARKS,
    NOT_DECIDED,
    NOTHING_ISSUED,
    Told,
    change,
    components,
    faults,
    headline,
    missing,
    named,
    short,
    standing,
    summary,
    told,
    told_fault,
    told_refusal,
)

_COLOURS = {"✓": "32", "✗": "31", "◷": "33", "~": "35", "■": "31"}
_MARKED = re.compile("^ *([✓✗◷~■] [A-Za-z]+)", re.MULTILINE)


def render(report: Report) -> str:
    """Return the report as text: no colour, no control character but the line feed."""
    return _joined(_lines(report))


def render_error(error: InputError, exit_code: int) -> str:
    """Return why nothing was decided."""
    return _joined((f"{NOT_DECIDED}   exit {exit_code}", *_told(map(told_fault, faults(error))), f"  {NOTHING_ISSUED}"))


def painted(text: str) -> str:
    """Return a text report with its marks in colour, which says nothing that mark and word do not say."""
    return _MARKED.sub(lambda match: f"\x1b[{_COLOURS[match[1][0]]}m{match[0]}\x1b[0m", text)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{visible(line)}\n" for line in lines)


def _lines(report: Report) -> Iterator[str]:
    """No line begins with text from outside: at the head of a line `::` is a command to a GitHub runner."""
    decision = report.decision
    yield f"{headline(decision)}   exit {decision.verdict.exit_code}"
    if decision.development:
        yield f"  TEST      {DEVELOPMENT}"
    if halt := halt_of(decision):
        yield f"  ■ halted  {named(halt)}"
        yield from _told(told(decision, halt))
    yield f"  sign-off  {standing(decision)}"
    yield f"  change    {change(report)}"
    yield f"  parts     {components(decision)}"
    yield f"  missing   {missing(decision)}"
    yield f"  signs     case {decision.case_digest}"
    for result in in_order(decision):
        yield from _requirement(decision, result)
    yield from _refused(decision)
    yield f"  {summary(report)}"


def _requirement(decision: Decision, result: Result) -> Iterator[str]:
    yield f"  {MARKS[result.outcome]} {_word(result.outcome)}  {named(result)}"
    yield from _told(told(decision, result))


def _word(outcome: Outcome) -> str:
    return f"{outcome.value:<12}"


def _told(items: Iterable[Told]) -> Iterator[str]:
    """Findings that differ only in what was found share the rest: nobody reads one advice five times."""
    for (code, shared), alike in groupby(items, key=lambda item: (item.code, _rows(item, found=False))):
        yield f"      {code}"
        for item in alike:
            yield from map(_row, _rows(item, found=True))
        yield from map(_row, shared)


def _rows(item: Told, *, found: bool) -> tuple[tuple[str, str], ...]:
    return tuple(row for row in item.rows if (row[0] == "found") is found)


def _row(row: tuple[str, str]) -> str:
    label, text = row
    return f"        {label:<7} {text}"


def _refused(decision: Decision) -> Iterator[str]:
    refusals = [(item, reason) for item in decision.evidence if (reason := told_refusal(item))]
    if refusals:
        yield f"  evidence that does not count: {len(refusals)} of {len(decision.evidence)}"
    for item, reason in refusals:
        yield f"    ✗ refused  {item.name} (sha256 {short(item.digest)})"
        yield from _told((reason,))
