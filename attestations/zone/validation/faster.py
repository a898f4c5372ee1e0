"""Libraries that verify faster than OpenSSL, where they are installed (extra `fast`): AWS-LC and libsodium.

They confirm, and never refuse: what one of them does not accept, OpenSSL judges. None is asked about a key before it
has accepted a signature of that key which OpenSSL found good, and has refused two that differ from it in one bit.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from attestations.dnskey import ECDSAP256SHA256, ECDSAP384SHA384, ED25519, RSASHA256, Verifier
from attestations.zone.validation.rsa_key import rsa_numbers


@dataclass(frozen=True, kw_only=True)
class Faster:
    """A library for one key."""

    name: str
    """with its version"""
    verify: Verifier


def faster_for(algorithm: int, public_key: bytes, signature: bytes, data: bytes) -> Faster | None:
    """Return the faster library for a key in DNSKEY form, tried on a signature that is good beyond doubt.

    None: none is installed for the algorithm, it does not take the key, or it does not tell the good signature from
    damaged ones.
    """
    make = _MAKERS.get(algorithm)
    try:
        found = make(algorithm, public_key) if make is not None else None
    except (ImportError, RuntimeError):  # the second is what awscrt raises for a key that AWS-LC does not take
        return None
    return found if found is not None and _tells_apart(found.verify, signature, data) else None


def _tells_apart(verify: Verifier, signature: bytes, data: bytes) -> bool:
    damaged = signature[:-1] + bytes([signature[-1] ^ 1])
    other = data[:-1] + bytes([data[-1] ^ 1])
    return verify(signature, data) and not verify(damaged, data) and not verify(signature, other)


def _ecdsa(algorithm: int, public_key: bytes) -> Faster:
    """RFC 6605, 4: X | Y, and r | s."""
    from awscrt.crypto import EC
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    is_p256 = algorithm == ECDSAP256SHA256
    curve, size, hashed = (SECP256R1(), 32, hashlib.sha256) if is_p256 else (SECP384R1(), 48, hashlib.sha384)
    point = EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + public_key)
    confirm = EC.new_key_from_der_data(point.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).verify

    def verify(signature: bytes, data: bytes) -> bool:
        if len(signature) != 2 * size:
            return False
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        return confirm(hashed(data).digest(), encode_dss_signature(r, s)) is True

    return Faster(name=_aws_lc(), verify=verify)


def _rsa(_algorithm: int, public_key: bytes) -> Faster:
    """RFC 3110, 2; RFC 5702 for SHA-256."""
    from awscrt.crypto import RSA, RSASignatureAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    numbers = rsa_numbers(public_key)
    key = RSAPublicNumbers(numbers.exponent, numbers.modulus).public_key()
    confirm = RSA.new_public_key_from_der_data(key.public_bytes(Encoding.DER, PublicFormat.PKCS1)).verify
    scheme, sha256 = RSASignatureAlgorithm.PKCS1_5_SHA256, hashlib.sha256
    return Faster(
        name=_aws_lc(), verify=lambda signature, data: confirm(scheme, sha256(data).digest(), signature) is True
    )


def _ed25519(_algorithm: int, public_key: bytes) -> Faster:
    """RFC 8080, 4: the signature of RFC 8032, which libsodium wants in front of the data."""
    from nacl import __version__ as version
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError

    def verify(signature: bytes, data: bytes) -> bool:
        try:
            return crypto_sign_open(signature + data, public_key) == data  # else the signature ends elsewhere
        except BadSignatureError:
            return False

    return Faster(name=f"libsodium (PyNaCl {version})", verify=verify)


_MAKERS: dict[int, Callable[[int, bytes], Faster]] = {
    ECDSAP256SHA256: _ecdsa,
    ECDSAP384SHA384: _ecdsa,
    RSASHA256: _rsa,
    ED25519: _ed25519,
}


def _aws_lc() -> str:
    from awscrt import __version__ as version

    return f"AWS-LC (awscrt {version})"
