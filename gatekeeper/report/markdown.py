"""For step summaries and merge requests. Text from outside stands in code spans only, where nothing is active."""

from collections.abc import Iterable, Iterator

from attestations.errors import InputError
from gatekeeper.decision import Decision
from gatekeeper.finding import Result
from gatekeeper.report.inert import markdown_code as code
from gatekeeper.report.model import Report, halt_of, in_order
from gatekeeper.report.wording import (
    DEVELOPMENT,
    HEADLINES,
    MARKS,
    NOT_DECIDED,
    NOTHING_ISSUED,
    Told,
    change,
    components,
    faults,
    missing,
    record,
    short,
    standing,
    tally,
    told,
    told_fault,
    told_refusal,
)

MAX_BYTES = 1_000_000
"""GitHub drops the whole of a step summary that is over 1 MiB"""


def render(report: Report) -> str:
    """Return the report as Markdown: the decision first, its digest and how to check it last."""
    decision = report.decision
    first = (
        f"## {HEADLINES[decision.verdict]} {code(decision.request.name)} "
        f"({code(decision.environment.name)}, {code(decision.stage)}) · exit {decision.verdict.exit_code}"
    )
    last = f"Decision {code(report.decision_digest)} · verify: `gatekeeper replay CASEFILE` gives the same digest"
    return _fitted(first, [*_facts(report), *_list(decision), *_details(decision), *_refused(decision)], last)


def render_error(error: InputError, exit_code: int) -> str:
    """Return why nothing was decided."""
    lines = [line for fault in faults(error) for line in _told((told_fault(fault),), "")]
    return _fitted(f"## {NOT_DECIDED} · exit {exit_code}", ["", *lines], f"{NOTHING_ISSUED.capitalize()}.")


def _facts(report: Report) -> Iterator[str]:
    decision = report.decision
    yield ""
    if decision.development:
        yield f"- **TEST**: {DEVELOPMENT}"
    if halt := halt_of(decision):
        yield f"- **■ halted** {code(halt.id)} {halt.title}"
        yield from _told(told(decision, halt), "  ")
    for label, text in (
        ("sign-off", standing(decision)),
        ("change", change(report)),
        ("components", components(decision)),
        ("missing", missing(decision)),
        ("signs", f"case {decision.case_digest}"),
        *(("record", text) for text in record(report)),
    ):
        yield f"- {label}: {code(text)}"


def _list(decision: Decision) -> Iterator[str]:
    yield ""
    yield f"### {tally(decision)}"
    yield ""
    for result in in_order(decision):
        yield f"- {_heading(result)}"


def _details(decision: Decision) -> Iterator[str]:
    for result in in_order(decision):
        if items := told(decision, result):
            yield ""
            yield f"#### {_heading(result)} {code(result.title)}"
            yield ""
            yield from _told(items, "")


def _heading(result: Result) -> str:
    return f"{MARKS[result.outcome]} **{result.outcome.value}** {code(result.id)}"


def _told(items: Iterable[Told], margin: str) -> Iterator[str]:
    for item in items:
        yield f"{margin}- {code(item.code)}"
        for label, text in item.rows:
            yield f"{margin}  - {label}: {code(text)}"


def _refused(decision: Decision) -> Iterator[str]:
    refusals = [(item, reason) for item in decision.evidence if (reason := told_refusal(item))]
    if refusals:
        yield ""
        yield f"#### Evidence that does not count: {len(refusals)} of {len(decision.evidence)}"
        yield ""
    for item, reason in refusals:
        yield f"- ✗ **refused** {code(item.name)} (sha256 {code(short(item.digest))})"
        yield from _told((reason,), "  ")


def _fitted(first: str, lines: list[str], last: str) -> str:
    """Keep as many lines as there is room for. First go the details, so that the list of requirements stays."""
    note = "Left out from here on, for length: the JSON report has all of it."
    room = MAX_BYTES - sum(len(line.encode()) + 2 for line in (first, note, last))
    kept = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            kept += ["", note]
            break
        kept.append(line)
    return "\n".join((first, *kept, "", last)) + "\n"
