"""Which evidence counts for a requirement: of its type, from its parties, fresh enough, for this request."""

from dataclasses import dataclass, field
from datetime import timedelta

from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.evidence import Refusal
from gatekeeper.finding import Finding, inconclusive
from gatekeeper.verification import Attestation


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a requirement asks of evidence before it looks inside."""

    types: frozenset[str]
    parties: frozenset[str] | None
    """names of parties that are believed; None where people or the gate are asked, as the requirement itself sees to"""
    max_age: Duration | None
    fresh: bool
    """the statement must carry this request's digest and nonce"""
    what: str
    """what to call it in a message"""
    next: str
    """how to bring it: a command"""
    speakers: str = "people of the trust root"
    """what to call those who are asked where they are no parties"""
    whole_release: bool = False
    """each statement must be about every component; otherwise several may share them between them"""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The attestations that count, and findings about those that do not."""

    attestations: tuple[Attestation, ...] = field(repr=False)
    findings: tuple[Finding, ...]

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 of each file that counts."""
        return tuple(attestation.digest for attestation in self.attestations)


def select(case: Case, wanted: Wanted) -> Selection:
    """Return the evidence that counts for `wanted`; where none does, findings that say why, never silence."""
    candidates = [attestation for attestation in case.attestations if attestation.predicate_type in wanted.types]
    reasons = [(attestation, _why_not(case, attestation, wanted)) for attestation in candidates]
    usable = tuple(attestation for attestation, reason in reasons if reason is None)
    findings = tuple(reason for _, reason in reasons if reason is not None)
    findings += tuple(_refused(refusal, wanted) for refusal in case.refusals if refusal.claimed_type in wanted.types)
    if not usable and not findings:
        findings = tuple(_refused(refusal, wanted) for refusal in case.refusals if refusal.claimed_type is None)
    if not usable and not findings:
        findings = (_missing(case, wanted),)
    return Selection(attestations=usable, findings=findings)


def _why_not(case: Case, attestation: Attestation, wanted: Wanted) -> Finding | None:
    said_by = {party.record.name for party in attestation.parties}
    if wanted.parties is not None and not said_by & wanted.parties:
        found = f"{attestation.name} is signed by {', '.join(sorted(said_by)) or 'people only'}"
        return inconclusive(
            "SIG-ROLE", found, f"{wanted.what} from {_names(wanted)}", wanted.next, (attestation.digest,)
        )
    if wanted.max_age is not None and (stale := _stale(case, attestation, wanted.max_age)):
        return inconclusive("EVID-STALE", stale, f"at most {wanted.max_age} old", wanted.next, (attestation.digest,))
    if wanted.fresh and None in (attestation.predicate.request_digest, attestation.predicate.nonce):
        found = f"{attestation.name} does not name this request and its nonce"
        return inconclusive("EVID-STALE", found, "evidence made for this request", wanted.next, (attestation.digest,))
    if wanted.whole_release and (left_out := _left_out(case, attestation)):
        found = f"{attestation.name} is not about {', '.join(left_out)}"
        return inconclusive("SUBJ-DIGEST", found, "every component of the release", wanted.next, (attestation.digest,))
    return None


def _left_out(case: Case, attestation: Attestation) -> list[str]:
    """A drill with another agent beside the same module is a drill of another release (R12)."""
    components = case.request.record.spec.release.components
    return [component.name for component in components if component.name not in attestation.components]


def _stale(case: Case, attestation: Attestation, max_age: timedelta) -> str | None:
    if attestation.made_on is None:
        return f"{attestation.name} does not say when it was made"
    if case.now - attestation.made_on > max_age:
        return f"{attestation.name} was made on {attestation.made_on}"
    return None


def _refused(refusal: Refusal, wanted: Wanted) -> Finding:
    evidence = (refusal.digest,) if refusal.digest else ()
    return inconclusive(refusal.code, f"{refusal.name}: {refusal.found}", refusal.wanted, wanted.next, evidence)


def _missing(case: Case, wanted: Wanted) -> Finding:
    offered = len(case.attestations) + len(case.refusals)
    found = f"none of {offered} pieces of evidence is {wanted.what}" if offered else "no evidence at all"
    return inconclusive("EVID-MISSING", found, f"{wanted.what} from {_names(wanted)}", wanted.next)


def _names(wanted: Wanted) -> str:
    return wanted.speakers if wanted.parties is None else ", ".join(sorted(wanted.parties))
