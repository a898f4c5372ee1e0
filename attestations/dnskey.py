"""DNSKEY records as bytes: key tag, fingerprint, and verification of signatures in DNSSEC form.

Shared by the producers and by the gate, which recomputes what the producers say (INC-01). Only
algorithms that RFC 9904 lets a validator rely on are known; anything else is refused, never skipped.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from attestations.digest import sha256
from attestations.edwards import is_weak_ed448, is_weak_ed25519
from attestations.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

Verifier = Callable[[bytes, bytes], bool]
"""Takes signature and data; says whether the one is the key's signature over the other."""

RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448 = 8, 10, 13, 14, 15, 16
NAMES = {
    RSASHA256: "RSASHA256",
    RSASHA512: "RSASHA512",
    ECDSAP256SHA256: "ECDSAP256SHA256",
    ECDSAP384SHA384: "ECDSAP384SHA384",
    ED25519: "ED25519",
    ED448: "ED448",
}
"""Algorithm numbers that signatures are verified for, with the mnemonics of the IANA registry."""

_RSA_BITS = range(1024, 4096 + 1)  # RFC 5702, 2: up to 4096; below 1024 nothing is worth verifying
_RSA_EXPONENT_BITS = 35  # the largest exponent that BIND accepts (RSA_MAX_PUBEXP_BITS)


def rdata(flags: int, protocol: int, algorithm: int, public_key: bytes) -> bytes:
    """Return the RDATA of a DNSKEY record (RFC 4034, 2.1)."""
    return flags.to_bytes(2, "big") + bytes((protocol, algorithm)) + public_key


def key_tag(rdata: bytes) -> int:
    """Return the key tag of DNSKEY RDATA (RFC 4034, appendix B): a hint, shared by one key in 65,536."""
    total = (sum(rdata[::2]) << 8) + sum(rdata[1::2])
    return (total + (total >> 16 & 0xFFFF)) & 0xFFFF


def fingerprint(rdata: bytes) -> str:
    """Return the SHA-256 of DNSKEY RDATA: the identity of a key that is published in DNS."""
    return sha256(rdata)


def verifies(algorithm: int, public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether `signature` (DNSSEC form) over `data` was made by the private half of `public_key`.

    Raises InputError (DNS-ALG) where the algorithm is not known or the key is malformed.
    """
    return public_key_of(algorithm, public_key)(signature, data)


@lru_cache(maxsize=256)
def public_key_of(algorithm: int, public_key: bytes) -> Verifier:
    """Return the verifier for a public key in DNSKEY form; raise InputError (DNS-ALG) where there is none."""
    make = _VERIFIERS.get(algorithm)
    if make is None:
        known = ", ".join(map(str, _VERIFIERS))
        raise _refused(f"DNSSEC algorithm {algorithm}", f"one of the algorithms {known}")
    return make(algorithm, public_key)


def _rsa(algorithm: int, public_key: bytes) -> Verifier:
    """RFC 3110, 2 (key) and 3 (signature); RFC 5702 for SHA-2."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    exponent, modulus = _rsa_numbers(public_key)
    verify, padding, hashed = RSAPublicNumbers(exponent, modulus).public_key().verify, PKCS1v15(), _hash_of(algorithm)
    return _checked(lambda signature, data: verify(signature, data, padding, hashed))


def _rsa_numbers(public_key: bytes) -> tuple[int, int]:
    # The three-octet length of RFC 3110 is for exponents of 256 octets and more, which are out of bounds.
    length = public_key[0] if public_key else 0
    exponent_bytes, modulus_bytes = public_key[1 : 1 + length], public_key[1 + length :]
    if length == 0 or not modulus_bytes or exponent_bytes[0] == 0 or modulus_bytes[0] == 0:
        raise _refused("a malformed RSA key", "exponent length, exponent and modulus without leading zeros (RFC 3110)")
    exponent, modulus = int.from_bytes(exponent_bytes, "big"), int.from_bytes(modulus_bytes, "big")
    if modulus.bit_length() not in _RSA_BITS or modulus % 2 == 0:
        raise _refused(f"an RSA modulus of {modulus.bit_length()} bits", "an odd modulus of 1024 to 4096 bits")
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > _RSA_EXPONENT_BITS:
        raise _refused(
            f"an RSA exponent of {exponent.bit_length()} bits", f"an odd exponent of 2 to {_RSA_EXPONENT_BITS} bits"
        )
    return exponent, modulus


def _ecdsa(algorithm: int, public_key: bytes) -> Verifier:
    """RFC 6605, 4: X | Y, and r | s."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    curve = _curve_of(algorithm)
    size = curve.key_size // 8
    try:
        key = EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + public_key)
    except ValueError:
        raise _refused(f"{len(public_key)} octets that are no point of {curve.name}", "the point X | Y") from None
    verify_der, scheme = key.verify, ECDSA(_hash_of(algorithm))

    def verify(signature: bytes, data: bytes) -> None:
        _insist_on_length(signature, 2 * size)
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        verify_der(encode_dss_signature(r, s), data, scheme)

    return _checked(verify)


def _eddsa(algorithm: int, public_key: bytes) -> Verifier:
    """RFC 8080, 3 and 4: keys and signatures as RFC 8032 writes them."""
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    kind = Ed25519PublicKey if algorithm == ED25519 else Ed448PublicKey
    try:
        key = kind.from_public_bytes(public_key)
    except ValueError:
        raise _refused(f"{len(public_key)} octets that are no {NAMES[algorithm]} key", "a key of RFC 8080") from None
    if (is_weak_ed25519 if algorithm == ED25519 else is_weak_ed448)(public_key):
        raise _refused(f"an {NAMES[algorithm]} key that anybody can sign for (of small order)", "a key of RFC 8032")
    return _checked(key.verify)


_VERIFIERS: dict[int, Callable[[int, bytes], Verifier]] = {
    RSASHA256: _rsa,
    RSASHA512: _rsa,
    ECDSAP256SHA256: _ecdsa,
    ECDSAP384SHA384: _ecdsa,
    ED25519: _eddsa,
    ED448: _eddsa,
}


def _checked(verify: Callable[[bytes, bytes], None]) -> Verifier:
    from cryptography.exceptions import InvalidSignature

    def verified(signature: bytes, data: bytes) -> bool:
        try:
            verify(signature, data)
        except InvalidSignature:
            return False
        return True

    return verified


def _insist_on_length(signature: bytes, wanted: int) -> None:
    from cryptography.exceptions import InvalidSignature

    if len(signature) != wanted:
        raise InvalidSignature


def _hash_of(algorithm: int) -> "HashAlgorithm":
    from cryptography.hazmat.primitives import hashes

    if algorithm == RSASHA512:
        return hashes.SHA512()
    return hashes.SHA384() if algorithm == ECDSAP384SHA384 else hashes.SHA256()


def _curve_of(algorithm: int) -> "EllipticCurve":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.SECP256R1() if algorithm == ECDSAP256SHA256 else ec.SECP384R1()


def _refused(found: str, wanted: str) -> InputError:
    return InputError("DNS-ALG", found=found, wanted=wanted, fix="publish and use a key that every validator verifies")
