"""Who chose the judge: a policy, environment and trust root count for an approval only if their owners vouch for them.

A pipeline that can be edited must not choose its judge (threats D1, P16). The gate's own configuration, kept where
the pipeline cannot write, pins documents by digest or names the owners of trust roots; policies and environments
may also be signed by parties of the trust root that may say `policy` or `environment`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from attestations.envelope import signers_of
from attestations.errors import InputError
from attestations.keys import MAX_PEM_BYTES, PublicKey, read_public_key
from attestations.records import Name, Record, Sha256
from attestations.times import Instant
from gatekeeper.documents import Header, Source, load, read_source
from gatekeeper.trust import Party, TrustRoot

DEFAULT_PATH = Path("/etc/signer-gatekeeper/gate.yaml")


class Owners(Record, frozen=True, kw_only=True):
    """The keys, as PEM text, of those who own the trust root, and how many of them must sign."""

    keys: Annotated[tuple[Annotated[str, Meta(max_length=MAX_PEM_BYTES)], ...], Meta(min_length=1, max_length=16)]
    threshold: Annotated[int, Meta(ge=1, le=16)] = 1


class GateSpec(Record, frozen=True, kw_only=True):
    """Pinned digests, by kind of document, and the owners of the trust root."""

    policies: tuple[Sha256, ...] = ()
    environments: tuple[Sha256, ...] = ()
    trust_roots: tuple[Sha256, ...] = ()
    trust_owners: Owners | None = None


class GateConfiguration(Header, frozen=True, kw_only=True):
    """The document of kind GateConfiguration."""

    kind: Literal["GateConfiguration"]
    metadata: dict[Literal["name"], Name]
    spec: GateSpec


def read_configuration(path: Path) -> GateSpec:
    """Return the gate's own configuration; raise InputError where there is none: without it nothing is anchored."""
    return load(read_source(path), GateConfiguration, "GateConfiguration").record.spec


def check_anchored(spec: GateSpec, policy: Source, environment: Source, trust: TrustRoot, now: Instant) -> None:
    """Raise InputError (POL-TRUST) for the first document that nobody entitled vouches for."""
    _check_trust(spec, trust)
    owners = [party for party in trust.parties if party.record.in_use(now)]
    _check_document("policy", policy, spec.policies, owners)
    _check_document("environment", environment, spec.environments, owners)


def _check_trust(spec: GateSpec, trust: TrustRoot) -> None:
    source = trust.loaded.source
    if trust.unpinned_keys:
        raise _unanchored(
            source,
            f"a trust root that names key files without their fingerprints ({', '.join(trust.unpinned_keys)!a:.200})",
            "keys inside the document, or as {file, sha256}: else a pin or signature does not cover them",
            "write each key as PEM text, or add the fingerprint of its SubjectPublicKeyInfo",
        )
    if source.digest in spec.trust_roots:
        return
    owners = spec.trust_owners
    keys = _read_keys(owners) if owners else ()
    signed_by = signers_of(source.envelope, keys) if source.envelope else frozenset()
    if owners is None or len(signed_by) < owners.threshold:
        raise _unanchored(
            source,
            f"a trust root (sha256 {source.digest}) that is neither pinned nor signed by its owners",
            "a trust root that the gate's configuration pins, or one signed by the owners it names",
            "have its owners sign it:  gatekeeper sign-document TRUST --sign-with KEY --out FILE",
        )


def _read_keys(owners: Owners) -> tuple[PublicKey, ...]:
    keys = tuple(read_public_key(pem.encode("utf-8"), "the gate's configuration") for pem in owners.keys)
    if len({key.fingerprint for key in keys}) != len(keys):
        raise InputError(
            "POL-TRUST",
            found="one owner key listed twice in the gate's configuration",
            wanted="each key once",
            fix="remove the repeated key",
        )
    return keys


def _check_document(kind: str, source: Source, pins: tuple[str, ...], parties: Sequence[Party]) -> None:
    if source.digest in pins:
        return
    owners = [party for party in parties if kind in party.record.may]
    signed = source.envelope is not None and any(
        len(signers_of(source.envelope, party.keys)) >= party.record.threshold for party in owners
    )
    if not signed:
        raise _unanchored(
            source,
            f"a {kind} (sha256 {source.digest}) that is neither pinned nor signed by its owners",
            f"a {kind} that the gate's configuration pins, or one signed by a party that may say `{kind}`",
            f"have its owners sign it:  gatekeeper sign-document {kind.upper()} --sign-with KEY --out FILE",
        )


def _unanchored(source: Source, found: str, wanted: str, fix: str) -> InputError:
    return InputError("POL-TRUST", found=found, wanted=wanted, fix=fix, where=source.document.where())
