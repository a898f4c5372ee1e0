"""A trust root said plainly, one grant a line: what `trust show` prints, and what `trust diff` compares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attestations.keys import Verifier
from gatekeeper.trust.document import Holder, PartyRecord, Revocations
from gatekeeper.trust.owners import read_owner_keys
from gatekeeper.trust.root import Party, Person, TrustRoot


@dataclass(frozen=True, kw_only=True, order=True)
class Grant:
    """One thing that the document says of one holder."""

    holder: str
    what: str
    value: str

    def __str__(self) -> str:
        return f"{self.holder}: {self.what} {self.value}"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a new version says that the old one did not, and the reverse."""

    given: tuple[Grant, ...]
    taken: tuple[Grant, ...]


def grants_of(root: TrustRoot) -> tuple[Grant, ...]:
    """Return everything that the trust root says, keys by fingerprint, in a fixed order."""
    return tuple(sorted(set(_grants(root))))


def difference(old: TrustRoot, new: TrustRoot) -> Difference:
    """Return what changes from `old` to `new`, name and version aside."""
    before, after = grants_of(old), grants_of(new)
    return Difference(
        given=tuple(grant for grant in after if grant not in before),
        taken=tuple(grant for grant in before if grant not in after),
    )


def _grants(root: TrustRoot) -> Iterator[Grant]:
    spec = root.loaded.record.spec
    yield from _of("document", expires=[root.metadata.expires], development=[root.metadata.development])
    if spec.owners is not None:
        yield from _of("owners", threshold=[spec.owners.threshold])
        yield from _keys("owners", read_owner_keys(spec.owners, "the trust root"))
    for party in root.parties:
        yield from _party(party)
    for person in root.people:
        yield from _person(person)
    yield from _keys("gate", root.gate_keys)
    yield from _of("gate", policy=spec.gate.policies)
    if spec.ledger is not None and root.ledger_key is not None:
        yield from _of("ledger", origin=[spec.ledger.origin])
        yield from _keys("ledger", (root.ledger_key,))
    if spec.sigstore is not None:
        yield from _of("Sigstore", root=[spec.sigstore.sha256])
    yield from _revoked(spec.revoked)


def _party(party: Party) -> Iterator[Grant]:
    record, holder = party.record, f"party {party.record.name}"
    yield from _of(holder, may=record.may, threshold=[record.threshold], person=record.people)
    yield from _keys(holder, party.keys)
    yield from _builder(holder, record)
    if record.sigstore is not None:
        yield from _of(holder, identity=[f"{record.sigstore.identity} of {record.sigstore.issuer}"])
    yield from _while(holder, record)


def _builder(holder: str, record: PartyRecord) -> Iterator[Grant]:
    yield from _of(holder, builder=[f"{name} level {level}" for name, level in record.builder_ids.items()])
    yield from _of(holder, verifier=record.verifier_ids)
    if record.code_base is not None:
        yield from _of(holder, code_base=[record.code_base])


def _person(person: Person) -> Iterator[Grant]:
    holder = f"person {person.record.name}"
    yield from _of(holder, role=person.record.roles, account=person.record.accounts)
    yield from _keys(holder, person.keys)
    yield from _while(holder, person.record)


def _while(holder: str, record: Holder) -> Iterator[Grant]:
    windows = {"from": record.valid_from, "until": record.valid_until}
    yield from _of(holder, **{what: [moment] for what, moment in windows.items() if moment is not None})
    if record.revoked:
        yield from _of(holder, revoked=["for ever"])


def _revoked(revoked: Revocations) -> Iterator[Grant]:
    yield from _of("revoked", key=[f"{one.sha256} ({one.reason})" for one in revoked.keys])
    identities = [f"{one.identity} of {one.issuer} since {one.since} ({one.reason})" for one in revoked.identities]
    yield from _of("revoked", identity=identities)
    yield from _of("revoked", attestation=[f"{one.sha256} ({one.reason})" for one in revoked.attestations])


def _keys(holder: str, keys: Iterable[Verifier]) -> Iterator[Grant]:
    yield from _of(holder, key=[key.fingerprint for key in keys])


def _of(holder: str, **said: Iterable[object]) -> Iterator[Grant]:
    for what, values in said.items():
        for value in values:
            yield Grant(holder=holder, what=what.replace("_", " "), value=str(value))
