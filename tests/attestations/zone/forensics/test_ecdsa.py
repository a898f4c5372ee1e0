"""Which public keys an ECDSA signature can have been made with."""

from collections import Counter

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from attestations import dnskey
from attestations.zone.forensics import ecdsa

CURVES = {13: (ec.SECP256R1(), hashes.SHA256()), 14: (ec.SECP384R1(), hashes.SHA384())}
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Pair:
    """A key pair in DNSSEC form."""

    def __init__(self, algorithm):
        self.curve, self.hash = CURVES[algorithm]
        self.size = self.curve.key_size // 8
        self.private = ec.generate_private_key(self.curve)
        point = self.private.public_key().public_numbers()
        self.public = point.x.to_bytes(self.size, "big") + point.y.to_bytes(self.size, "big")

    def sign(self, data):
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(self.hash)))
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")


@pytest.mark.parametrize("algorithm", CURVES)
def test_the_key_that_signed_is_one_of_two_and_both_verify(algorithm):
    pair = Pair(algorithm)
    for number in range(8):
        data = b"data %d" % number
        signature = pair.sign(data)
        possible = ecdsa.possible_keys(algorithm, signature, data)
        assert len(possible) == 2
        assert pair.public in possible
        assert all(dnskey.verifies(algorithm, key, signature, data) for key in possible)


def test_a_key_that_is_possible_twice_signed_and_no_other_is():
    pairs = [Pair(13) for _ in range(3)]
    signed = [(data := b"data %d" % number, pairs[number % 3].sign(data)) for number in range(12)]
    seen = Counter(key for data, signature in signed for key in ecdsa.possible_keys(13, signature, data))
    assert {key: count for key, count in seen.items() if count > 1} == {pair.public: 4 for pair in pairs}


def test_other_data_give_other_keys():
    pair = Pair(13)
    assert pair.public not in ecdsa.possible_keys(13, pair.sign(b"data"), b"other data")


def test_a_signature_and_its_mirror_image_have_one_identity():
    signature = Pair(13).sign(b"data")
    mirrored = signature[:32] + (ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    assert set(ecdsa.possible_keys(13, signature, b"data")) == set(ecdsa.possible_keys(13, mirrored, b"data"))
    assert ecdsa.identity(13, signature) == ecdsa.identity(13, mirrored)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        bytes(63),
        b"\x01" * 65,
        bytes(32) + b"\x01" * 32,
        b"\x01" * 32 + bytes(32),
        b"\xff" * 64,
        ORDER.to_bytes(32, "big") + b"\x01" * 32,
        (5).to_bytes(32, "big") + ORDER.to_bytes(32, "big"),
    ],
)
def test_octets_that_no_key_signs_with_have_no_possible_key(signature):
    assert ecdsa.possible_keys(13, signature, b"data") == ()


def test_an_r_that_is_on_no_point_has_no_possible_key():
    some = [ecdsa.possible_keys(13, number.to_bytes(32, "big") + b"\x01" * 32, b"data") for number in range(1, 40)]
    assert () in some  # every other number is no abscissa
    assert any(some)
