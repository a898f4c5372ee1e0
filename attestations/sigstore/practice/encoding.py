"""Keys, and how they and everything else are written."""

import base64
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SHA256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

AnyPublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


def new_key(seed: str = "", role: str = "") -> ec.EllipticCurvePrivateKey:
    """Return a key on P-256: a fresh one, or the one that belongs to `seed` and `role`."""
    if not seed:
        return ec.generate_private_key(ec.SECP256R1())
    return ec.derive_private_key(int.from_bytes(secret(seed, role), "big") % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def secret(seed: str, role: str) -> bytes:
    """Return 32 bytes that anybody can compute."""
    return sha256(f"test key, worth nothing: {seed}: {role}".encode()).digest()


def spki(key: AnyPublicKey) -> bytes:
    """Return a public key as DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem(signer: x509.Certificate | AnyPublicKey) -> bytes:
    """Return a certificate or public key as PEM."""
    if isinstance(signer, x509.Certificate):
        return signer.public_bytes(Encoding.PEM)
    return signer.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate as DER."""
    return certificate.public_bytes(Encoding.DER)


def b64(data: bytes) -> str:
    """Return padded standard base64."""
    return base64.b64encode(data).decode("ascii")
