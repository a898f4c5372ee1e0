"""Who says it: the first five of the steps that gatekeeper/verification.py lists, on bytes nobody has judged."""

from collections.abc import Iterable
from dataclasses import dataclass

from attestations.envelope import PAYLOAD_TYPE, Envelope, looks_like_envelope, read_envelope, signers_of
from attestations.errors import InputError
from attestations.identity import Identity, matches
from attestations.keys import Verifier
from attestations.layout.signed import Signed
from attestations.predicates import NAMES
from attestations.sigstore import envelope_in, looks_like_bundle, verify_bundle
from attestations.statement import Statement, read_statement
from attestations.strict import read_json
from attestations.strict.document import Document
from attestations.times import Instant
from gatekeeper.evidence import Offered
from gatekeeper.trust import Party, Person, TrustRoot

SAID_BY_PEOPLE = frozenset({NAMES["sign-off"], NAMES["waiver"], NAMES["freeze"], NAMES["halt"]})
LAYOUT = "layout"
"""how a party may be named the owner of in-toto layouts: they are documents, not statements"""
_NEXT = "sign statements with:  attest sign"


@dataclass(frozen=True, kw_only=True)
class Authenticated:
    """A statement with those who said it. What it is about has not been looked at."""

    statement: Statement
    parties: tuple[Party, ...]
    people: tuple[Person, ...]
    signed_by: frozenset[str]
    """fingerprints of the trust root's keys that signed; empty where a Sigstore identity did"""
    signed_on: Instant | None
    """when the signature existed, as a log or timestamp authority proves; None where only the statement says a time"""
    identity: Identity | None = None
    """whom the signing certificate names, with what else its issuer said; None where keys signed"""
    by_gate: bool = False
    """a commissioning approval signed by the gate, whose keys say nothing else"""

    @property
    def made_on(self) -> Instant | None:
        """When it was made: as it says itself or as proved for a certificate's few minutes, whichever is earlier.

        None where neither is told. A log or authority proves of a key's signature only that it existed by then: whoever
        holds an old one can have it logged today (threat B7).
        """
        proven = self.signed_on if self.identity else None
        return min(filter(None, (_stated_time(self.statement), proven)), default=None)

    @property
    def told_times(self) -> tuple[Instant, ...]:
        """Every time that was told of it, by whomever: none may be one at which its signers' keys were not in use."""
        return tuple(filter(None, (self.made_on, self.signed_on)))


@dataclass(frozen=True, kw_only=True)
class _Signatures:
    keys: frozenset[str]
    identity: Identity | None = None
    signed_on: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement that was read and not yet authenticated, in the document that carries it."""

    document: Document
    envelope: Envelope
    statement: Statement


def read_claim(item: Offered) -> Claim:
    """Return the statement in `item`, believed by nobody yet: steps 1 to 3; raise InputError where there is none."""
    document = read_json(item.raw, item.name)  # (1)
    envelope = _envelope(document)
    if envelope.payload_type != PAYLOAD_TYPE:  # (2)
        raise InputError(
            "TYPE-PAYLOAD",
            found=f"payload type {envelope.payload_type!a:.80}",
            wanted=PAYLOAD_TYPE,
            fix=_NEXT,
            where=document.where(("payloadType",)),
        )
    statement = read_statement(envelope.payload, item.name)  # (3)
    return Claim(document=document, envelope=envelope, statement=statement)


def authenticate(claim: Claim, trust: TrustRoot) -> Authenticated:
    """Return the statement with those who said it: steps 4 and 5; raise InputError where nobody entitled did."""
    signatures = _signatures(claim, trust)  # (4)
    by_gate = _said_by_gate(claim, signatures, trust)
    parties, people = ((), ()) if by_gate else _speakers(claim, signatures, trust)  # (5)
    said = Authenticated(
        statement=claim.statement,
        parties=parties,
        people=people,
        signed_by=signatures.keys,
        signed_on=signatures.signed_on,
        identity=signatures.identity,
        by_gate=by_gate,
    )
    for moment in said.told_times:
        check_in_use(said, moment)
    return said


def owners_of(layout: Signed, trust: TrustRoot, now: Instant) -> tuple[tuple[Party, ...], frozenset[str]]:
    """Return the parties that may sign a layout and did, with the keys that signed; raise InputError where none did.

    A layout says no time at which it was signed, so its owners' keys must be in use at `now`.
    """
    keys = layout.signers(_keys(trust))
    signing = [party for party in trust.parties if party.fingerprints & keys]
    if not signing:
        raise _refused("SIG-UNTRUSTED", "a layout that no party of the trust root signed", "a layout by its owner")
    if gone := [party.record.name for party in signing if not party.record.in_use(now)]:
        raise _refused("SIG-UNTRUSTED", f"a layout by {', '.join(gone)}, not in use at {now}", "keys in use")
    allowed = [party for party in signing if LAYOUT in party.record.may]
    if not allowed:
        said_by = ", ".join(party.record.name for party in signing)
        raise _refused("SIG-ROLE", f"{said_by} says a layout", f"a party that may say {LAYOUT}")
    owners = tuple(party for party in allowed if len(party.fingerprints & keys) >= party.record.threshold)
    if not owners:
        found = f"{len(allowed[0].fingerprints & keys)} distinct key of {allowed[0].record.name}"
        raise _refused("SIG-THRESHOLD", found, f"{allowed[0].record.threshold} distinct keys")
    return owners, keys


def check_in_use(said: Authenticated, moment: Instant) -> None:
    """Raise InputError (SIG-UNTRUSTED) where somebody who said it holds keys that are not in use at `moment`."""
    for record in (*(party.record for party in said.parties), *(person.record for person in said.people)):
        if not record.in_use(moment):
            used = f"from {record.valid_from or 'the start'} until {record.valid_until or 'further notice'}"
            found = f"a signature by {record.name} as of {moment}"
            raise _refused("SIG-UNTRUSTED", found, f"a key in use then: {used}")


def _envelope(document: Document) -> Envelope:
    if looks_like_bundle(document):
        return read_envelope(envelope_in(document))
    if looks_like_envelope(document):
        return read_envelope(document)
    raise InputError(
        "TYPE-PAYLOAD",
        found="JSON that is neither a DSSE envelope nor a Sigstore bundle",
        wanted="a signed statement",
        fix=_NEXT,
        where=document.where(),
    )


def _signatures(claim: Claim, trust: TrustRoot) -> _Signatures:
    if not looks_like_bundle(claim.document):
        return _Signatures(keys=signers_of(claim.envelope, _keys(trust)))
    if trust.sigstore_root is None:
        raise _refused("SIG-BUNDLE", "a Sigstore bundle", "a trust root that pins a Sigstore instance")
    verified = verify_bundle(claim.document, trust.sigstore_root, _keys(trust))
    if (verified.payload, verified.payload_type) != (claim.envelope.payload, claim.envelope.payload_type):
        raise _refused("SIG-BUNDLE", "a bundle that two readers read differently", "one statement in a bundle")
    if verified.identity is not None:
        trust.check_identity(verified.identity, verified.signed_on)
    keys = frozenset({verified.key}) if verified.key is not None else frozenset()
    return _Signatures(keys=keys, identity=verified.identity, signed_on=verified.signed_on)


def _keys(trust: TrustRoot) -> Iterable[Verifier]:
    for party in trust.parties:
        yield from party.keys
    for person in trust.people:
        yield from person.keys
    yield from trust.gate_keys
    if trust.ledger_key is not None:
        yield trust.ledger_key


def _said_by_gate(claim: Claim, signatures: _Signatures, trust: TrustRoot) -> bool:
    """Only the gate approves: whoever else signs an approval, whatever they may say, says nothing (A8)."""
    if claim.statement.predicate_type != NAMES["commissioning-approval"]:
        return False
    if not {key.fingerprint for key in trust.gate_keys} & signatures.keys:
        raise _refused("SIG-ROLE", "a commissioning approval that the gate did not sign", "an approval by the gate")
    return True


def _speakers(claim: Claim, signatures: _Signatures, trust: TrustRoot) -> tuple[tuple[Party, ...], tuple[Person, ...]]:
    predicate_type = claim.statement.predicate_type
    signing = [party for party in trust.parties if _signed(party, signatures)]
    people = tuple(person for person in trust.people if _keys_of(person, signatures))
    if not signing and not people:
        raise _nobody(claim, signatures, trust)
    if any(party.record.revoked for party in signing) or any(person.record.revoked for person in people):
        raise _refused("SIG-UNTRUSTED", "a signature by a key that is marked revoked", "a key in use")
    allowed = [party for party in signing if predicate_type in party.types]
    parties = tuple(party for party in allowed if _reached(party, signatures))
    if parties or (people and predicate_type in SAID_BY_PEOPLE):
        return parties, people
    if allowed:
        found = f"{len(_keys_of(allowed[0], signatures))} distinct key of {allowed[0].record.name}"
        raise _refused("SIG-THRESHOLD", found, f"{allowed[0].record.threshold} distinct keys")
    said_by = ", ".join([party.record.name for party in signing] + [person.record.name for person in people])
    raise _refused("SIG-ROLE", f"{said_by} says {_short(predicate_type)}", "a party that may say this type")


def _signed(party: Party, signatures: _Signatures) -> bool:
    return bool(_keys_of(party, signatures)) or _is(party, signatures.identity)


def _reached(party: Party, signatures: _Signatures) -> bool:
    """One identity is one signer: it never meets a threshold of two."""
    distinct = len(_keys_of(party, signatures)) + _is(party, signatures.identity)
    return distinct >= party.record.threshold


def _is(party: Party, identity: Identity | None) -> bool:
    named = party.record.sigstore
    return identity is not None and named is not None and matches(named.issuer, named.identity, identity)


def _keys_of(holder: Party | Person, signatures: _Signatures) -> frozenset[str]:
    return holder.fingerprints & signatures.keys


def _nobody(claim: Claim, signatures: _Signatures, trust: TrustRoot) -> InputError:
    if signatures.identity is not None:
        found = f"signed by {signatures.identity.subject!a:.200}, vouched for by {signatures.identity.issuer!a:.120}"
        return _refused("ID-MISMATCH", found, "an identity and issuer that the trust root names")
    if signatures.keys:
        found = f"the key of the gate or the ledger says {_short(claim.statement.predicate_type)}"
        return _refused("SIG-ROLE", found, "a party that may say this type")
    hints = {signature.hint for signature in claim.envelope.signatures}
    if gone := next((one for one in trust.revoked.keys if one.sha256 in hints), None):
        found = f"a signature by the revoked key {gone.sha256[:16]}…: {gone.reason!a:.200}"
        return _refused("SIG-UNTRUSTED", found, "a key in force")
    if any(key.fingerprint in hints for key in _keys(trust)):
        found = "a signature that names a key of the trust root and is not by it"
        return _refused("SIG-UNTRUSTED", found, "that key's signature over these very bytes, in its own algorithm")
    return _refused("SIG-UNTRUSTED", "no signature by a key of the trust root", "a key that it names")


def _stated_time(statement: Statement) -> Instant | None:
    for member in ("finished_on", "signed_on", "time_verified", "not_before", "effective_on", "issued_on"):
        moment = getattr(statement.predicate, member, None)
        if isinstance(moment, Instant):
            return moment
    return None


def _short(predicate_type: str) -> str:
    return next((name for name, uri in NAMES.items() if uri == predicate_type), predicate_type)


def _refused(code: str, found: str, wanted: str) -> InputError:
    return InputError(code, found=found, wanted=wanted, fix="have it signed by a party that the trust root allows this")
