"""What a report is made from: a frozen decision, and what became of it. Nothing here decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from attestations.errors import Location
from gatekeeper.decision import Decision
from gatekeeper.finding import Finding, Outcome, Result

HALT = "gate.halt"
"""the name under which formats that list requirements show a halt or freeze"""

DECISION = "gate.decision"
"""the same for the decision itself, and for a decision that could not be made"""

_ORDER = (Outcome.UNMET, Outcome.INCONCLUSIVE, Outcome.WAIVED, Outcome.MET)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The commissioning approval that followed from the decision."""

    path: str
    not_after: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """A decision to be shown, with the places it refers to."""

    decision: Decision
    decision_digest: str
    policy_file: str
    places: Mapping[str, Location]
    """where each requirement stands in the policy, by its id"""
    replaces: str | None = None
    """version of the release that is in service now"""
    ledger_index: int | None = None
    approval: Approval | None = None
    pictures: tuple[str, ...] = ()
    """SVG of our own making: which keys signed what share of each zone"""

    def place(self, result: Result) -> Location:
        """Return where the requirement stands; the head of the policy where that is not known."""
        return self.places.get(result.id, Location(file=self.policy_file, line=1))


def in_order(decision: Decision) -> tuple[Result, ...]:
    """Return every result once: unmet first, then inconclusive, waived and met, each in the policy's order."""
    return tuple(sorted(decision.results, key=lambda result: _ORDER.index(result.outcome)))


def unsatisfied(decision: Decision) -> tuple[Result, ...]:
    """Return the results that stand between the request and an approval, unmet first."""
    return tuple(result for result in in_order(decision) if result.outcome in (Outcome.UNMET, Outcome.INCONCLUSIVE))


def waived(decision: Decision) -> tuple[Result, ...]:
    """Return the results that a waiver covers."""
    return tuple(result for result in decision.results if result.outcome is Outcome.WAIVED)


def halt_of(decision: Decision) -> Result | None:
    """Return the halts and freezes in force in the form of a result; None where there are none."""
    if not decision.freezes:
        return None
    title = "nothing is approved while a halt or freeze is in force"
    return Result(id=HALT, kind=HALT, title=title, outcome=Outcome.UNMET, findings=decision.freezes)


def against(result: Result) -> tuple[Finding, ...]:
    """Return the findings that kept the requirement from being met, unmet first."""
    found = (finding for finding in result.findings if finding.outcome in (Outcome.UNMET, Outcome.INCONCLUSIVE))
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.outcome)))


def notes(result: Result) -> tuple[Finding, ...]:
    """Return the findings that decide nothing and are worth showing."""
    return tuple(finding for finding in result.findings if finding.outcome is Outcome.NOTE)
