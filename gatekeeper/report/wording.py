"""The words and figures that all formats share. They come from the decision alone, and are not yet inert."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from attestations.errors import InputError
from gatekeeper.decision import Considered, Decision, Verdict
from gatekeeper.finding import Finding, Outcome, Result, WaiverUse
from gatekeeper.report.model import HALT, Report, against, notes, unsatisfied

MARKS = MappingProxyType(
    {Outcome.MET: "✓", Outcome.UNMET: "✗", Outcome.INCONCLUSIVE: "◷", Outcome.WAIVED: "~", Outcome.NOTE: "·"}
)
HEADLINES = MappingProxyType(
    {
        Verdict.APPROVE: "✓ APPROVED",
        Verdict.DENY: "✗ DENIED",
        Verdict.INCONCLUSIVE: "◷ INCONCLUSIVE",
        Verdict.FROZEN: "■ FROZEN",
    }
)
NOT_DECIDED = "✗ NOT DECIDED"
NOTHING_ISSUED = "nothing was decided, nothing was issued"
NO_APPROVAL = "no approval issued: that takes gatekeeper issue"
DEVELOPMENT = "made under a development trust root: a production host refuses it"
SIGN_OFFS = "sign-offs"
"""the kind of requirement that people meet"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One finding in words: its code, and rows of a label and a text."""

    code: str
    rows: tuple[tuple[str, str], ...]


def headline(decision: Decision) -> str:
    """Return verdict, request, environment and stage."""
    return f"{HEADLINES[decision.verdict]} {decision.request.name} ({decision.environment.name}, {decision.stage})"


def short(digest: str) -> str:
    """Return a digest as people compare it at a glance."""
    return f"{digest[:8]}…{digest[-4:]}" if digest else "unknown"


def standing(decision: Decision) -> str:
    """Return whether this may be signed off, and if not, why: an approver's first question."""
    missing = unsatisfied(decision)
    people = [result for result in missing if result.kind == SIGN_OFFS]
    faults = [result for result in missing if result.kind != SIGN_OFFS]
    unmet = [result for result in faults if result.outcome is Outcome.UNMET]
    if decision.verdict is Verdict.FROZEN:
        return "not possible: a halt or freeze is in force"
    if unmet:
        return f"not possible: evidence shows {_count(unmet)} not met, and no signature changes that"
    if any(result.outcome is Outcome.UNMET for result in people):
        return "not possible: it was rejected, and a rejection stands until there is a new request"
    if faults:
        return f"not yet: evidence is missing for {_count(faults)}, and bringing it changes what would be signed"
    if people:
        return "possible: nothing but sign-offs is missing"
    return "not needed: every requirement is met or waived"


def change(report: Report) -> str:
    """Return what would change: the kind of change, and the release from one version to the next."""
    decision = report.decision
    before = f"{report.replaces} → " if report.replaces else ""
    return f"{decision.change}: {decision.release} {before}{decision.request.version}"


def components(decision: Decision) -> str:
    """Return the release's components by digest."""
    return ", ".join(f"{name} {short(digest)}" for name, digest in decision.components)


def missing(decision: Decision) -> str:
    """Return what is missing, faults apart from evidence and both apart from sign-offs."""
    left = unsatisfied(decision)
    groups = (
        ("to repair", [r for r in left if r.outcome is Outcome.UNMET]),
        ("evidence", [r for r in left if r.outcome is Outcome.INCONCLUSIVE and r.kind != SIGN_OFFS]),
        ("sign-offs", [r for r in left if r.outcome is Outcome.INCONCLUSIVE and r.kind == SIGN_OFFS]),
    )
    told = [f"{name}: {', '.join(_with_codes(r) for r in results)}" for name, results in groups if results]
    return "; ".join(told) or "nothing"


def tally(decision: Decision) -> str:
    """Return how many requirements ended how."""
    counts = {outcome: sum(r.outcome is outcome for r in decision.results) for outcome in MARKS}
    waived = f", {counts[Outcome.WAIVED]} waived" if counts[Outcome.WAIVED] else ""
    of_all = f"{counts[Outcome.UNMET]} of {len(decision.results)} requirements unmet"
    return f"{of_all}, {counts[Outcome.INCONCLUSIVE]} inconclusive{waived}"


def record(report: Report) -> tuple[str, ...]:
    """Return where the decision is kept and what followed from it."""
    ledger = () if report.ledger_index is None else (f"ledger #{report.ledger_index}",)
    approval = report.approval
    if approval is None:
        return (*ledger, *((NO_APPROVAL,) if report.decision.verdict is Verdict.APPROVE else ()))
    return (*ledger, f"approval {approval.path} until {approval.not_after}")


def summary(report: Report) -> str:
    """Return the last line: figures, digest, record, and where to read on."""
    decision = report.decision
    first = next(iter((*decision.freezes, *chain.from_iterable(map(against, unsatisfied(decision))))), None)
    more = () if first is None else (f"more: gatekeeper explain {first.code}",)
    return " · ".join((tally(decision), f"decision {short(report.decision_digest)}", *record(report), *more))


def named(result: Result) -> str:
    """Return the requirement's id with its title, where it has one."""
    return f"{result.id}: {result.title}" if result.title else result.id


def told(decision: Decision, result: Result) -> tuple[Told, ...]:
    """Return the requirement's findings in words: those against it, its waiver, and notes."""
    waiver = () if result.waiver is None else (_waiver(decision, result.waiver),)
    return (*waiver, *(_finding(decision, finding) for finding in (*against(result), *notes(result))))


def told_refusal(item: Considered) -> Told | None:
    """Return why a piece of evidence does not count; None where it does."""
    refusal = item.refusal
    if refusal is None:
        return None
    return Told(code=refusal.code, rows=_rows(refusal.found, refusal.wanted, (), refusal.next))


def faults(error: InputError) -> tuple[InputError, ...]:
    """Return the error and those found with it."""
    return (error, *error.also)


def told_fault(fault: InputError) -> Told:
    """Return one fault of the input in words, with its place."""
    rows = _rows(fault.found, fault.wanted, (), fault.fix)
    return Told(code=fault.code, rows=(("in", str(fault.where or "command line")), *rows))


def message(decision: Decision, result: Result) -> tuple[str, ...]:
    """Return a requirement that is not plainly met as a few lines; the first says how it ended."""
    ended = "HALTED" if result.kind == HALT else result.outcome.value.upper()
    return (f"{ended} {named(result)}", *map(sentence, told(decision, result)))


def sentence(item: Told) -> str:
    """Return one finding on one line."""
    return f"{item.code}: " + "; ".join(f"{label} {text}" for label, text in item.rows)


def rule_of(result: Result) -> str:
    """Return the reason code that stands for the requirement."""
    return next((finding.code for finding in against(result)), result.kind)


def _count(results: list[Result]) -> str:
    return f"{len(results)} requirement{'s' if len(results) > 1 else ''}"


def _with_codes(result: Result) -> str:
    return f"{result.id} ({', '.join(result.codes)})"


def _finding(decision: Decision, finding: Finding) -> Told:
    seen = _sources(decision, finding.evidence)
    return Told(code=finding.code, rows=_rows(finding.found, finding.wanted, seen, finding.next))


def _waiver(decision: Decision, waiver: WaiverUse) -> Told:
    return Told(
        code="WAIVER",
        rows=(
            ("waived", f"until {waiver.not_after} by {waiver.owner}"),
            ("reason", waiver.reason),
            ("signed", ", ".join(waiver.approvers)),
            *(("seen in", source) for source in _sources(decision, (waiver.evidence,))),
        ),
    )


def _rows(found: str, wanted: str, seen: Iterable[str], next_step: str) -> tuple[tuple[str, str], ...]:
    rows = (("found", found), ("wanted", wanted), *(("seen in", source) for source in seen), ("next", next_step))
    return tuple((label, text) for label, text in rows if text)


def _sources(decision: Decision, digests: Iterable[str]) -> tuple[str, ...]:
    known = {item.digest: item for item in decision.evidence}
    return tuple(_source(digest, known.get(digest)) for digest in digests)


def _source(digest: str, item: Considered | None) -> str:
    if item is None:
        return f"sha256 {short(digest)}"
    said_by = f" said by {', '.join(item.said_by)}" if item.said_by else ""
    return f"{item.name} (sha256 {short(digest)}){said_by}"
