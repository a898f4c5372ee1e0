"""The modulus behind RSA signatures whose key nobody published."""

import builtins
import hashlib
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from attestations import dnskey
from attestations.errors import InputError
from attestations.zone.forensics import rsa as forensics
from attestations.zone.forensics.rsa import Search, Signed, exponent_of, made_by, public_key_of

HASHES = {5: hashes.SHA1(), 7: hashes.SHA1(), 8: hashes.SHA256(), 10: hashes.SHA512()}  # noqa: S303
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
ENOUGH = Search(cpu_seconds=60)


class Pair:
    """A key pair; exponent 3 keeps the numbers of the search small."""

    def __init__(self, algorithm, bits=2048, exponent=3):
        self.algorithm = algorithm
        self.private = rsa.generate_private_key(exponent, bits)
        numbers = self.private.public_key().public_numbers()
        length = (exponent.bit_length() + 7) // 8
        self.public = bytes((length,)) + exponent.to_bytes(length, "big") + numbers.n.to_bytes(bits // 8, "big")

    def sign(self, data):
        signature = self.private.sign(data, padding.PKCS1v15(), HASHES[self.algorithm])
        return Signed(signature=signature, data=data)


@pytest.fixture(scope="module")
def pair():
    return Pair(8)


@cache
def private_with_17():
    """Return modulus and private exponent of a key with an exponent that the library makes none of."""
    while True:
        numbers = rsa.generate_private_key(3, 1024).private_numbers()
        order = (numbers.p - 1) * (numbers.q - 1)
        if order % 17:
            return numbers.p * numbers.q, pow(17, -1, order)


def signed_with_17(data):
    modulus, exponent = private_with_17()
    padded = b"\x01" + b"\xff" * 74 + b"\x00" + SHA256_INFO + hashlib.sha256(data).digest()
    return Signed(signature=pow(int.from_bytes(padded), exponent, modulus).to_bytes(128), data=data)


@pytest.mark.parametrize("algorithm", HASHES)
def test_two_signatures_of_one_key_give_the_key(algorithm):
    pair = Pair(algorithm)
    signed = [pair.sign(b"one"), pair.sign(b"two")]
    found = public_key_of(algorithm, signed, (), ENOUGH)
    assert found == pair.public
    assert exponent_of(found) == 3
    assert all(made_by(algorithm, found, one) for one in signed)


def test_the_key_that_is_found_verifies_with_the_usual_library(pair):
    found = public_key_of(8, [pair.sign(b"one"), pair.sign(b"two")], (), ENOUGH)
    third = pair.sign(b"three")
    assert dnskey.verifies(8, found, third.signature, third.data)


def test_among_three_keys_in_turn_and_a_damaged_signature_a_key_is_found():
    pairs = [Pair(8), Pair(8), Pair(8)]
    signed = [Signed(signature=b"\x55" * 256, data=b"damaged")]
    signed += [pairs[number % 3].sign(b"%d" % number) for number in range(6)]
    assert public_key_of(8, signed, (), ENOUGH) == pairs[0].public


def test_signatures_of_different_keys_give_none(pair, monkeypatch):
    monkeypatch.setattr(forensics, "MAX_EXPONENT", 3)  # 65537 takes half a minute
    assert public_key_of(8, [pair.sign(b"one"), Pair(8).sign(b"two")], (), ENOUGH) is None


@pytest.mark.parametrize("count", [0, 1])
def test_one_signature_gives_none(pair, count):
    assert public_key_of(8, [pair.sign(b"one")] * count, (), ENOUGH) is None


@pytest.mark.parametrize(("bound", "is_found"), [(17, True), (16, False)])
def test_the_exponent_of_a_published_key_is_tried_up_to_the_bound(monkeypatch, bound, is_found):
    monkeypatch.setattr(forensics, "MAX_EXPONENT", bound)
    signed = [signed_with_17(b"one"), signed_with_17(b"two")]
    assert (public_key_of(8, signed, (17,), ENOUGH) is not None) == is_found


def test_no_round_is_begun_when_the_time_is_over(pair):
    told = []
    search = Search(cpu_seconds=0, progress=lambda done, most: told.append((done, most)))
    assert public_key_of(8, [pair.sign(b"one"), pair.sign(b"two")], (), search) is None
    assert told == []


def test_progress_is_told(pair):
    told = []
    search = Search(cpu_seconds=60, progress=lambda done, most: told.append((done, most)))
    assert public_key_of(8, [pair.sign(b"one"), pair.sign(b"two")], (), search)
    assert told == [(0, 2)]


def test_made_by_tells_another_key_and_other_data_apart(pair):
    signed = pair.sign(b"one")
    assert made_by(8, pair.public, signed)
    assert not made_by(8, Pair(8).public, signed)
    assert not made_by(8, pair.public, Signed(signature=signed.signature, data=b"two"))
    assert not made_by(8, pair.public, Signed(signature=b"\x00" + signed.signature, data=b"one"))
    assert not made_by(8, b"", signed)


def test_without_gmpy2_the_error_says_how_to_get_it(monkeypatch, pair):
    real = builtins.__import__

    def no_gmpy2(name, *rest):
        if name == "gmpy2":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_gmpy2)
    with pytest.raises(InputError, match="gmpy2") as refused:
        public_key_of(8, [pair.sign(b"one"), pair.sign(b"two")], (), ENOUGH)
    assert "signer-gatekeeper[validator]" in refused.value.fix
