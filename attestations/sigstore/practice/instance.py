"""The instance as a whole: who may sign is decided by the caller, everything else is as the real services do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec

from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, pre_authentication_encoding
from attestations.sigstore.practice.authority import CertificateAuthority
from attestations.sigstore.practice.encoding import SHA256, AnyPublicKey, b64, der, new_key, spki
from attestations.sigstore.practice.log import Log, LogOfFirstStyle, LogOfSecondStyle, Made
from attestations.sigstore.practice.timestamps import TimestampAuthority

NOW = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WORKFLOW = "https://github.com/registry/signer/.github/workflows/release.yml@refs/tags/v3.0.1"
GITHUB = "https://token.actions.githubusercontent.com"
_MEDIA_TYPES = {
    "0.1": "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "0.2": "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "0.3": "application/vnd.dev.sigstore.bundle.v0.3+json",
}
_ROOT_MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
_CLAIMS = {
    "build_signer_uri": 9,
    "build_signer_digest": 10,
    "runner_environment": 11,
    "source_repository_uri": 12,
    "source_repository_digest": 13,
    "source_repository_ref": 14,
    "source_repository_identifier": 15,
    "source_repository_owner_uri": 16,
    "source_repository_owner_identifier": 17,
    "build_config_uri": 18,
    "build_config_digest": 19,
    "build_trigger": 20,
    "run_invocation_uri": 21,
    "source_repository_visibility": 22,
}
"""claims by the numbers of the Fulcio extensions (sigstore/fulcio, docs/oid-info.md)"""


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a bundle is written where the instance leaves a choice."""

    version: str = "0.3"
    kind: str = "dsse"
    """of the entry in a log of the first style, for an envelope: dsse or intoto"""
    proof: bool = True
    """with an inclusion proof; without one the log's promise stands alone, as in version 0.1"""
    stamped: bool = False
    """with a timestamp though the log says the time itself"""


@dataclass(kw_only=True)
class PrivateSigstore:
    """One instance. `style` 1 is a log that signs times itself, 2 a log beside a timestamp authority."""

    style: int = 1
    now: datetime = NOW
    seed: str = ""
    authority: CertificateAuthority = field(init=False)
    timestamps: TimestampAuthority = field(init=False)
    log: Log = field(init=False)

    def __post_init__(self) -> None:
        start, end = self.now - timedelta(days=1), self.now + timedelta(days=3650)
        self.authority = CertificateAuthority(start, end, self.seed)
        self.timestamps = TimestampAuthority(start, end, self.seed)
        self.log = LogOfFirstStyle(self.seed) if self.style == 1 else LogOfSecondStyle(self.seed)

    @property
    def trusted_root(self) -> bytes:
        """The trusted root, as an operator pins it."""
        valid = {"start": (self.now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        ct_log = self.authority.ct_key.public_key()
        ct_id = sha256(spki(ct_log)).digest()
        root = {
            "mediaType": _ROOT_MEDIA_TYPE,
            "tlogs": [_log_instance(self.log.public, self.log.key_details, self.log.log_id, valid)],
            "certificateAuthorities": [_chain((self.authority.certificate,), valid)],
            "ctlogs": [_log_instance(ct_log, "PKIX_ECDSA_P256_SHA_256", ct_id, valid)],
            "timestampAuthorities": [_chain(self.timestamps.chain, valid)],
        }
        return canonical_json(root)

    def issue(
        self,
        key: ec.EllipticCurvePrivateKey,
        names: Sequence[x509.GeneralName],
        issuer: str | None,
        claims: Mapping[str, str],
    ) -> x509.Certificate:
        """Return a certificate that names a signer and says what `issuer` told of it.

        The extensions below 8 are raw bytes, from 8 on DER UTF8String.
        """
        extensions = {} if issuer is None else {1: issuer.encode(), 8: asn1.encode_der(issuer)}
        extensions |= {_CLAIMS[name]: asn1.encode_der(value) for name, value in claims.items()}
        return self.authority.issue(key.public_key(), names, extensions, self.now)

    def sign_statement(self, payload: bytes, identity: str = WORKFLOW, issuer: str = GITHUB, **claims: str) -> bytes:
        """Return a bundle around `payload`, signed and logged a minute after its certificate was issued."""
        key = new_key(self.seed, f"{issuer} {identity} {len(self.log.leaves)}")
        return self.seal(payload, key, self.issue(key, [name_of(identity)], issuer, claims))

    def seal(
        self,
        payload: bytes,
        key: ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate | None,
        payload_type: str = PAYLOAD_TYPE,
        after: timedelta = MINUTE,
        form: Form = Form(),
    ) -> bytes:
        """Return a bundle around `payload`, logged or stamped at `now` plus `after`; without certificate, by a key."""
        signed = pre_authentication_encoding(payload_type, payload)
        signature = key.sign(signed, SHA256)
        envelope = {"payload": b64(payload), "payloadType": payload_type, "signatures": [{"sig": b64(signature)}]}
        made = Made(
            value=signature,
            signer=certificate or key.public_key(),
            digest=sha256(payload).digest(),
            signed_digest=sha256(signed).digest(),
            envelope=envelope,
        )
        return self._bundle(made, self.log.record(made, form.kind, self.now + after), after, form)

    def sign_file(
        self,
        content: bytes,
        key: ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate | None,
        after: timedelta = MINUTE,
        form: Form = Form(),
    ) -> bytes:
        """Return a bundle with a signature over a file."""
        digest = sha256(content).digest()
        made = Made(
            value=key.sign(content, SHA256),
            signer=certificate or key.public_key(),
            digest=digest,
            signed_digest=digest,
            envelope=None,
        )
        return self._bundle(made, self.log.record(made, "hashedrekord", self.now + after), after, form)

    def _bundle(self, made: Made, entry: dict[str, Any], after: timedelta, form: Form) -> bytes:
        if not form.proof:
            del entry["inclusionProof"]
        material = {**_holder(made, form.version), "tlogEntries": [entry]}
        if self.style == 2 or form.stamped:
            stamp = {"signedTimestamp": b64(self.timestamps.response(made.value, self.now + after))}
            material["timestampVerificationData"] = {"rfc3161Timestamps": [stamp]}
        bundle = {"mediaType": _MEDIA_TYPES[form.version], "verificationMaterial": material, **_content(made)}
        return canonical_json(bundle)


def name_of(identity: str) -> x509.GeneralName:
    """Return the name in a certificate: an e-mail address becomes an rfc822Name, all else a URI, as Fulcio does."""
    if "@" in identity and "://" not in identity:
        return x509.RFC822Name(identity)
    return x509.UniformResourceIdentifier(identity)


def _holder(made: Made, version: str) -> dict[str, Any]:
    if not isinstance(made.signer, x509.Certificate):
        return {"publicKey": {"hint": b64(sha256(spki(made.signer)).digest())}}
    certificate = {"rawBytes": b64(der(made.signer))}
    if version == "0.3":
        return {"certificate": certificate}
    return {"x509CertificateChain": {"certificates": [certificate]}}


def _content(made: Made) -> dict[str, Any]:
    if made.envelope is not None:
        return {"dsseEnvelope": made.envelope}
    digest = {"algorithm": "SHA2_256", "digest": b64(made.digest)}
    return {"messageSignature": {"messageDigest": digest, "signature": b64(made.value)}}


def _log_instance(key: AnyPublicKey, details: str, log_id: bytes, valid: Mapping[str, str]) -> dict[str, Any]:
    return {
        "baseUrl": "https://log.private.example",
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": b64(spki(key)), "keyDetails": details, "validFor": valid},
        "logId": {"keyId": b64(log_id)},
    }


def _chain(certificates: Sequence[x509.Certificate], valid: Mapping[str, str]) -> dict[str, Any]:
    return {
        "subject": {"organization": "private.example", "commonName": "private"},
        "uri": "https://private.example",
        "certChain": {"certificates": [{"rawBytes": b64(der(certificate))} for certificate in certificates]},
        "validFor": valid,
    }
