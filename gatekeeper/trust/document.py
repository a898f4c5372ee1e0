"""The trust root as it is written: parties, people, the gate, the ledger, the Sigstore instance."""

from typing import Annotated, Literal

from msgspec import Meta

from attestations.records import Count, Name, Record, Sha256, Text
from attestations.times import Instant
from gatekeeper.documents import Header
from gatekeeper.trust.owners import Owners

Level = Annotated[int, Meta(ge=0, le=4)]
DOCUMENT_KINDS = ("policy", "environment", "layout")
"""what a party may sign besides statements"""


class KeyFile(Record, frozen=True, kw_only=True):
    """A key in a file beside the trust root, pinned by its fingerprint."""

    file: Name
    sha256: Sha256


KeyReference = (
    KeyFile
    | Annotated[str, Meta(min_length=1, max_length=4096, description="PEM text, or a file beside the trust root")]
)
Keys = Annotated[tuple[KeyReference, ...], Meta(max_length=32)]


class SigstoreIdentity(Record, frozen=True, kw_only=True):
    """A keyless signer. Both parts are required: an identity without its issuer is anybody's (S06)."""

    issuer: Name
    identity: Name


class Holder(Record, frozen=True, kw_only=True):
    """Somebody who holds keys, and while when they are believed. Revocation is for ever, backwards too."""

    name: Name
    keys: Keys = ()
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    revoked: bool = False

    def in_use(self, moment: Instant) -> bool:
        """Return whether the keys are in use at `moment`."""
        begun = self.valid_from is None or self.valid_from <= moment
        ended = self.valid_until is not None and self.valid_until <= moment
        return begun and not ended and not self.revoked


class PartyRecord(Holder, frozen=True, kw_only=True):
    """A machine or a team that signs evidence."""

    may: Annotated[tuple[Name, ...], Meta(min_length=1)]
    sigstore: SigstoreIdentity | None = None
    threshold: Annotated[int, Meta(ge=1, le=16)] = 1
    code_base: Name | None = None
    builder_ids: dict[Name, Level] = {}
    verifier_ids: tuple[Name, ...] = ()
    people: tuple[Name, ...] = ()
    """the people who hold this party's keys; what it says counts as said by them"""


class PersonRecord(Holder, frozen=True, kw_only=True):
    """Somebody who signs off. Several keys make one person, never two."""

    roles: Annotated[tuple[Name, ...], Meta(min_length=1)]
    accounts: tuple[Name, ...] = ()
    """how requests and changes name this person: e-mail addresses, log-ins"""
    ssh: Annotated[tuple[Annotated[str, Meta(max_length=4096)], ...], Meta(max_length=32)] = ()


class GateRecord(Record, frozen=True, kw_only=True):
    """The keys whose commissioning approvals the host accepts, and whom it believes about the ledger."""

    keys: Annotated[Keys, Meta(min_length=1)]
    policies: tuple[Sha256, ...] = ()
    """when not empty: the only policies that an approval may rest on"""


class LedgerRecord(Record, frozen=True, kw_only=True):
    """The ledger by its origin line and key (C2SP tlog-checkpoint)."""

    origin: Name
    key: KeyReference


class SigstoreRoot(Record, frozen=True, kw_only=True):
    """The Sigstore instance, pinned by digest. There is no hidden cache."""

    trusted_root: Name
    sha256: Sha256


class RevokedKey(Record, frozen=True, kw_only=True):
    """A key that signs nothing any more, whoever holds it; what it signed in the past does not count either."""

    sha256: Sha256
    """of the SubjectPublicKeyInfo"""
    reason: Text


class RevokedIdentity(Record, frozen=True, kw_only=True):
    """A keyless signer that is not believed from a date on. What a log proves it signed before still counts.

    Case does not count, and a `*` at the end stands for all that follows.
    """

    issuer: Name
    identity: Name
    since: Instant
    reason: Text


class RevokedAttestation(Record, frozen=True, kw_only=True):
    """One attestation that does not count, though its signer is believed (S40)."""

    sha256: Sha256
    """of the file, or of the statement inside it"""
    reason: Text


class Revocations(Record, frozen=True, kw_only=True):
    """What is taken back."""

    keys: Annotated[tuple[RevokedKey, ...], Meta(max_length=256)] = ()
    identities: Annotated[tuple[RevokedIdentity, ...], Meta(max_length=256)] = ()
    attestations: Annotated[tuple[RevokedAttestation, ...], Meta(max_length=1024)] = ()


class TrustMetadata(Record, frozen=True, kw_only=True):
    """Which trust root this is and how long it may be used."""

    name: Name
    version: Count
    expires: Instant
    development: bool = False
    """approvals made under it are marked, and refused by every host whose own trust root is not marked"""


class TrustSpec(Record, frozen=True, kw_only=True):
    """Parties, people, the gate, the ledger; who signs the next version of this document; what is taken back."""

    owners: Owners | None = None
    """without them the document has no successor: a new version must be pinned again"""
    parties: Annotated[tuple[PartyRecord, ...], Meta(min_length=1, max_length=256)]
    people: Annotated[tuple[PersonRecord, ...], Meta(max_length=256)] = ()
    gate: GateRecord
    ledger: LedgerRecord | None = None
    sigstore: SigstoreRoot | None = None
    revoked: Revocations = Revocations()


class TrustDocument(Header, frozen=True, kw_only=True):
    """The document of kind TrustRoot."""

    kind: Literal["TrustRoot"]
    metadata: TrustMetadata
    spec: TrustSpec
