"""A complete Sigstore instance in one process, for tests: certificate authority with Fulcio extensions and SCTs,
transparency log in both styles, timestamp authority, trusted root. No network, no clock, a few milliseconds.

With a seed, the same calls give the same bytes: keys, certificates, signatures.
"""

import base64
import hashlib
import secrets
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
PAYLOAD_TYPE = "application/vnd.in-toto+json"
WORKFLOW = "https://github.com/registry/signer/.github/workflows/release.yml@refs/tags/v3.0.1"
GITHUB = "https://token.actions.githubusercontent.com"
BUNDLE_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
ROOT_MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"

FULCIO_NUMBERS = {
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

SHA256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def new_key(seed: str = "", role: str = "") -> ec.EllipticCurvePrivateKey:
    if not seed:
        return ec.generate_private_key(ec.SECP256R1())
    return ec.derive_private_key(int.from_bytes(_secret(seed, role), "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def _secret(seed: str, role: str) -> bytes:
    return hashlib.sha256(f"test key, worth nothing: {seed}: {role}".encode()).digest()


def serial_number(key: ec.EllipticCurvePrivateKey) -> int:
    """Each key here has one certificate, so its digest numbers that."""
    return int.from_bytes(hashlib.sha256(spki(key)).digest()[:16], "big") + 1


def spki(key: Any) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def fulcio(number: int) -> x509.ObjectIdentifier:
    return x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")


def key_usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    never = dict.fromkeys((*unused, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=signs, key_cert_sign=certifies, crl_sign=certifies, **never)


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def name_of(identity: str) -> x509.GeneralName:
    """An e-mail address becomes an rfc822Name, everything else a URI, as Fulcio does."""
    if "@" in identity and "://" not in identity:
        return x509.RFC822Name(identity)
    return x509.UniformResourceIdentifier(identity)


def self_signed(key: ec.EllipticCurvePrivateKey, common_name: str, start: datetime, end: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial_number(key), start, end)
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage(signs=False, certifies=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )


class CertificateAuthority:
    """Issues signing certificates as Fulcio does, each with the SCT of its own CT log."""

    def __init__(self, start: datetime, end: datetime, seed: str) -> None:
        self.key, self.ct_key = new_key(seed, "authority"), new_key(seed, "CT log")
        self.certificate = self_signed(self.key, "private authority", start, end)

    def issue(
        self, key: ec.EllipticCurvePrivateKey, names: list[x509.GeneralName], extensions: dict[int, bytes], on: datetime
    ) -> x509.Certificate:
        """The SCT is over the certificate without it, and then becomes its last extension (RFC 6962, section 3.2)."""
        end = on + timedelta(minutes=10)
        builder = (
            x509.CertificateBuilder(
                self.certificate.subject, x509.Name([]), key.public_key(), serial_number(key), on, end
            )
            .add_extension(key_usage(signs=True, certifies=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        for number, value in extensions.items():
            builder = builder.add_extension(x509.UnrecognizedExtension(fulcio(number), value), critical=False)
        without = builder.sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)
        scts = x509.UnrecognizedExtension(
            x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), self._sct_list(without.tbs_certificate_bytes, on)
        )
        return builder.add_extension(scts, critical=False).sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)

    def _sct_list(self, tbs: bytes, on: datetime) -> bytes:
        moment = int(on.timestamp() * 1000)
        issuer = hashlib.sha256(spki(self.key)).digest()
        signed = struct.pack("!BBQH32s", 0, 0, moment, 1, issuer) + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"
        signature = self.ct_key.sign(signed, SHA256)
        log_id = hashlib.sha256(spki(self.ct_key)).digest()
        sct = struct.pack("!B32sQHBBH", 0, log_id, moment, 0, 4, 3, len(signature)) + signature
        return asn1.encode_der(struct.pack("!HH", len(sct) + 2, len(sct)) + sct)


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def audit_path(leaves: list[bytes], index: int) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*audit_path(leaves[:split], index), tree_root(leaves[split:])]
    return [*audit_path(leaves[split:], index - split), tree_root(leaves[:split])]


class Log:
    """What both styles of transparency log share: leaves, checkpoint, inclusion proof."""

    origin = "log.private.example"
    key_details: str

    def __init__(self) -> None:
        self.leaves = [b"an entry of another signer", b"and one more", b"and a third"]
        self.key: Any = None
        self.log_id = b""

    def sign(self, data: bytes) -> bytes:
        raise NotImplementedError

    def append(self, kind: str, version: str, body: dict[str, Any]) -> dict[str, Any]:
        leaf = rfc8785.dumps({"kind": kind, "apiVersion": version, "spec": body})
        self.leaves.append(leaf)
        return {
            "logIndex": str(len(self.leaves) - 1),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": kind, "version": version},
            "inclusionProof": self._proof(len(self.leaves) - 1),
            "canonicalizedBody": b64(leaf),
        }

    def _proof(self, index: int) -> dict[str, Any]:
        size, root = len(self.leaves), tree_root(self.leaves)
        note = f"{self.origin}\n{size}\n{b64(root)}\n"
        signature = b64(self.log_id[:4] + self.sign(note.encode()))
        return {
            "logIndex": str(index),
            "rootHash": b64(root),
            "treeSize": str(size),
            "hashes": [b64(step) for step in audit_path(self.leaves, index)],
            "checkpoint": {"envelope": f"{note}\n\N{EM DASH} {self.origin} {signature}\n"},
        }


class LogOfFirstStyle(Log):
    """Rekor v1: the log itself says when it took an entry in (signed entry timestamp)."""

    key_details = "PKIX_ECDSA_P256_SHA_256"

    def __init__(self, seed: str) -> None:
        super().__init__()
        self.key = new_key(seed, "transparency log")
        self.log_id = hashlib.sha256(spki(self.key)).digest()

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, SHA256)

    def record(self, envelope: dict[str, Any], certificate: x509.Certificate) -> dict[str, Any]:
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        payload = base64.b64decode(envelope["payload"])
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(rfc8785.dumps(envelope)).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": entry["sig"], "verifier": b64(pem)} for entry in envelope["signatures"]],
        }
        return self.append("dsse", "0.0.1", spec)

    def promise(self, entry: dict[str, Any], on: datetime) -> dict[str, Any]:
        moment = int(on.timestamp())
        promised = {
            "body": entry["canonicalizedBody"],
            "integratedTime": moment,
            "logID": self.log_id.hex(),
            "logIndex": int(entry["logIndex"]),
        }
        signature = b64(self.sign(rfc8785.dumps(promised)))
        return entry | {"integratedTime": str(moment), "inclusionPromise": {"signedEntryTimestamp": signature}}


class LogOfSecondStyle(Log):
    """Rekor v2: an envelope is logged as its digest and signature; the time comes from elsewhere."""

    key_details = "PKIX_ED25519"

    def __init__(self, seed: str) -> None:
        super().__init__()
        secret = _secret(seed, "transparency log") if seed else secrets.token_bytes(32)
        self.key = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
        raw = self.key.public_key().public_bytes_raw()
        self.log_id = hashlib.sha256(self.origin.encode() + b"\n\1" + raw).digest()

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)

    def record(self, envelope: dict[str, Any], certificate: x509.Certificate) -> dict[str, Any]:
        signed = pre_authentication_encoding(envelope["payloadType"], base64.b64decode(envelope["payload"]))
        verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(der(certificate))}}
        spec = {
            "data": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(signed).digest())},
            "signature": {"content": envelope["signatures"][0]["sig"], "verifier": verifier},
        }
        return self.append("hashedrekord", "0.0.2", {"hashedRekordV002": spec})


class TimestampAuthority:
    """Answers as RFC 3161 wants it: a token over the digest of a signature, by a certificate for nothing else."""

    def __init__(self, start: datetime, end: datetime, seed: str) -> None:
        root_key, self.key = new_key(seed, "timestamp root"), new_key(seed, "timestamp authority")
        root = self_signed(root_key, "private timestamp root", start, end)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "private timestamp authority")])
        leaf = (
            x509.CertificateBuilder(root.subject, name, self.key.public_key(), serial_number(self.key), start, end)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(key_usage(signs=True, certifies=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256(), ecdsa_deterministic=True)
        )
        self.chain = (leaf, root)

    def response(self, signature: bytes, on: datetime) -> bytes:
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        imprint = {"hash_algorithm": digest, "hashed_message": hashlib.sha256(signature).digest()}
        info = tsp.TSTInfo(
            {"version": "v1", "policy": "1.2.3.4", "message_imprint": imprint, "serial_number": 1, "gen_time": on}
        ).dump()
        leaf = asn1_x509.Certificate.load(der(self.chain[0]))
        signer = self._signer(leaf, info, on)
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
                "certificates": [cms.CertificateChoices(name="certificate", value=leaf)],
                "signer_infos": [signer],
            }
        )
        token = {"content_type": "signed_data", "content": signed}
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()

    def _signer(self, leaf: asn1_x509.Certificate, info: bytes, on: datetime) -> dict[str, Any]:
        own = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(leaf.dump()).digest()}]})
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "signing_time", "values": [cms.Time(name="utc_time", value=on)]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [own]}),
            ]
        )
        issuer = {"issuer": leaf.issuer, "serial_number": leaf.serial_number}
        return {
            "version": "v1",
            "sid": cms.SignerIdentifier(name="issuer_and_serial_number", value=issuer),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self.key.sign(attributes.untag().dump(), SHA256),
        }


@dataclass(kw_only=True)
class PrivateSigstore:
    """One instance. `style` 1 is a log that signs times itself, 2 a log beside a timestamp authority."""

    style: int = 1
    now: datetime = NOW
    seed: str = ""
    authority: CertificateAuthority = field(init=False)
    timestamps: TimestampAuthority = field(init=False)
    log: LogOfFirstStyle | LogOfSecondStyle = field(init=False)

    def __post_init__(self) -> None:
        start, end = self.now - timedelta(days=1), self.now + timedelta(days=3650)
        self.authority = CertificateAuthority(start, end, self.seed)
        self.timestamps = TimestampAuthority(start, end, self.seed)
        self.log = LogOfFirstStyle(self.seed) if self.style == 1 else LogOfSecondStyle(self.seed)

    @property
    def trusted_root(self) -> bytes:
        """The trusted root as the gate pins it."""
        valid = {"start": (self.now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        ct_id = hashlib.sha256(spki(self.authority.ct_key)).digest()
        root = {
            "mediaType": ROOT_MEDIA_TYPE,
            "tlogs": [self._log_instance(self.log.key, self.log.key_details, self.log.log_id, valid)],
            "certificateAuthorities": [self._chain((self.authority.certificate,), valid)],
            "ctlogs": [self._log_instance(self.authority.ct_key, "PKIX_ECDSA_P256_SHA_256", ct_id, valid)],
            "timestampAuthorities": [self._chain(self.timestamps.chain, valid)],
        }
        return rfc8785.dumps(root)

    def issue(
        self,
        key: ec.EllipticCurvePrivateKey,
        names: list[x509.GeneralName],
        issuer: str | None,
        claims: dict[str, str],
    ) -> x509.Certificate:
        """Numbers below 8 are raw bytes, 8 and above DER UTF8String."""
        extensions = {} if issuer is None else {1: issuer.encode(), 8: asn1.encode_der(issuer)}
        extensions |= {FULCIO_NUMBERS[name]: asn1.encode_der(value) for name, value in claims.items()}
        return self.authority.issue(key, names, extensions, self.now)

    def sign_statement(self, payload: bytes, identity: str = WORKFLOW, issuer: str = GITHUB, **claims: str) -> bytes:
        """A bundle around `payload`, signed and logged a minute after its certificate was issued."""
        key = new_key(self.seed, f"{issuer} {identity} {len(self.log.leaves)}")
        return self.seal(payload, key, self.issue(key, [name_of(identity)], issuer, claims))

    def seal(
        self,
        payload: bytes,
        key: ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        payload_type: str = PAYLOAD_TYPE,
        after: timedelta = timedelta(minutes=1),
    ) -> bytes:
        """A bundle around `payload`, logged (or stamped) at `now` plus `after`."""
        signature = key.sign(pre_authentication_encoding(payload_type, payload), SHA256)
        envelope = {"payload": b64(payload), "payloadType": payload_type, "signatures": [{"sig": b64(signature)}]}
        entry = self.log.record(envelope, certificate)
        if isinstance(self.log, LogOfFirstStyle):
            entry = self.log.promise(entry, self.now + after)
        material: dict[str, Any] = {"certificate": {"rawBytes": b64(der(certificate))}, "tlogEntries": [entry]}
        if isinstance(self.log, LogOfSecondStyle):
            stamp = {"signedTimestamp": b64(self.timestamps.response(signature, self.now + after))}
            material["timestampVerificationData"] = {"rfc3161Timestamps": [stamp]}
        bundle = {"mediaType": BUNDLE_MEDIA_TYPE, "verificationMaterial": material, "dsseEnvelope": envelope}
        return rfc8785.dumps(bundle)

    @staticmethod
    def _log_instance(key: Any, details: str, log_id: bytes, valid: dict[str, str]) -> dict[str, Any]:
        public = {"rawBytes": b64(spki(key)), "keyDetails": details, "validFor": valid}
        return {
            "baseUrl": "https://log.private.example",
            "hashAlgorithm": "SHA2_256",
            "publicKey": public,
            "logId": {"keyId": b64(log_id)},
        }

    @staticmethod
    def _chain(certificates: tuple[x509.Certificate, ...], valid: dict[str, str]) -> dict[str, Any]:
        return {
            "subject": {"organization": "private.example", "commonName": "private"},
            "uri": "https://private.example",
            "certChain": {"certificates": [{"rawBytes": b64(der(certificate))} for certificate in certificates]},
            "validFor": valid,
        }
