"""Waivers: a hole cut on purpose. Narrow, signed by the right people, short, and visible for ever."""

from dataclasses import dataclass, replace

from attestations.predicates import waiver
from attestations.predicates.waiver import Waiver
from gatekeeper.case import Case
from gatekeeper.finding import Finding, Outcome, Result, WaiverUse
from gatekeeper.people import behind, places_left
from gatekeeper.policy.document import Requirement, WaiverRules
from gatekeeper.verification import Attestation


@dataclass(frozen=True, kw_only=True)
class _Refused:
    reason: str


def apply_waivers(result: Result, requirement: Requirement, rules: WaiverRules | None, case: Case) -> Result:
    """Return `result`, waived where a valid waiver covers it; one that does not count is a cause where none does.

    The findings stay: what was waived is never forgotten (conforma PR #3419).
    """
    offered = [a for a in case.attestations if a.predicate_type == waiver.TYPE and a.predicate.requirement == result.id]
    if result.outcome is Outcome.MET or not offered:
        return result
    judged = [(attestation, _judge(attestation, requirement, rules, case)) for attestation in offered]
    used = next((use for _, use in judged if isinstance(use, WaiverUse)), None)
    weight = Outcome.NOTE if used else result.outcome
    refused = tuple(_finding(offer, use, weight) for offer, use in judged if isinstance(use, _Refused))
    outcome = Outcome.WAIVED if used else result.outcome
    return replace(result, outcome=outcome, findings=(*result.findings, *refused), waiver=used)


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
    owner = attestation.predicate.owner
    same_person = behind(case.trust, owner) & behind(case.trust, metadata.requester)
    if same_person or owner.casefold() == metadata.requester.casefold():
        return "its owner is the requester"
    roles = {person.record.name: frozenset(person.record.roles) for person in apart}
    if left := places_left(rules.approvers, roles):
        missing = ", ".join(f"{count} x {role}" for role, count in left.items())
        return f"not signed by enough people apart from the change: {missing} missing"
    return None


def _made_the_change(person: str, case: Case) -> bool:
    metadata = case.request.record.metadata
    return any(person in behind(case.trust, name) for name in (metadata.requester, *metadata.authors))


def _finding(attestation: Attestation, refused: _Refused, weight: Outcome) -> Finding:
    return Finding(
        code="WAIVER",
        outcome=weight,
        found=f"{attestation.name} does not count: {refused.reason}",
        wanted="a waiver as the policy allows it, or the requirement met",
        next="meet the requirement, or have the people whom spec.waivers of the policy names sign a new waiver",
        evidence=(attestation.digest,),
    )
