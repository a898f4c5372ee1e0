"""What is to run was commissioned before: the gate's own approval of exactly these components, for this very place.

The way back is easier than the way forward, and must not become a way around the gate: a rollback leads to a release
that was approved once, and a key is rolled by software that was. The approval is read as history. That it has
expired, and that the inventory has changed since, does not matter; it opens nothing by itself.

PASS: the gate approved these four components for example-production, stage canary, last year.
FAIL: one component is another file; the approval is for another environment or another stage; it was made under a
      development trust root. INCONCLUSIVE: no approval is offered, or the gate did not sign it.
"""

from collections.abc import Iterator

from attestations.predicates import commissioning_approval
from attestations.predicates.commissioning_approval import CommissioningApproval
from attestations.records import value_at
from gatekeeper.case import Case
from gatekeeper.finding import Finding, met, note, unmet
from gatekeeper.policy.document import Requirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

NEXT = "go back to a release that was approved for this environment and stage, and offer its approval as evidence"
WANTED = "the gate's approval of exactly these components for this environment and stage"


class Options(Requirement, tag="approved-before", frozen=True, kw_only=True):
    """An earlier commissioning approval of the components that the request names."""


def wanted(_: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({commissioning_approval.TYPE}),
        parties=None,
        max_age=None,  # history does not grow old
        fresh=False,
        what="a commissioning approval",
        next=NEXT,
        speakers="the gate",
    )


def check(_: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield the approval that fits; where none does, why not, for each."""
    reasons = [(attestation, _why_not(case, attestation)) for attestation in selection.attestations]
    fitting = [attestation for attestation, reason in reasons if reason is None]
    for attestation, reason in reasons:
        if reason is not None and fitting:
            yield note("APPROVED-BEFORE", f"{attestation.name}: {reason}", (attestation.digest,))
        elif reason is not None:
            yield unmet("APPROVED-BEFORE", f"{attestation.name}: {reason}", WANTED, NEXT, (attestation.digest,))
    for attestation in fitting:
        said: CommissioningApproval = attestation.predicate
        found = f"{said.release} {said.version} was approved on {said.issued_on} for stage {said.stage}"
        yield met("APPROVED-BEFORE", found, (attestation.digest,))


def _why_not(case: Case, attestation: Attestation) -> str | None:
    said: CommissioningApproval = attestation.predicate
    asked = case.request.record.spec
    if (said.environment.name, said.stage) != (asked.environment, asked.stage):
        return f"an approval for {said.environment.name!a:.60}, stage {said.stage!a:.60}"
    if said.development and not case.trust.metadata.development:
        return "an approval made under a development trust root"
    subjects = value_at(attestation.document, ("subject",))
    approved = {(subject["name"], subject["digest"].get("sha256")) for subject in subjects}
    components = {(component.name, component.digest.sha256) for component in asked.release.components}
    if approved != components:
        others = ", ".join(sorted(name for name, _ in approved ^ components))
        return f"an approval of {said.release} {said.version} with other components ({others!a:.200})"
    return None
