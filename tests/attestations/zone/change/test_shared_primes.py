"""A prime that a key has in common with one of the version before breaks it, though each version alone looks sound."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

APEX = "test. 60 IN SOA ns.test. h.test. %d 7200 3600 1209600 60\ntest. 60 IN NS ns.test.\n"


@pytest.fixture(scope="module")
def primes():
    keys = (rsa.generate_private_key(65537, 2048).private_numbers() for _ in range(2))
    return [prime for key in keys for prime in (key.p, key.q)]


def zone(serial, *moduli):
    keys = (base64.b64encode(b"\3\1\0\1" + modulus.to_bytes(256, "big")).decode() for modulus in moduli)
    return (APEX % serial + "".join(f"test. 60 IN DNSKEY 256 3 8 {key}\n" for key in keys)).encode()


def test_a_prime_of_the_version_before_breaks_a_key(compared, primes):
    p, q, r, s = primes
    assert [one.code for one in compared(zone(1, p * q), zone(2, p * q))] == []
    assert [one.code for one in compared(zone(1, p * q), zone(2, r * s))] == []
    assert [one.code for one in compared(zone(1, p * q), zone(2, p * r))] == ["KEY_BROKEN"]


def test_what_is_broken_alone_is_said_by_its_own_validation(compared, primes):
    p, q, r, _ = primes
    assert [one.code for one in compared(zone(1, p * q), zone(2, p * q, p * r))] == []
