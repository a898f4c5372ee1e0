"""Freezes and halts in force: while one stands, nothing is approved, whatever else is met."""

from collections.abc import Iterator

from attestations.predicates import freeze, halt
from attestations.predicates.freeze import Freeze
from attestations.predicates.halt import Halt
from gatekeeper.case import Case
from gatekeeper.finding import Finding, unmet
from gatekeeper.verification import Attestation


def in_force(case: Case) -> tuple[Finding, ...]:
    """Return a finding for every verified freeze or halt that covers this request now."""
    return tuple(_findings(case))


def _findings(case: Case) -> Iterator[Finding]:
    for attestation in case.attestations:
        if attestation.predicate_type == freeze.TYPE and _here(case, attestation):
            yield from _freeze(case, attestation)
        elif attestation.predicate_type == halt.TYPE and _here(case, attestation):
            yield from _halt(case, attestation)


def _here(case: Case, attestation: Attestation) -> bool:
    """By name alone: a new version of the inventory does not lift what was set under the last one."""
    name: str = attestation.predicate.environment.name
    return name == case.environment.record.metadata.name


def _freeze(case: Case, attestation: Attestation) -> Iterator[Finding]:
    said: Freeze = attestation.predicate
    if case.request.record.spec.change in said.changes and said.not_before <= case.now < said.not_after:
        found = f"freeze {said.id} until {said.not_after}: {said.reason}"
        yield unmet("FROZEN", found, "no freeze in force", _exits(said.exit_conditions), (attestation.digest,))


def _halt(case: Case, attestation: Attestation) -> Iterator[Finding]:
    """A halt does not stop the way back (house rule 10): a rollback is judged by its own policy."""
    said: Halt = attestation.predicate
    if said.effective_on <= case.now and case.request.record.spec.change != "rollback":
        found = f"halt {said.id} since {said.effective_on}: {said.reason}"
        yield unmet("HALT", found, "no halt in force", _exits(said.exit_conditions), (attestation.digest,))


def _exits(conditions: tuple[str, ...]) -> str:
    return "it ends when: " + "; ".join(conditions) if conditions else "ask whoever set it"
