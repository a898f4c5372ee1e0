"""Certificates: an authority that issues as Fulcio does, and what every authority here is made of."""

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from attestations.sigstore.practice.encoding import SHA256, new_key, spki

LIFETIME = timedelta(minutes=10)
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_UNUSED = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")


class CertificateAuthority:
    """Issues signing certificates as Fulcio does, each with the SCT of its own CT log."""

    def __init__(self, start: datetime, end: datetime, seed: str) -> None:
        self.key, self.ct_key = new_key(seed, "authority"), new_key(seed, "CT log")
        self.certificate = self_signed(self.key, "private authority", start, end)

    def issue(
        self,
        key: ec.EllipticCurvePublicKey,
        names: Sequence[x509.GeneralName],
        extensions: Mapping[int, bytes],
        on: datetime,
    ) -> x509.Certificate:
        """Return a certificate for `key`: Fulcio `extensions` by their numbers, valid ten minutes from `on`."""
        builder = (
            unsigned(self.certificate.subject, x509.Name([]), key, (on, on + LIFETIME))
            .add_extension(key_usage(signs=True, certifies=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        for number, value in extensions.items():
            oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
        # The SCT is over the certificate without it, and then becomes its last extension (RFC 6962, section 3.2).
        without = builder.sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)
        scts = x509.UnrecognizedExtension(_SCT_LIST, self._sct_list(without.tbs_certificate_bytes, on))
        return builder.add_extension(scts, critical=False).sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)

    def _sct_list(self, tbs: bytes, on: datetime) -> bytes:
        moment = int(on.timestamp() * 1000)
        issuer = sha256(spki(self.key.public_key())).digest()
        signed = struct.pack("!BBQH32s", 0, 0, moment, 1, issuer) + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"
        signature = self.ct_key.sign(signed, SHA256)
        log_id = sha256(spki(self.ct_key.public_key())).digest()
        sct = struct.pack("!B32sQHBBH", 0, log_id, moment, 0, 4, 3, len(signature)) + signature
        return asn1.encode_der(struct.pack("!HH", len(sct) + 2, len(sct)) + sct)


def self_signed(key: ec.EllipticCurvePrivateKey, common_name: str, start: datetime, end: datetime) -> x509.Certificate:
    """Return the certificate of an authority."""
    name = named(common_name)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        unsigned(name, name, key.public_key(), (start, end))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage(signs=False, certifies=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )


def unsigned(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, valid: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    """Return the beginning of a certificate. Each key here has one, so the key's digest numbers it."""
    number = int.from_bytes(sha256(spki(key)).digest()[:16], "big") + 1
    return x509.CertificateBuilder(issuer, subject, key, number, *valid)


def named(common_name: str) -> x509.Name:
    """Return a distinguished name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key_usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    """Return the extension that says what a key is for."""
    never = dict.fromkeys((*_UNUSED, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=signs, key_cert_sign=certifies, crl_sign=certifies, **never)
