"""What a validator has in common with the signer: the same code repeats the same error and calls it green (R19, B9)."""

from attestations.predicates.sbom import TYPE_CYCLONEDX, TYPE_SPDX, contents
from attestations.predicates.zone_validation import ZoneValidation
from attestations.records import value_at
from gatekeeper.case import Case
from gatekeeper.verification import Attestation

SBOM_TYPES = frozenset({TYPE_CYCLONEDX, TYPE_SPDX})


def shared_with_signer(case: Case, validation: Attestation, ignored: frozenset[str]) -> tuple[str, ...]:
    """Return what the validator of this run shares with the signer, sorted.

    Code bases are compared always: those of validator, observer and crypto library against the environment's. Bills
    of materials are compared where verified ones were offered for both: for components of the release, and for the
    validator's own digest.
    """
    predicate: ZoneValidation = validation.predicate
    validator = predicate.validator
    bases = {validator.code_base, validator.crypto_library, *predicate.observer.code_bases}
    shared = bases & set(case.environment.record.spec.signer.code_bases)
    inside_signer = _inside(case, {part.digest.sha256 for part in case.request.record.spec.release.components})
    inside_validator = _inside(case, {predicate.tool.digest} - {None})
    return tuple(sorted(shared | ((inside_signer & inside_validator) - ignored)))


def _inside(case: Case, digests: set[str | None]) -> frozenset[str]:
    bills = (a for a in case.attestations if a.predicate_type in SBOM_TYPES and a.parties)
    return frozenset[str]().union(*(contents(a.predicate) for a in bills if _subjects(a) & digests))


def _subjects(attestation: Attestation) -> set[str | None]:
    return {subject["digest"].get("sha256") for subject in value_at(attestation.document, ("subject",))}
