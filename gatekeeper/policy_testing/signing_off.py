"""Sign-offs that a case of a policy takes for given: for tests of policies, and for nothing else.

A real sign-off names the digest of one case, of which the policy is a part: it would be void after every edit of the
policy and under every mutant. A case folder therefore only names the people and what they say, and this module makes
verified statements of it, in memory, for whatever the case has become. No signature is made or checked. The modules
that issue, verify and record approvals stand below this package and cannot import it (import contract in
pyproject.toml).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from attestations.digest import canonical_json, sha256
from attestations.errors import InputError
from attestations.predicates import sign_off
from attestations.predicates.common import EnvironmentReference
from attestations.predicates.sign_off import SignOff
from attestations.records import plain
from attestations.strict.document import Document
from attestations.times import Instant
from gatekeeper.case import Case
from gatekeeper.evaluation import evaluate
from gatekeeper.rulebook import Policy
from gatekeeper.trust import Person
from gatekeeper.verification import Attestation


@dataclass(frozen=True, kw_only=True)
class Say:
    """A person's yes or no, taken for given."""

    person: Person
    verdict: Literal["approve", "reject"]
    signed_on: Instant


def say(case: Case, name: str, verdict: Literal["approve", "reject"], signed_on: Instant | None) -> Say:
    """Return what the person of that name says; raise InputError (POL-TRUST) where the trust root has none."""
    person = next((person for person in case.trust.people if person.record.name == name), None)
    if person is None:
        raise InputError(
            "POL-TRUST",
            found=f"a sign-off by {name!a:.80}, whom the trust root of the case does not know",
            wanted=", ".join(known.record.name for known in case.trust.people) or "a trust root with people",
            fix="name people of trust.yaml in sign-offs.yaml",
        )
    return Say(person=person, verdict=verdict, signed_on=signed_on or case.now)


def signed_off(case: Case, policy: Policy, sayings: Iterable[Say]) -> Case:
    """Return the case with these sign-offs over it, as it stands under this policy."""
    digest = evaluate(case, policy).case_digest  # no sign-off is part of what it is made from
    made = tuple(_attestation(case, saying, digest) for saying in sayings)
    return replace(case, attestations=(*case.attestations, *made))


def _attestation(case: Case, saying: Say, case_digest: str) -> Attestation:
    predicate = _predicate(case, saying, case_digest)
    name = f"sign-off of {saying.person.record.name}"
    value: dict[str, Any] = {"predicateType": sign_off.TYPE, "predicate": plain(predicate)}
    raw = canonical_json(value)
    return Attestation(
        name=name,
        digest=sha256(raw),
        payload_digest=sha256(raw),
        predicate_type=sign_off.TYPE,
        predicate=predicate,
        parties=(),
        people=(saying.person,),
        signed_by=frozenset(),
        components=frozenset(component.name for component in case.request.record.spec.release.components),
        made_on=saying.signed_on,
        document=Document(name=name, raw=raw, value=value, find_marks=dict),
    )


def _predicate(case: Case, saying: Say, case_digest: str) -> SignOff:
    request, environment = case.request.record, case.environment
    reference = EnvironmentReference(name=environment.record.metadata.name, digest=environment.digest)
    return SignOff(
        case_digest=case_digest,
        request_id=request.metadata.id,
        request_digest=case.request.digest,
        environment=reference,
        stage=request.spec.stage,
        person=saying.person.record.name,
        verdict=saying.verdict,
        signed_on=saying.signed_on,
    )
