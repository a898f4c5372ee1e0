"""Public keys by what they are: the SHA-256 of their SubjectPublicKeyInfo. Names and key ids identify nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from attestations.digest import sha256
from attestations.edwards import WEAK_ED25519, is_weak_ed25519
from attestations.errors import InputError, Location

MAX_PEM_BYTES = 16 * 1024
MIN_RSA_BITS = 2048


class Verifier(Protocol):
    """Something that tells whether one key made a signature."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key's SubjectPublicKeyInfo, lower-case hexadecimal."""
        ...

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Return whether this key made `signature` over `data`."""
        ...


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """One public key. Its type fixes the one signature scheme; a message cannot choose another (threat A7)."""

    fingerprint: str
    scheme: str
    pem: str = field(repr=False, compare=False)
    _check: Callable[[bytes, bytes], None] = field(repr=False, compare=False)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Return whether this key made `signature` over `data`."""
        try:
            self._check(signature, data)
        except InvalidSignature:
            return False
        return True


def read_public_key(pem: bytes, name: str) -> PublicKey:
    """Return the key in a PEM SubjectPublicKeyInfo; raise InputError (KEY) for anything else or weaker."""
    if len(pem) > MAX_PEM_BYTES or pem.count(b"-----BEGIN ") != 1 or b"-----BEGIN PUBLIC KEY-----" not in pem:
        raise _unusable(name, "something that is not one PEM public key")
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):  # the latter for a kind of key that the library has not heard of
        raise _unusable(name, "PEM that holds no readable public key") from None
    scheme, check = _scheme(key, name)
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(fingerprint=sha256(spki), scheme=scheme, pem=text.decode("ascii"), _check=check)


def _scheme(key: object, name: str) -> tuple[str, Callable[[bytes, bytes], None]]:
    match key:
        case ed25519.Ed25519PublicKey():
            if is_weak_ed25519(key.public_bytes_raw()):
                raise _unusable(name, WEAK_ED25519)
            return "ed25519", key.verify
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            return "ecdsa-p256-sha256", lambda sig, data: key.verify(sig, data, ec.ECDSA(hashes.SHA256()))
        case ec.EllipticCurvePublicKey(curve=ec.SECP384R1()):
            return "ecdsa-p384-sha384", lambda sig, data: key.verify(sig, data, ec.ECDSA(hashes.SHA384()))
        case rsa.RSAPublicKey(key_size=size) if size >= MIN_RSA_BITS:
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.AUTO)
            return "rsa-pss-sha256", lambda sig, data: key.verify(sig, data, pss, hashes.SHA256())
        case _:
            raise _unusable(name, f"a key of an unsupported kind or size ({type(key).__name__})")


def _unusable(name: str, found: str) -> InputError:
    return InputError(
        "KEY",
        found=found,
        wanted=f"a PEM public key: Ed25519, ECDSA P-256 or P-384, or RSA of {MIN_RSA_BITS} bits and more",
        fix="write it with:  openssl pkey -in KEY -pubout",
        where=Location(file=name),
    )
