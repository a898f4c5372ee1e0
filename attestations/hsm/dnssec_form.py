"""Software keys in the forms that DNSSEC uses for public keys and signatures (RFC 3110, 6605, 8080)."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from attestations.dnskey import RSASHA256

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes


def rsa_public_form(exponent: int, modulus: int) -> bytes:
    """Return an RSA public key in DNSKEY form (RFC 3110, 2)."""
    exponent_bytes = _octets(exponent)
    short = len(exponent_bytes) < 256
    length = bytes((len(exponent_bytes),)) if short else b"\0" + len(exponent_bytes).to_bytes(2, "big")
    return length + exponent_bytes + _octets(modulus)


def public_form(key: "PublicKeyTypes") -> bytes | None:
    """Return a public key in DNSKEY form, or None for a kind that no algorithm we know uses."""
    match key:
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            return rsa_public_form(numbers.e, numbers.n)
        case ec.EllipticCurvePublicKey():
            size = (key.curve.key_size + 7) // 8
            point = key.public_numbers()
            return point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big")
        case ed25519.Ed25519PublicKey():
            return key.public_bytes_raw()
        case _:
            return None


def sign(key: "PrivateKeyTypes", algorithm: int, data: bytes) -> bytes | None:
    """Return a signature over `data` in DNSSEC form, or None where the key is not one for `algorithm`."""
    match key, algorithm:
        case rsa.RSAPrivateKey(), 8 | 10:
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256() if algorithm == RSASHA256 else hashes.SHA512())
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()), 13:
            return _r_s(key.sign(data, ec.ECDSA(hashes.SHA256())), 32)
        case ec.EllipticCurvePrivateKey(curve=ec.SECP384R1()), 14:
            return _r_s(key.sign(data, ec.ECDSA(hashes.SHA384())), 48)
        case ed25519.Ed25519PrivateKey(), 15:
            return key.sign(data)
        case _:
            return None


def _r_s(signature: bytes, size: int) -> bytes:
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
