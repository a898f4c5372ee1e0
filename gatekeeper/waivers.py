"""Waivers: a hole cut on purpose. Narrow, signed by the right people, short, and visible for ever."""

from dataclasses import dataclass

from attestations.predicates import waiver
from attestations.predicates.waiver import Waiver
from gatekeeper.case import Case
from gatekeeper.finding import Finding, Outcome, Result, WaiverUse, note
from gatekeeper.people import behind, places_left
from gatekeeper.policy.document import Requirement, WaiverRules
from gatekeeper.verification import Attestation


@dataclass(frozen=True, kw_only=True)
class _Refused:
    reason: str


def apply_waivers(result: Result, requirement: Requirement, rules: WaiverRules | None, case: Case) -> Result:
    """Return `result`, waived where a valid waiver covers it; a waiver that does not count leaves a WAIVER note.

    The findings stay: what was waived is never forgotten (conforma PR #3419).
    """
    offered = [a for a in case.attestations if a.predicate_type == waiver.TYPE and a.predicate.requirement == result.id]
    if result.outcome is Outcome.MET or not offered:
        return result
    judged = [(attestation, _judge(attestation, requirement, rules, case)) for attestation in offered]
    notes = tuple(_note(attestation, use) for attestation, use in judged if isinstance(use, _Refused))
    for _, use in judged:
        if isinstance(use, WaiverUse):
            return _with(result, Outcome.WAIVED, notes, use)
    return _with(result, result.outcome, notes, None)


def _with(result: Result, outcome: Outcome, notes: tuple[Finding, ...], use: WaiverUse | None) -> Result:
    return Result(
        id=result.id,
        kind=result.kind,
        title=result.title,
        outcome=outcome,
        findings=(*result.findings, *notes),
        waiver=use,
    )


def _judge(
    attestation: Attestation, requirement: Requirement, rules: WaiverRules | None, case: Case
) -> WaiverUse | _Refused:
    said: Waiver = attestation.predicate
    if reason := _why_not(attestation, requirement, rules, case):
        return _Refused(reason=reason)
    return WaiverUse(
        owner=said.owner,
        reason=said.reason,
        approvers=tuple(sorted(person.record.name for person in attestation.people)),
        not_after=str(said.not_after),
        evidence=attestation.digest,
    )


def _why_not(attestation: Attestation, requirement: Requirement, rules: WaiverRules | None, case: Case) -> str | None:
    said: Waiver = attestation.predicate
    if not requirement.waivable:
        return "this requirement can never be waived"
    if rules is None:
        return "the policy allows no waivers"
    if not said.not_before <= case.now < said.not_after:
        return f"in force from {said.not_before} to {said.not_after} only"
    if said.not_after - said.not_before > rules.max_life:
        return f"longer than the {rules.max_life} that the policy allows"
    components = {component.name for component in case.request.record.spec.release.components}
    if attestation.components != components:
        return "it does not name every component of this release"
    return _why_not_people(attestation, rules, case)


def _why_not_people(attestation: Attestation, rules: WaiverRules, case: Case) -> str | None:
    metadata = case.request.record.metadata
    apart = [person for person in attestation.people if not _made_the_change(person.record.name, case)]
    if behind(case.trust, attestation.predicate.owner) & behind(case.trust, metadata.requester):
        return "its owner is the requester"
    roles = {person.record.name: frozenset(person.record.roles) for person in apart}
    if left := places_left(rules.approvers, roles):
        missing = ", ".join(f"{count} x {role}" for role, count in left.items())
        return f"not signed by enough people apart from the change: {missing} missing"
    return None


def _made_the_change(person: str, case: Case) -> bool:
    metadata = case.request.record.metadata
    return any(person in behind(case.trust, name) for name in (metadata.requester, *metadata.authors))


def _note(attestation: Attestation, refused: _Refused) -> Finding:
    return note("WAIVER", f"{attestation.name} does not count: {refused.reason}", (attestation.digest,))
