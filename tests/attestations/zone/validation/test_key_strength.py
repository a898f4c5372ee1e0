"""Keys that are too weak are warned of; keys whose private half anybody can compute are errors."""

import random
from functools import cache
from math import gcd, prod

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from attestations import dnskey
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.validation.key_strength import has_roca_mark, strength_findings
from attestations.zone.validation.published import key_set

RSASHA256 = 8
WEAK, BROKEN = ("KEY_WEAK", "warning"), ("KEY_BROKEN", "error")
SMALL = prod(number for number in range(3, 1 << 16, 2) if pow(2, number - 1, number) == 1)
ROCA_MODULUS = int(
    "1db349e1f58f5d41f65aa5b0ffa6ae0cea80de6c170b2b4abf9c358d79494ca59cab008f5ee92759b91d497e2131701047f953935a163e91db546"
    "0c82566f4df0c05bca02a8576f7c4e916b274e2f307b56fc8a20ad452b1b54d3924726a3b2329da882c7b8e102379dfe7a8c6b01d62e7ff0fd58e"
    "1e9822f6e32b5b0486561fb",
    16,
)
"""1025 bits, published as an example with an early detector"""


def record(modulus, exponent=65537, algorithm=RSASHA256, flags=KSK_FLAGS):
    size = (exponent.bit_length() + 7) // 8
    public_key = (
        bytes([size]) + exponent.to_bytes(size, "big") + modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    )
    return dnskey.rdata(flags, 3, algorithm, public_key)


def found(*rdatas, previous=()):
    findings = strength_findings("test.", key_set(rdatas).keys, key_set(previous).keys)
    return [(one.code, one.severity) for one in findings]


@cache
def primes(bits=2048, *, other=False):
    """Return the primes of one key or of another."""
    private = rsa.generate_private_key(65537, bits).private_numbers()
    return (private.q, private.p) if other else (private.p, private.q)


@pytest.fixture(scope="module")
def sound():
    return prod(primes())


def test_a_sound_key_is_sound(sound):
    assert found(record(sound)) == []
    assert found(record(sound), record(prod(primes(other=True))), record(sound, flags=ZSK_FLAGS)) == []


def test_keys_of_elliptic_curves_are_checked_where_they_are_read():
    assert found(*(new_key(KSK_FLAGS, algorithm).rdata for algorithm in (13, 14, 15, 16))) == []
    off_curve = key_set([dnskey.rdata(KSK_FLAGS, 3, 13, bytes(63) + b"\1")]).keys[0]
    assert off_curve.verify is None
    assert found(off_curve.rdata) == []


@pytest.mark.parametrize(("bits", "expected"), [(2048, []), (2047, [WEAK]), (1024, [WEAK])])
def test_less_than_2048_bits_are_weak(bits, expected):
    assert found(record(prod(primes(bits)))) == expected


@pytest.mark.parametrize(("exponent", "expected"), [(65537, []), (65539, []), (65535, [WEAK]), (3, [WEAK])])
def test_small_exponents_are_weak(sound, exponent, expected):
    assert found(record(sound, exponent)) == expected


@pytest.mark.parametrize("algorithm", [5, 7, 8, 10])
def test_every_rsa_algorithm_is_looked_at(sound, algorithm):
    assert found(record(sound, 3, algorithm)) == [WEAK]


def test_a_key_out_of_bounds_is_left_to_those_who_refuse_it():
    assert found(record((1 << 600) + 1)) == []
    assert found(dnskey.rdata(KSK_FLAGS, 3, 8, b"\3\1\0")) == []


def test_a_shared_prime_breaks_both_keys(sound):
    p, q, r = (*primes(2048, other=True), primes(2050)[0])
    assert found(record(p * q), record(sound)) == []
    assert found(record(p * q), record(p * r), record(sound)) == [BROKEN] * 2


def test_a_prime_shared_with_a_key_of_the_version_before_breaks_it(sound):
    other = primes()[0] * primes(other=True)[0]
    assert found(record(sound), previous=[record(sound)]) == []
    assert found(record(sound), previous=[record(prod(primes(other=True)))]) == []
    assert found(record(sound), previous=[record(other)]) == [BROKEN]


@pytest.mark.parametrize(("factor", "expected"), [(3, [BROKEN]), (65521, [BROKEN]), (65537, [])])
def test_a_small_factor_breaks_a_key(sound, factor, expected):
    assert found(record(factor * sound)) == expected


def test_factors_close_to_each_other_break_a_key():
    # CVE-2022-26320. That the second is no prime makes no difference
    first = primes()[0]
    second = next(number for number in range(first + 2, first + 10**5, 2) if gcd(number, SMALL) == 1)
    assert found(record(first * second)) == [BROKEN]


def marked(bits, seed):
    """Return a number as the flawed generator made its primes: k * M + (65537^a mod M), M a product of primes."""
    numbers = random.Random(seed)  # noqa: S311  # the same in every run
    product = prod(number for number in range(2, 702) if all(number % divisor for divisor in range(2, number)))
    high = bits - product.bit_length()
    return (numbers.getrandbits(high) | 1 << high - 1) * product + pow(65537, numbers.randrange(1 << 62), product)


def test_the_mark_of_roca_is_found():
    # CVE-2017-15361
    assert has_roca_mark(ROCA_MODULUS)
    assert has_roca_mark(marked(1024, 1) * marked(1024, 2))
    assert BROKEN in found(record(marked(1024, 1) * marked(1024, 2)))


def test_no_other_modulus_has_it(sound):
    numbers = random.Random(1)  # noqa: S311  # the same in every run
    assert not any(has_roca_mark(numbers.getrandbits(2048) | 1) for _ in range(300))
    assert not has_roca_mark(sound)
    assert not has_roca_mark(marked(1024, 1) * primes()[0])
    assert not has_roca_mark(ROCA_MODULUS + 2)
