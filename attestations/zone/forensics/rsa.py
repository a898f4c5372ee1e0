"""The modulus behind RSA signatures whose key nobody published: PKCS#1 v1.5 padding is deterministic.

For signatures s1 and s2 of one key over padded digests m1 and m2, n divides both s1^e - m1 and s2^e - m2. With
e = 65537 and 2048 bits these are numbers of 134 million bits: one greatest common divisor takes half a minute, against
three seconds for a multiplication. So one signature is compared with the product of several others, which finds n if
any of them is by the same key. Only on request, and bounded.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from attestations.errors import InputError

MAX_EXPONENT = 65537
"""s^e has e times the bits of s"""
MAX_ROUNDS = 6
"""greatest common divisors for one key and exponent"""
_OTHERS = 4
"""signatures that one is compared with at a time: of three keys in turn, one round in five finds none"""
_OCTETS = range(125, 512 + 1)  # below, a modulus is found by factoring; above, none is allowed (RFC 5702, 2)
_SMALL_FACTORS = range(2, 10_000)

_DIGEST_INFO: Mapping[int, tuple[str, bytes]] = MappingProxyType(
    {  # RFC 8017, 9.2, note 1
        5: ("sha1", bytes.fromhex("3021300906052b0e03021a05000414")),
        7: ("sha1", bytes.fromhex("3021300906052b0e03021a05000414")),
        8: ("sha256", bytes.fromhex("3031300d060960864801650304020105000420")),
        10: ("sha512", bytes.fromhex("3051300d060960864801650304020305000440")),
    }
)
ALGORITHMS = frozenset(_DIGEST_INFO)

Progress = Callable[[int, int], None]
"""Is told how many rounds are done, and of how many at most."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How long to look for the RSA keys of an algorithm."""

    cpu_seconds: float
    """no round is begun after it; a round takes up to a minute with keys of 2048 bits, and cannot be broken off"""
    progress: Progress = lambda _done, _most: None


@dataclass(frozen=True, kw_only=True)
class Signed:
    """One signature and the data that it was made over."""

    signature: bytes
    data: bytes


def made_by(algorithm: int, public_key: bytes, signed: Signed) -> bool:
    """Return whether a key in DNSKEY form (RFC 3110, 2; exponent below 2^2040) made a signature."""
    exponent, modulus = _numbers(public_key)
    return modulus > 0 and _is_by(algorithm, exponent, modulus, signed)


def exponent_of(public_key: bytes) -> int:
    """Return the public exponent of a key in DNSKEY form (RFC 3110, 2)."""
    return _numbers(public_key)[0]


def public_key_of(
    algorithm: int, signatures: Sequence[Signed], exponents: Iterable[int], search: Search
) -> bytes | None:
    """Return a key, in DNSKEY form, that made at least two of the signatures; None if none is found in time.

    `exponents` are those of published keys; 3 and 65537 are tried in any case. The signatures must be of distinct data.
    Raises InputError (USAGE) without gmpy2.
    """
    _insist_on_gmpy2()
    usable = [one for one in signatures if len(one.signature) in _OCTETS]
    tried = sorted({3, MAX_EXPONENT, *(one for one in exponents if 3 <= one <= MAX_EXPONENT)})
    rounds = list(product(tried, range(min(MAX_ROUNDS, len(usable) - 1))))
    end = time.process_time() + search.cpu_seconds
    for done, (exponent, start) in enumerate(rounds):
        if time.process_time() >= end:
            break
        search.progress(done, len(rounds))
        compared = usable[start : start + 1 + _OTHERS]
        modulus = _shared_modulus(algorithm, exponent, compared)
        if sum(_is_by(algorithm, exponent, modulus, one) for one in compared) > 1:
            return _public_key(exponent, modulus)
    return None


def _shared_modulus(algorithm: int, exponent: int, compared: Sequence[Signed]) -> int:
    """Return the modulus of the first signature if another is by the same key, else a number of no meaning."""
    import gmpy2  # type: ignore[import-untyped]  # it brings no types

    first, *others = (
        gmpy2.mpz(int.from_bytes(one.signature, "big")) ** exponent - _padded(algorithm, one) for one in compared
    )
    rest = gmpy2.mpz(1)
    for other in others:
        rest = rest * other % first
    common = gmpy2.gcd(first, rest)
    for factor in _SMALL_FACTORS:  # any two numbers have some in common
        while common > factor and common % factor == 0:
            common //= factor
    return int(common)


def _is_by(algorithm: int, exponent: int, modulus: int, signed: Signed) -> bool:
    # A common divisor that is no modulus of this size has up to 134 million bits: no power is tried with it.
    if len(signed.signature) != (modulus.bit_length() + 7) // 8:
        return False
    value = int.from_bytes(signed.signature, "big")
    return value < modulus and pow(value, exponent, modulus) == _padded(algorithm, signed)


def _padded(algorithm: int, signed: Signed) -> int:
    """EMSA-PKCS1-v1_5 (RFC 8017, 9.2) for a modulus as long as the signature."""
    name, prefix = _DIGEST_INFO[algorithm]
    digest = prefix + hashlib.new(name, signed.data, usedforsecurity=False).digest()
    filled = (b"\x00" + digest).rjust(len(signed.signature) - 2, b"\xff")
    return int.from_bytes(b"\x01" + filled, "big")


def _numbers(public_key: bytes) -> tuple[int, int]:
    length = public_key[0] if public_key else 0
    return int.from_bytes(public_key[1 : 1 + length], "big"), int.from_bytes(public_key[1 + length :], "big")


def _public_key(exponent: int, modulus: int) -> bytes:
    exponent_octets = exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")
    return bytes((len(exponent_octets),)) + exponent_octets + modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")


def _insist_on_gmpy2() -> None:
    try:
        import gmpy2  # noqa: F401  # asked for here, so that its absence is told before any work
    except ImportError:
        raise InputError(
            "USAGE",
            found="no gmpy2, without which the numbers of this search cannot be handled",
            wanted="the extra `validator`",
            fix="pip install 'signer-gatekeeper[validator]'",
        ) from None
