"""Verifiers for the keys of a zone: those that the gate shares, and RSA with SHA-1, which only a zone may still have.

RFC 9905 withdraws algorithms 5 and 7 from signing, and still a validator must tell a zone signed with them from a
bogus one. So they are verified here and nowhere else, where cryptography has SHA-1 at all.
"""

from functools import cache

from attestations import dnskey
from attestations.dnskey import Verifier
from attestations.zone.validation.rsa_key import rsa_numbers

RSASHA1, RSASHA1_NSEC3_SHA1 = 5, 7
_SHA1_ALGORITHMS = frozenset({RSASHA1, RSASHA1_NSEC3_SHA1})


def is_judged(algorithm: int) -> bool:
    """Return whether signatures of the algorithm are verified here at all."""
    return algorithm in dnskey.NAMES or (algorithm in _SHA1_ALGORITHMS and _has_sha1())


def verifier_of(algorithm: int, public_key: bytes) -> Verifier:
    """Return the verifier for a public key in DNSKEY form; raise InputError (DNS-ALG) where there is none."""
    if algorithm in _SHA1_ALGORITHMS and _has_sha1():
        return _rsa_sha1(public_key)
    return dnskey.public_key_of(algorithm, public_key)


def _rsa_sha1(public_key: bytes) -> Verifier:
    """RFC 3110; RFC 5155, 2 for the other number. The key must be one that RSASHA256 accepts."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.hashes import SHA1

    dnskey.public_key_of(dnskey.RSASHA256, public_key)  # its bounds are the bounds here
    numbers = rsa_numbers(public_key)
    key = RSAPublicNumbers(numbers.exponent, numbers.modulus).public_key()

    def verify(signature: bytes, data: bytes) -> bool:
        try:
            key.verify(signature, data, PKCS1v15(), SHA1())  # noqa: S303  # the zone chose it; the finding says so
        except InvalidSignature:
            return False
        return True

    return verify


@cache
def _has_sha1() -> bool:
    """Whether this build of the library verifies SHA-1 signatures; some policies of distributions forbid it."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        _rsa_sha1(_ANY_KEY)(bytes(128), b"")
    except UnsupportedAlgorithm:
        return False
    return True


_ANY_KEY = b"\3\1\0\1" + ((1 << 1023) + 1).to_bytes(128, "big")
