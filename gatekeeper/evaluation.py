"""Evaluation: (request, environment, policy, trust, verified evidence, one time) -> Decision. No I/O, no clock.

The one place where a Decision is made, from one result for each requirement of the policy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attestations.digest import canonical_digest
from attestations.predicates import sign_off
from gatekeeper.case import Case
from gatekeeper.decision import Considered, Decision, Input, Verdict
from gatekeeper.evidence import Refusal
from gatekeeper.finding import Finding, Outcome, Result, inconclusive, note
from gatekeeper.freezes import in_force
from gatekeeper.requirements import KINDS, AnyRequirement, assertion, kind_name, sign_offs
from gatekeeper.rulebook import Policy, parameters_of, requirement_by_id
from gatekeeper.selection import Selection, select
from gatekeeper.verification import Attestation
from gatekeeper.waivers import apply_waivers


def evaluate(case: Case, policy: Policy) -> Decision:
    """Return the decision on this case under this policy; the same inputs give the same bytes."""
    freezes = in_force(case)
    results = {r.id: _result(case, policy, r) for r in _machine_checked(policy)}
    case_digest = _case_digest(case, policy, tuple(results.values()))
    for requirement in policy.record.spec.requirements:
        if isinstance(requirement, sign_offs.Options):
            results[requirement.id] = _signed_off(case, requirement, case_digest)
    ordered = tuple(results[requirement.id] for requirement in policy.record.spec.requirements)
    return _decision(case, policy, _Judged(results=ordered, freezes=freezes, case_digest=case_digest))


def conclude(results: Sequence[Result], policy_ids: Sequence[str], freezes: Sequence[Finding]) -> Verdict:
    """Return the verdict: approve only where every requirement of the policy, each once, is met or waived (P1).

    A result set that is not the policy's is a bug, and a bug decides nothing.
    """
    if [result.id for result in results] != list(policy_ids) or not policy_ids:
        raise RuntimeError("results do not match the policy's requirements")
    outcomes = {result.outcome for result in results}
    if freezes:
        return Verdict.FROZEN
    if Outcome.UNMET in outcomes:
        return Verdict.DENY
    if outcomes <= {Outcome.MET, Outcome.WAIVED}:
        return Verdict.APPROVE
    return Verdict.INCONCLUSIVE


@dataclass(frozen=True, kw_only=True)
class _Judged:
    results: tuple[Result, ...]
    freezes: tuple[Finding, ...]
    case_digest: str


def _machine_checked(policy: Policy) -> tuple[AnyRequirement, ...]:
    return tuple(r for r in policy.record.spec.requirements if not isinstance(r, sign_offs.Options))


def _result(case: Case, policy: Policy, requirement: AnyRequirement) -> Result:
    source = requirement_by_id(policy, requirement.over) if isinstance(requirement, assertion.Options) else requirement
    selection = select(case, KINDS[type(source)].wanted(source))
    result = _weighed(requirement, selection.findings, _checked(case, policy, requirement, selection))
    return apply_waivers(result, requirement, policy.record.spec.waivers, case)


def _checked(case: Case, policy: Policy, requirement: AnyRequirement, selection: Selection) -> tuple[Finding, ...]:
    if not selection.attestations:
        return ()
    if isinstance(requirement, assertion.Options):
        return tuple(assertion.check(requirement, case, selection, parameters_of(policy)))
    return tuple(KINDS[type(requirement)].check(requirement, case, selection))


def _signed_off(case: Case, requirement: sign_offs.Options, case_digest: str) -> Result:
    selection = select(case, sign_offs.wanted(requirement))
    refused = tuple(finding for finding in selection.findings if finding.code != "EVID-MISSING")
    return _weighed(requirement, refused, tuple(sign_offs.check(requirement, case, selection, case_digest)))


def _weighed(requirement: AnyRequirement, refused: tuple[Finding, ...], shown: tuple[Finding, ...]) -> Result:
    """Evidence that does not count is a cause where nothing else decides; where something does, it is worth a note."""
    decided = {finding.outcome for finding in shown}
    if Outcome.UNMET in decided or (Outcome.MET in decided and Outcome.INCONCLUSIVE not in decided):
        refused = tuple(note(finding.code, finding.found, finding.evidence) for finding in refused)
    return _concluded(requirement, (*refused, *shown))


def _concluded(requirement: AnyRequirement, findings: tuple[Finding, ...]) -> Result:
    """A requirement is met only by a finding that says so; silence is inconclusive (house rule 4)."""
    outcomes = {finding.outcome for finding in findings}
    if Outcome.UNMET in outcomes:
        outcome = Outcome.UNMET
    elif Outcome.INCONCLUSIVE in outcomes:
        outcome = Outcome.INCONCLUSIVE
    elif Outcome.MET in outcomes:
        outcome = Outcome.MET
    else:
        outcome = Outcome.INCONCLUSIVE
        findings = (*findings, inconclusive("EVID-MISSING", "nothing was shown", requirement.title, "bring evidence"))
    return Result(
        id=requirement.id,
        kind=kind_name(requirement),
        title=requirement.title,
        outcome=outcome,
        findings=findings,
    )


def _case_digest(case: Case, policy: Policy, results: tuple[Result, ...]) -> str:
    """What people sign: every input and every result but the sign-offs; not the time, which moves on."""
    evidence = {a.digest for a in case.attestations if a.predicate_type != sign_off.TYPE}
    evidence |= {r.digest for r in case.refusals if r.claimed_type != sign_off.TYPE}
    return canonical_digest(
        {
            "request": case.request.digest,
            "environment": case.environment.digest,
            "policy": policy.digest,
            "trust": case.trust.digest,
            "evidence": sorted(evidence),
            "results": [[r.id, r.outcome.value, list(r.codes), list(r.evidence)] for r in results],
        }
    )


def _decision(case: Case, policy: Policy, judged: _Judged) -> Decision:
    asked, environment = case.request.record, case.environment.record.metadata
    ids = [requirement.id for requirement in policy.record.spec.requirements]
    metadata, trust = policy.record.metadata, case.trust.metadata
    return Decision(
        verdict=conclude(judged.results, ids, judged.freezes),
        request=Input(name=asked.metadata.id, version=asked.spec.release.version, digest=case.request.digest),
        environment=Input(name=environment.name, version=str(environment.version), digest=case.environment.digest),
        policy=Input(name=metadata.name, version=str(metadata.version), digest=policy.digest),
        trust=Input(name=trust.name, version=str(trust.version), digest=case.trust.digest),
        stage=asked.spec.stage,
        change=asked.spec.change,
        release=asked.spec.release.name,
        components=tuple((part.name, part.digest.sha256) for part in asked.spec.release.components),
        requester=asked.metadata.requester,
        results=judged.results,
        freezes=judged.freezes,
        evidence=_considered(case),
        case_digest=judged.case_digest,
        evaluated_on=str(case.now),
        development=trust.development,
    )


def _considered(case: Case) -> tuple[Considered, ...]:
    accepted = [_accepted(attestation) for attestation in case.attestations]
    refused = [_refused(refusal) for refusal in case.refusals]
    return tuple(sorted((*accepted, *refused), key=lambda item: (item.name, item.digest)))


def _accepted(attestation: Attestation) -> Considered:
    return Considered(
        name=attestation.name,
        digest=attestation.digest,
        predicate_type=attestation.predicate_type,
        said_by=tuple(sorted(_speakers(attestation))),
        statement=attestation.payload_digest,
    )


def _speakers(attestation: Attestation) -> Iterator[str]:
    yield from (party.record.name for party in attestation.parties)
    yield from (person.record.name for person in attestation.people)
    if attestation.by_gate:
        yield "the gate"


def _refused(refusal: Refusal) -> Considered:
    return Considered(
        name=refusal.name,
        digest=refusal.digest,
        predicate_type=refusal.claimed_type or "",
        said_by=(),
        refusal=refusal,
    )
