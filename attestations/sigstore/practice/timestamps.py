"""A timestamp authority (RFC 3161): its answer is CMS SignedData (RFC 5652), written here as DER."""

from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from attestations.sigstore.practice.authority import key_usage, named, self_signed, unsigned
from attestations.sigstore.practice.encoding import SHA256, der, new_key

_OCTET_STRING, _SEQUENCE, _SET, _CONTEXT_0 = 0x04, 0x30, 0x31, 0xA0


class TimestampAuthority:
    """Answers with a token over the digest of a signature, by a certificate for nothing else."""

    def __init__(self, start: datetime, end: datetime, seed: str) -> None:
        root_key, self.key = new_key(seed, "timestamp root"), new_key(seed, "timestamp authority")
        root = self_signed(root_key, "private timestamp root", start, end)
        public = self.key.public_key()
        leaf = (
            unsigned(root.subject, named("private timestamp authority"), public, (start, end))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(key_usage(signs=True, certifies=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256(), ecdsa_deterministic=True)
        )
        self.chain = (leaf, root)

    def response(self, signature: bytes, on: datetime) -> bytes:
        """Return a TimeStampResp that says: this signature existed `on` that second."""
        return self.answer(sha256(signature).digest(), on)

    def answer(self, imprint: bytes, on: datetime, nonce: int | None = None) -> bytes:
        """Return the answer to a request for an `imprint`, a SHA-256, with its nonce (RFC 3161, section 2.4.2)."""
        digest = _sequence(_oid("2.16.840.1.101.3.4.2.1"))
        asked = _sequence(digest, asn1.encode_der(imprint))
        moment = asn1.encode_der(asn1.GeneralizedTime(on))
        echo = b"" if nonce is None else _number(nonce)
        info = _sequence(_number(1), _oid("1.2.3.4"), asked, _number(1), moment, echo)
        content = _sequence(_oid("1.2.840.113549.1.9.16.1.4"), _tlv(_CONTEXT_0, _tlv(_OCTET_STRING, info)))
        certificates = _tlv(_CONTEXT_0, der(self.chain[0]))
        signer = _tlv(_SET, self._signer(digest, info, on))
        signed = _sequence(_number(3), _tlv(_SET, digest), content, certificates, signer)
        token = _sequence(_oid("1.2.840.113549.1.7.2"), _tlv(_CONTEXT_0, signed))
        return _sequence(_sequence(_number(0)), token)

    def _signer(self, digest: bytes, info: bytes, on: datetime) -> bytes:
        """SignerInfo (RFC 5652, section 5.3), its attributes in DER order: they are signed as a SET."""
        leaf = self.chain[0]
        own = _sequence(_sequence(_sequence(asn1.encode_der(sha256(der(leaf)).digest()))))
        attributes = sorted(
            (
                _attribute("1.2.840.113549.1.9.3", _oid("1.2.840.113549.1.9.16.1.4")),
                _attribute("1.2.840.113549.1.9.5", asn1.encode_der(asn1.UTCTime(on))),
                _attribute("1.2.840.113549.1.9.4", asn1.encode_der(sha256(info).digest())),
                _attribute("1.2.840.113549.1.9.16.2.47", own),
            )
        )
        signature = self.key.sign(_tlv(_SET, *attributes), SHA256)
        whose = _sequence(leaf.issuer.public_bytes(), _number(leaf.serial_number))
        algorithm = _sequence(_oid("1.2.840.10045.4.3.2"))
        attested = _tlv(_CONTEXT_0, *attributes)
        return _sequence(_number(1), whose, digest, attested, algorithm, asn1.encode_der(signature))


def _attribute(oid: str, value: bytes) -> bytes:
    return _sequence(_oid(oid), _tlv(_SET, value))


def _sequence(*parts: bytes) -> bytes:
    return _tlv(_SEQUENCE, *parts)


def _tlv(tag: int, *parts: bytes) -> bytes:
    """Tag, length, value (X.690, section 8.1)."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _number(value: int) -> bytes:
    return asn1.encode_der(value)


def _oid(dotted: str) -> bytes:
    return asn1.encode_der(x509.ObjectIdentifier(dotted))
