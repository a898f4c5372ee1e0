"""Freezes and halts in force: while one stands, nothing is approved, whatever else is met."""

from collections.abc import Iterator

from attestations.predicates import freeze, halt
from attestations.predicates.freeze import Freeze
from gatekeeper.case import Case
from gatekeeper.finding import Finding, unmet
from gatekeeper.halts import Order, standing
from gatekeeper.verification import Attestation


def in_force(case: Case) -> tuple[Finding, ...]:
    """Return a finding for every verified freeze or halt that covers this request now."""
    return tuple(_findings(case))


def _findings(case: Case) -> Iterator[Finding]:
    for attestation in case.attestations:
        if attestation.predicate_type == freeze.TYPE:
            yield from _freeze(case, attestation)
    yield from _halts(case)


def _freeze(case: Case, attestation: Attestation) -> Iterator[Finding]:
    """By the name of the environment alone: a new version of the inventory lifts no freeze."""
    said: Freeze = attestation.predicate
    here = said.environment.name == case.environment.record.metadata.name
    if here and case.request.record.spec.change in said.changes and said.not_before <= case.now < said.not_after:
        found = f"freeze {said.id} until {said.not_after}: {said.reason}"
        yield unmet("FROZEN", found, "no freeze in force", _exits(said.exit_conditions), (attestation.digest,))


def _halts(case: Case) -> Iterator[Finding]:
    said = {a.predicate: a for a in case.attestations if a.predicate_type == halt.TYPE}
    orders = (Order(said=h, parties=a.parties, people=a.people, signed_by=a.signed_by) for h, a in said.items())
    name, change = case.environment.record.metadata.name, case.request.record.spec.change
    for standing_halt in standing(orders, name, change, case.now):
        found = f"halt {standing_halt.id} since {standing_halt.effective_on}: {standing_halt.reason}"
        next_step = _exits(standing_halt.exit_conditions)
        yield unmet("HALT", found, "no halt in force", next_step, (said[standing_halt].digest,))


def _exits(conditions: tuple[str, ...]) -> str:
    return "it ends when: " + "; ".join(conditions) if conditions else "ask whoever set it"
