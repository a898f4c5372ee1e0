"""Findings and results: data, never exceptions."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a requirement ended, or what one finding says about it."""

    MET = "met"
    UNMET = "unmet"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"
    NOTE = "note"
    """on findings only: worth showing, decides nothing"""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was seen: found, wanted, what to do next, and the evidence it rests on."""

    code: str
    outcome: Outcome
    found: str
    wanted: str = ""
    next: str = ""
    evidence: tuple[str, ...] = ()
    """SHA-256 of each file that this rests on"""


@dataclass(frozen=True, kw_only=True)
class WaiverUse:
    """The waiver that a waived requirement leans on."""

    owner: str
    reason: str
    approvers: tuple[str, ...]
    not_after: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one requirement of the policy ended."""

    id: str
    kind: str
    title: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    waiver: WaiverUse | None = None

    @property
    def evidence(self) -> tuple[str, ...]:
        """Digests of all evidence that the findings rest on, sorted."""
        return tuple(sorted({digest for finding in self.findings for digest in finding.evidence}))

    @property
    def codes(self) -> tuple[str, ...]:
        """Reason codes of the findings that kept the requirement from being met, sorted."""
        against = (Outcome.UNMET, Outcome.INCONCLUSIVE)
        return tuple(sorted({finding.code for finding in self.findings if finding.outcome in against}))


def met(code: str, found: str, evidence: tuple[str, ...]) -> Finding:
    """Return the finding that a requirement is met, with what it rests on."""
    return Finding(code=code, outcome=Outcome.MET, found=found, evidence=evidence)


def unmet(code: str, found: str, wanted: str, next_step: str, evidence: tuple[str, ...] = ()) -> Finding:
    """Return the finding that evidence shows a requirement not met."""
    return Finding(code=code, outcome=Outcome.UNMET, found=found, wanted=wanted, next=next_step, evidence=evidence)


def inconclusive(code: str, found: str, wanted: str, next_step: str, evidence: tuple[str, ...] = ()) -> Finding:
    """Return the finding that nothing can be concluded: missing, stale, unverifiable, unsupported."""
    return Finding(
        code=code, outcome=Outcome.INCONCLUSIVE, found=found, wanted=wanted, next=next_step, evidence=evidence
    )


def note(code: str, found: str, evidence: tuple[str, ...] = ()) -> Finding:
    """Return something worth showing that decides nothing."""
    return Finding(code=code, outcome=Outcome.NOTE, found=found, evidence=evidence)
