"""The trust root as it is used: every key read, every name and key belonging to one holder."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from attestations.errors import InputError
from attestations.identity import Identity
from attestations.keys import PublicKey, Verifier
from attestations.predicates import NAMES
from attestations.strict.document import Path
from attestations.strict.text import quoted
from attestations.times import Instant
from gatekeeper.documents import Loaded, Source
from gatekeeper.trust.document import (
    PartyRecord,
    PersonRecord,
    Revocations,
    RevokedIdentity,
    TrustDocument,
    TrustMetadata,
)


@dataclass(frozen=True, kw_only=True)
class Party:
    """A party with its keys read."""

    record: PartyRecord
    keys: tuple[Verifier, ...] = field(repr=False)

    @cached_property
    def types(self) -> frozenset[str]:
        """Predicate types that this party may say."""
        return frozenset(NAMES[name] for name in self.record.may if name in NAMES)

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """Fingerprints of the party's keys."""
        return frozenset(key.fingerprint for key in self.keys)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person with their keys read."""

    record: PersonRecord
    keys: tuple[Verifier, ...] = field(repr=False)

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """Fingerprints of the person's keys."""
        return frozenset(key.fingerprint for key in self.keys)


@dataclass(frozen=True, kw_only=True)
class TrustRoot:
    """Everything the gate believes, with all keys read and no key belonging to two. Revoked keys are in none of it."""

    loaded: Loaded[TrustDocument]
    parties: tuple[Party, ...]
    people: tuple[Person, ...]
    gate_keys: tuple[Verifier, ...] = field(repr=False)
    ledger_key: PublicKey | None = field(repr=False)
    sigstore_root: bytes | None = field(repr=False)
    unpinned_keys: tuple[str, ...]
    """key files that are named without a fingerprint: neither a signature nor a pin of this document covers them"""

    @property
    def metadata(self) -> TrustMetadata:
        """Name, version, expiry."""
        return self.loaded.record.metadata

    @property
    def digest(self) -> str:
        """SHA-256 of the document's own bytes."""
        return self.loaded.digest

    @property
    def revoked(self) -> Revocations:
        """What the document takes back."""
        return self.loaded.record.spec.revoked

    def check_attestation(self, *digests: str) -> None:
        """Raise InputError (EVID-REVOKED) where one of `digests`, of a file or of its statement, is revoked."""
        for one in self.revoked.attestations:
            if one.sha256 in digests:
                raise InputError(
                    "EVID-REVOKED",
                    found=f"an attestation (sha256 {one.sha256}) that is revoked: {quoted(one.reason, 200)}",
                    wanted="an attestation that nobody has taken back",
                    fix="make the evidence again; an approval that rests on revoked evidence has to be asked for anew",
                )

    def check_identity(self, identity: Identity, signed_on: Instant) -> None:
        """Raise InputError (SIG-UNTRUSTED) where the identity was already revoked when it signed."""
        for one in self.revoked.identities:
            if signed_on >= one.since and _reaches(one, identity):
                raise InputError(
                    "SIG-UNTRUSTED",
                    found=f"signed on {signed_on} by {identity.subject!a:.200}, revoked since {one.since}: "
                    f"{quoted(one.reason, 200)}",
                    wanted="a signature from before the revocation, or by another identity",
                    fix="have it built and signed again by an identity of the trust root that is not revoked",
                )

    def check_functionaries(self, done_by: frozenset[str]) -> None:
        """Raise InputError (SIG-UNTRUSTED) where a step was done with a key that is revoked, or whose holder is.

        The owner of a layout names the keys; the trust root may have taken one of them back since.
        """
        for key, reason in self._keys_taken_back():
            if key in done_by:
                raise InputError(
                    "SIG-UNTRUSTED",
                    found=f"a step done with the revoked key {key[:16]}…: {quoted(reason, 200)}",
                    wanted="steps done with keys in force",
                    fix="have the step done again, by a functionary of a layout without that key",
                )

    def _keys_taken_back(self) -> Iterator[tuple[str, str]]:
        yield from ((one.sha256, one.reason) for one in self.revoked.keys)
        holders: tuple[Party | Person, ...] = (*self.parties, *self.people)
        for holder in holders:
            if holder.record.revoked:
                yield from ((key, f"{holder.record.name} is revoked") for key in sorted(holder.fingerprints))


def _reaches(revoked: RevokedIdentity, identity: Identity) -> bool:
    """Wider than what is believed: in whatever case, and a `*` stands for all that follows, slashes and @ too."""
    named, subject = revoked.identity.casefold(), identity.subject.casefold()
    reached = subject.startswith(named[:-1]) if named.endswith("*") else subject == named
    return reached and revoked.issuer.casefold() == identity.issuer.casefold()


def unusable(source: Source, path: Path, found: str, wanted: str) -> InputError:
    """Return the error (POL-TRUST) for a trust root that contradicts itself at `path`."""
    return InputError(
        "POL-TRUST",
        found=found,
        wanted=wanted,
        fix="correct the trust root and have its owners sign it again",
        where=source.document.where(path),
    )
