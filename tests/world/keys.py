"""Test keys from fixed seeds, so that case folders can be made again byte for byte."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from attestations.keys import PublicKey, read_public_key

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class TestSigner:
    """An Ed25519 signer made from a name."""

    __test__ = False
    private: ed25519.Ed25519PrivateKey
    public: PublicKey

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)

    @property
    def private_pem(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@cache
def signer(name: str) -> TestSigner:
    """Return the signer called `name`, always with the same key."""
    private = ed25519.Ed25519PrivateKey.from_private_bytes(_seed(name))
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return TestSigner(private=private, public=read_public_key(pem, name))


@cache
def zone_key(name: str) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 zone key called `name`, always the same."""
    return ec.derive_private_key(int.from_bytes(_seed(name), "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def dnskey_form(name: str) -> bytes:
    """Return the public half of a zone key as DNSKEY has it: X | Y (RFC 6605, 4)."""
    numbers = zone_key(name).public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def zone_sign(name: str, data: bytes) -> bytes:
    """Return an ECDSA signature in DNSSEC form r | s, deterministic (RFC 6979)."""
    der = zone_key(name).sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def base64_text(data: bytes) -> str:
    """Return standard base64 as text."""
    return base64.b64encode(data).decode("ascii")


def digest(name: str) -> str:
    """Return a stable SHA-256 that stands for the file called `name`."""
    return hashlib.sha256(f"file {name}".encode()).hexdigest()


def _seed(name: str) -> bytes:
    return hashlib.sha256(f"signer-gatekeeper test key, worth nothing: {name}".encode()).digest()
