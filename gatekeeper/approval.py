"""The commissioning approval: made from an approving decision in one place, checked by the signer's host in another."""

from collections.abc import Mapping
from dataclasses import dataclass

from attestations.digest import sha256
from attestations.envelope import PAYLOAD_TYPE, read_envelope, seal, signers_of
from attestations.errors import InputError
from attestations.predicates import commissioning_approval
from attestations.predicates.commissioning_approval import (
    CommissioningApproval,
    RequirementOutcome,
    WaiverReference,
)
from attestations.predicates.common import EnvironmentReference, Instance
from attestations.signers import Signer
from attestations.statement import Statement, Subject, read_statement, write_statement
from attestations.strict import read_json
from attestations.times import Duration, Instant
from gatekeeper.decision import Decision, Verdict
from gatekeeper.trust import TrustRoot
from gatekeeper.verification import CLOCK_SKEW

NEXT = "ask for a new approval:  gatekeeper issue …"
NEXT_FOR_ANOTHER_FILE = f"find out who changed it; install the approved file, or {NEXT}"


def commission(decision: Decision, now: Instant, not_after: Instant, signer: Signer, trust: TrustRoot) -> bytes:
    """Return the signed commissioning approval for an approving decision: the only function that makes one.

    Raises InputError (TOKEN) for a decision that does not approve, a key that is not the gate's, and a signature that
    no host could verify.
    """
    if decision.verdict is not Verdict.APPROVE:
        raise _refused(f"a decision to {decision.verdict.value}", "an approving decision")
    if signer.public.fingerprint not in {key.fingerprint for key in trust.gate_keys}:
        found = f"a signing key ({signer.public.fingerprint[:16]}…) that is not the gate's"
        raise _refused(found, "a key that the trust root names for the gate", "correct --sign-with or --trust")
    subjects = [Subject(name=name, digest={"sha256": digest}) for name, digest in decision.components]
    predicate = _predicate(decision, now, not_after)
    approval = seal(write_statement(subjects, commissioning_approval.TYPE, predicate), PAYLOAD_TYPE, (signer,))
    if not signers_of(read_envelope(read_json(approval, "the approval")), trust.gate_keys):
        found = "a signature in another form than hosts verify, such as one by ssh-keygen"
        raise _refused(found, "one by a file: or pkcs11: key", "sign with the key itself")
    return approval


def end_of_approval(decision: Decision, now: Instant, valid_for: Duration) -> Instant:
    """Return when an approval made now ends: after `valid_for`, but never later than a waiver that it leans on."""
    waivers = (result.waiver for result in decision.results if result.waiver is not None)
    return min((Instant.of(now + valid_for), *(Instant.parse(use.not_after) for use in waivers)))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the host is, by its own knowledge: never by what the approval or the pipeline says."""

    environment: str
    stage: str
    components: Mapping[str, str]
    """SHA-256 of each installed component, by name"""


def check_approval(raw: bytes, name: str, trust: TrustRoot, place: Place, now: Instant) -> CommissioningApproval:
    """Return the approval if this host may start what it has installed; raise InputError otherwise.

    1. it is a DSSE envelope around a commissioning approval; 2. the gate's key signed it; 3. it is for this
    environment and stage; 4. it is in force; 5. its components are exactly those installed; 6. the policy is one
    that the host accepts, and a development approval never passes for a real one; 7. neither it nor evidence that it
    rests on was revoked.
    """
    statement = _signed_statement(raw, name, trust)  # 1, 2
    approval: CommissioningApproval = statement.predicate
    if (approval.environment.name, approval.stage) != (place.environment, place.stage):  # 3
        found = f"an approval for {approval.environment.name!a}, stage {approval.stage!a}"
        fix = "copy the approval for this place, or correct --environment and --stage; else " + NEXT
        raise _refused(found, f"one for {place.environment}, stage {place.stage}", fix)
    _check_time(approval, trust, now)  # 4
    _check_components(statement, place)  # 5
    _check_origin(approval, trust)  # 6
    trust.check_attestation(sha256(raw), statement.document.sha256, *approval.evidence)  # 7
    return approval


def _signed_statement(raw: bytes, name: str, trust: TrustRoot) -> Statement:
    envelope = read_envelope(read_json(raw, name))
    if envelope.payload_type != PAYLOAD_TYPE:
        raise InputError(
            "TYPE-PAYLOAD", found=f"payload type {envelope.payload_type!a:.80}", wanted=PAYLOAD_TYPE, fix=NEXT
        )
    if not signers_of(envelope, trust.gate_keys):
        raise InputError(
            "SIG-UNTRUSTED",
            found="no signature by the gate",
            wanted="a signature by a gate key of this host's trust root",
            fix="compare the host's trust root with the one the gate uses; " + NEXT,
        )
    statement = read_statement(envelope.payload, name)
    if statement.predicate_type != commissioning_approval.TYPE:
        raise InputError("TYPE-PREDICATE", found=statement.predicate_type, wanted=commissioning_approval.TYPE, fix=NEXT)
    return statement


def _check_time(approval: CommissioningApproval, trust: TrustRoot, now: Instant) -> None:
    if now >= approval.not_after:
        raise _refused(f"an approval that expired on {approval.not_after}", "an approval in force")
    if approval.issued_on > now + CLOCK_SKEW:
        raise _refused(
            f"an approval issued on {approval.issued_on}, in this host's future",
            "a clock that is right",
            "set the clock",
        )
    if now >= trust.metadata.expires:
        fix = "bring this host its owners' new trust root"
        raise _refused(f"a trust root that expired on {trust.metadata.expires}", "one in force on this host", fix)


def _check_components(statement: Statement, place: Place) -> None:
    approved = {subject.name: subject.digest.get("sha256") for subject in statement.subjects}
    for name, digest in sorted(place.components.items()):
        if name not in approved:
            found = f"component {name!a}, which is not in the approval"
            raise _refused(found, f"one of {', '.join(sorted(approved))}", f"correct the name; else {NEXT}")
        if approved[name] != digest:
            wanted = f"{approved[name]}, the file that was approved"
            raise _refused(f"{name} with SHA-256 {digest}", wanted, NEXT_FOR_ANOTHER_FILE)
    if missing := sorted(set(approved) - set(place.components)):
        found = f"no file for {', '.join(missing)}"
        raise _refused(found, "a file for every approved component", "add for each:  --component NAME=FILE")


def _check_origin(approval: CommissioningApproval, trust: TrustRoot) -> None:
    accepted = trust.loaded.record.spec.gate.policies
    if accepted and approval.policy.digest not in accepted:
        raise _refused(f"an approval under policy {approval.policy.name!a}", "a policy that this host accepts")
    if approval.development and not trust.metadata.development:
        raise _refused("an approval made under a development trust root", "an approval for production")


def _predicate(decision: Decision, now: Instant, not_after: Instant) -> CommissioningApproval:
    return CommissioningApproval(
        request_id=decision.request.name,
        request_digest=decision.request.digest,
        environment=EnvironmentReference(name=decision.environment.name, digest=decision.environment.digest),
        stage=decision.stage,
        change=decision.change,
        release=decision.release,
        version=decision.request.version,
        policy=Instance(name=decision.policy.name, version=int(decision.policy.version), digest=decision.policy.digest),
        trust=Instance(name=decision.trust.name, version=int(decision.trust.version), digest=decision.trust.digest),
        requirements=tuple(
            RequirementOutcome(id=result.id, outcome=result.outcome.value, evidence=result.evidence)  # type: ignore[arg-type]  # approving: met or waived
            for result in decision.results
        ),
        waivers=_waivers(decision),
        evidence=_evidence(decision),
        case_digest=decision.case_digest,
        decision_digest=decision.digest,
        issued_on=now,
        not_after=not_after,
        development=decision.development,
    )


def _evidence(decision: Decision) -> tuple[str, ...]:
    """Return the digests of files and of the statements in them: either may be revoked one day."""
    counted = [item for item in decision.evidence if item.refusal is None]
    return tuple(sorted({digest for item in counted for digest in (item.digest, item.statement) if digest}))


def _waivers(decision: Decision) -> tuple[WaiverReference, ...]:
    return tuple(
        WaiverReference(
            requirement=result.id,
            owner=use.owner,
            reason=use.reason,
            approvers=use.approvers,
            not_after=Instant.parse(use.not_after),
            digest=use.evidence,
        )
        for result in decision.results
        if (use := result.waiver) is not None
    )


def _refused(found: str, wanted: str, fix: str = NEXT) -> InputError:
    return InputError("TOKEN", found=found, wanted=wanted, fix=fix)
