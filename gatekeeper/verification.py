"""From offered to verified: signature, party, subject, schema, binding, time. Stops at the first failure.

The steps, for each file, in this order; the numbers stand again in the code:
 1. it is strict JSON within the limits, and a DSSE envelope or a Sigstore bundle;
 2. the payload type is the in-toto one, byte for byte;
 3. the payload is a statement of a type we know, its predicate fits the schema, and nobody has revoked it;
 4. keys of the trust root signed it, counted by key material, or an identity under its Sigstore instance;
 5. a party that may say this type reached its threshold (people only sign off, waive, freeze and halt);
 6. it is about this release (a component's digest), or names this request;
 7. it is about this environment, request and nonce, where it names them;
 8. it does not come from the future, and its signers' keys are still in use: a date of their own proves nothing.
Age is left to each requirement, which knows how old is too old.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from attestations import layout
from attestations.errors import InputError
from attestations.identity import Identity
from attestations.predicates import (
    freeze,
    halt,
    halt_drill,
    hsm_key_coverage,
    rollback_drill,
    slsa_provenance,
    test_result,
    waiver,
)
from attestations.statement import Statement
from attestations.strict import read_json
from attestations.strict.document import Document, Path
from attestations.times import Instant
from gatekeeper.authentication import Authenticated, authenticate, check_in_use, owners_of, read_claim
from gatekeeper.environment import Environment
from gatekeeper.evidence import Offered, Refusal, Unreadable
from gatekeeper.request import Request
from gatekeeper.trust import Party, Person, TrustRoot

CLOCK_SKEW = timedelta(minutes=5)

ABOUT_COMPONENTS = frozenset(
    {
        hsm_key_coverage.TYPE,
        halt_drill.TYPE,
        rollback_drill.TYPE,
        slsa_provenance.TYPE,
        slsa_provenance.TYPE_V02,
        test_result.TYPE,
        waiver.TYPE,
    }
)
"""types whose subjects must include a component of the release; the others name request or environment inside"""

ORDERS = frozenset({freeze.TYPE, halt.TYPE})
"""types that steps 7 and 8 pass over: neither a new version of the inventory nor the end of an office lifts a halt, and
one may be set for a time to come; gatekeeper/freezes.py knows what each covers"""


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """A verified statement: these parties or people said this, about this release, and not in the future."""

    name: str
    digest: str
    """SHA-256 of the file"""
    payload_digest: str
    """SHA-256 of the signed bytes: two envelopes around one payload are one statement"""
    predicate_type: str
    predicate: Any = field(repr=False)
    parties: tuple[Party, ...] = field(repr=False)
    people: tuple[Person, ...] = field(repr=False)
    signed_by: frozenset[str] = field(repr=False)
    """fingerprints of every key of the trust root that signed"""
    components: frozenset[str]
    """names of the release's components that are among the subjects"""
    made_on: Instant | None
    document: Document = field(repr=False)
    identities: tuple[Identity, ...] = field(default=(), repr=False)
    """whom the certificates of its signers name, with what else their issuers said"""
    by_gate: bool = False
    """the gate's own commissioning approval of an earlier day"""


def verify(
    offered: Iterable[Offered | Unreadable], request: Request, environment: Environment, trust: TrustRoot, now: Instant
) -> tuple[tuple[Attestation, ...], tuple[Refusal, ...]]:
    """Return what was verified and what was refused, each payload once, in the order offered."""
    verifier = _Verifier(request=request, environment=environment, trust=trust, now=now)
    accepted: dict[str, Attestation] = {}
    refused: list[Refusal] = []
    for item in offered:
        outcome = verifier.judge(item)
        if isinstance(outcome, Refusal):
            refused.append(outcome)
        else:
            earlier = accepted.get(outcome.payload_digest)
            accepted[outcome.payload_digest] = _merged(earlier, outcome) if earlier else outcome
    return tuple(accepted.values()), tuple(refused)


@dataclass(frozen=True, kw_only=True)
class _Verifier:
    request: Request
    environment: Environment
    trust: TrustRoot
    now: Instant

    def judge(self, item: Offered | Unreadable) -> Attestation | Refusal:
        if isinstance(item, Unreadable):
            return _refusal(item.name, "", item.error, None)
        claimed: str | None = None
        try:
            if layout.TYPE.encode("ascii") in item.raw:
                document = read_json(item.raw, item.name)
                if layout.looks_like_chain(document):
                    claimed = layout.TYPE
                    return self._layout(item, layout.read_chain(document))
            claim = read_claim(item)  # (1) (2) (3)
            claimed = claim.statement.predicate_type
            if not _stops(claim.statement):
                self.trust.check_attestation(item.sha256, claim.statement.document.sha256)
            return self._attestation(item, authenticate(claim, self.trust))  # (4) (5)
        except InputError as error:
            return _refusal(item.name, item.sha256, error, claimed)

    def _attestation(self, item: Offered, said: Authenticated) -> Attestation:
        statement = said.statement
        components = self._components(statement)
        if statement.predicate_type in ABOUT_COMPONENTS and not components:  # (6)
            raise _not_this_release(statement)
        if _ends_a_halt(statement):
            check_in_use(said, self.now)  # what stops stays when its author goes; what lets go on does not
        if statement.predicate_type not in ORDERS:
            if said.by_gate:  # an approval names the request and the inventory of its day
                self.trust.check_attestation(*statement.predicate.evidence)
            else:
                self._check_binding(statement)  # (7)
            self._check_time(said)  # (8)
        return Attestation(
            name=item.name,
            digest=item.sha256,
            payload_digest=statement.document.sha256,
            predicate_type=statement.predicate_type,
            predicate=statement.predicate,
            parties=said.parties,
            people=said.people,
            signed_by=said.signed_by,
            components=components,
            made_on=said.made_on,
            document=statement.document,
            identities=(said.identity,) if said.identity else (),
            by_gate=said.by_gate,
        )

    def _layout(self, item: Offered, chain: layout.Chain) -> Attestation:
        """A layout with links is no statement: its own steps (attestations/layout/verification.py) take their place."""
        self.trust.check_attestation(item.sha256, *chain.digests)
        owners, keys = owners_of(chain.layout, self.trust, self.now)
        verified = layout.verify_chain(chain, self.now)
        self.trust.check_functionaries(verified.keys)
        said = {subject.digest["sha256"] for subject in verified.products}
        components = self.request.record.spec.release.components
        covered = frozenset(component.name for component in components if component.digest.sha256 in said)
        if not covered:  # (6)
            raise _not_these(chain.document, [subject.name for subject in verified.products], ())
        return Attestation(
            name=item.name,
            digest=item.sha256,
            payload_digest=item.sha256,
            predicate_type=layout.TYPE,
            predicate=verified,
            parties=owners,
            people=self._people_behind(verified.keys),
            signed_by=keys,
            components=covered,
            made_on=None,
            document=replace(chain.document, value={"predicate": verified.facts}),
        )

    def _people_behind(self, keys: frozenset[str]) -> tuple[Person, ...]:
        """Who did a step, by their own key or as holders of a party's, made evidence and does not sign it off."""
        held = {name for party in self.trust.parties if party.fingerprints & keys for name in party.record.people}
        people = self.trust.people
        return tuple(person for person in people if person.fingerprints & keys or person.record.name in held)

    def _check_time(self, said: Authenticated) -> None:
        if ahead := [moment for moment in said.told_times if moment > self.now + CLOCK_SKEW]:
            found = f"made on {max(ahead)}, which is in the future"
            raise _stale(said.statement, found, "a time in the past")
        if said.signed_on is None:
            check_in_use(said, self.now)

    def _components(self, statement: Statement) -> frozenset[str]:
        said = {subject.digest.get("sha256") for subject in statement.subjects}
        components = self.request.record.spec.release.components
        return frozenset(component.name for component in components if component.digest.sha256 in said)

    def _check_binding(self, statement: Statement) -> None:
        predicate, environment = statement.predicate, self.environment
        reference = getattr(predicate, "environment", None)
        if reference is not None and (reference.name, reference.digest) != _identity(environment):
            raise _stale(statement, f"environment {reference.name} {reference.digest[:16]}…", _named(environment))
        for member, wanted in (("request_digest", self.request.digest), ("nonce", self.request.record.spec.nonce)):
            found = getattr(predicate, member, None)
            if found is not None and found != wanted:
                raise _stale(statement, f"{member} {found[:16]}…", f"{wanted[:16]}…, of this request")


def _stops(statement: Statement) -> bool:
    """A freeze has its day and a halt is ended by two; were it taken back, one document could let go alone."""
    return statement.predicate_type in ORDERS and not _ends_a_halt(statement)


def _ends_a_halt(statement: Statement) -> bool:
    return isinstance(statement.predicate, halt.Halt) and statement.predicate.state == "ended"


def _merged(earlier: Attestation, again: Attestation) -> Attestation:
    """One payload in two envelopes is one statement, said by all who signed either (S07), and as old as the older."""
    parties = {party.record.name: party for party in (*earlier.parties, *again.parties)}
    people = {person.record.name: person for person in (*earlier.people, *again.people)}
    return replace(
        earlier,
        parties=tuple(parties.values()),
        people=tuple(people.values()),
        signed_by=earlier.signed_by | again.signed_by,
        identities=earlier.identities + again.identities,
        made_on=min(earlier.made_on, again.made_on) if earlier.made_on and again.made_on else None,
    )


def _identity(environment: Environment) -> tuple[str, str]:
    return environment.record.metadata.name, environment.digest


def _named(environment: Environment) -> str:
    return f"environment {environment.record.metadata.name} {environment.digest[:16]}…"


def _not_this_release(statement: Statement) -> InputError:
    return _not_these(statement.document, [subject.name for subject in statement.subjects], ("subject",))


def _not_these(document: Document, names: Iterable[str], path: Path) -> InputError:
    return InputError(
        "SUBJ-DIGEST",
        found=f"subjects ({', '.join(names)!a:.120}) of which none is a component of this release by SHA-256",
        wanted="a component of the release",
        fix="make the evidence for the very files that the request names",
        where=document.where(path),
    )


def _stale(statement: Statement, found: str, wanted: str) -> InputError:
    return InputError(
        "EVID-STALE",
        found=found,
        wanted=wanted,
        fix="make the evidence again for this request",
        where=statement.document.where(("predicate",)),
    )


def _refusal(name: str, digest: str, error: InputError, claimed: str | None) -> Refusal:
    return Refusal(
        name=name,
        digest=digest,
        code=error.code,
        found=error.found,
        wanted=error.wanted,
        next=error.fix,
        claimed_type=claimed,
    )
