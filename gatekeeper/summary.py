"""Every decision as a SLSA verification summary, allow and deny: what machines downstream understand."""

from attestations import __version__
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.predicates import verification_summary
from attestations.predicates.verification_summary import Resource, VerificationSummary, Verifier
from attestations.signers import Signer
from attestations.statement import Subject, write_statement
from attestations.times import Instant
from gatekeeper.decision import Decision, Verdict

VERIFIER = "https://signer-gatekeeper.github.io/gatekeeper"


def summarise(decision: Decision, signer: Signer) -> bytes:
    """Return the signed summary: PASSED for an approving decision and for nothing else (threats S28)."""
    passed = decision.verdict is Verdict.APPROVE
    predicate = VerificationSummary(
        verifier=Verifier(id=VERIFIER, version={"gatekeeper": __version__}),
        time_verified=Instant.parse(decision.evaluated_on),
        resource_uri=f"urn:signer-gatekeeper:{decision.environment.name}:{decision.stage}",
        policy=Resource(uri=f"urn:policy:{decision.policy.name}", digest={"sha256": decision.policy.digest}),
        input_attestations=tuple(
            Resource(digest={"sha256": item.digest}) for item in decision.evidence if item.refusal is None
        ),
        verification_result="PASSED" if passed else "FAILED",
        verified_levels=("GATEKEEPER_COMMISSIONING",) if passed else (),
    )
    subjects = [Subject(name=name, digest={"sha256": digest}) for name, digest in decision.components]
    return seal(write_statement(subjects, verification_summary.TYPE, predicate), PAYLOAD_TYPE, (signer,))
