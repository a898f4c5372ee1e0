"""attestations.dnskey against dnspython and cryptography, and against malformed keys."""

from collections.abc import Callable

import dns.dnssec
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.DNSKEY
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations import dnskey
from attestations.errors import InputError

Mangle = Callable[[bytes], bytes]

DATA = b"data to be signed"


def _key(algorithm: int) -> tuple[bytes, bytes]:
    """Return a fresh public key in DNSKEY form and its signature over DATA, both made by dnspython."""
    makers = {
        8: lambda: rsa.generate_private_key(65537, 2048),
        10: lambda: rsa.generate_private_key(65537, 2048),
        13: lambda: ec.generate_private_key(ec.SECP256R1()),
        14: lambda: ec.generate_private_key(ec.SECP384R1()),
        15: ed25519.Ed25519PrivateKey.generate,
        16: ed448.Ed448PrivateKey.generate,
    }
    private = dns.dnssec.get_algorithm_cls(algorithm)(key=makers[algorithm]())
    record = dns.dnssec.make_dnskey(private.key.public_key(), algorithm)
    return record.key, private.sign(DATA)


@pytest.fixture(scope="module", params=sorted(dnskey.NAMES))
def signed(request: pytest.FixtureRequest) -> tuple[int, bytes, bytes]:
    return request.param, *_key(request.param)


@given(st.binary(max_size=300), st.integers(0, 65535), st.integers(0, 255), st.sampled_from([8, 13, 15, 253]))
@settings(max_examples=100)
def test_key_tag_and_rdata_equal_those_of_dnspython(key: bytes, flags: int, protocol: int, algorithm: int) -> None:
    theirs = dns.rdtypes.ANY.DNSKEY.DNSKEY(dns.rdataclass.IN, dns.rdatatype.DNSKEY, flags, protocol, algorithm, key)
    ours = dnskey.rdata(flags, protocol, algorithm, key)
    assert ours == theirs.to_wire()
    assert dnskey.key_tag(ours) == dns.dnssec.key_id(theirs)


def test_the_fingerprint_separates_keys_that_share_everything_but_the_key() -> None:
    one, other = (dnskey.rdata(256, 3, 13, _key(13)[0]) for _ in range(2))
    assert dnskey.fingerprint(one) != dnskey.fingerprint(other)
    assert dnskey.fingerprint(one) == dnskey.fingerprint(bytes(one))


def test_a_signature_verifies_with_its_own_key_and_data(signed: tuple[int, bytes, bytes]) -> None:
    algorithm, key, signature = signed
    assert dnskey.verifies(algorithm, key, signature, DATA)


def test_a_signature_over_other_data_does_not_verify(signed: tuple[int, bytes, bytes]) -> None:
    algorithm, key, signature = signed
    assert not dnskey.verifies(algorithm, key, signature, DATA + b".")


def test_another_key_does_not_verify_the_signature(signed: tuple[int, bytes, bytes]) -> None:
    algorithm, _, signature = signed
    assert not dnskey.verifies(algorithm, _key(algorithm)[0], signature, DATA)


@pytest.mark.parametrize(
    "mangle",
    [lambda s: s[:0], lambda s: s[:-1], lambda s: s + b"\0", lambda s: bytes(len(s))],
    ids=["empty", "too short", "too long", "zeros"],
)
def test_a_malformed_signature_does_not_verify(signed: tuple[int, bytes, bytes], mangle: Mangle) -> None:
    algorithm, key, signature = signed
    assert not dnskey.verifies(algorithm, key, mangle(signature), DATA)


@given(st.sampled_from(sorted(dnskey.NAMES)), st.binary(max_size=600))
@settings(max_examples=150)
def test_arbitrary_octets_are_a_key_or_are_refused(algorithm: int, key: bytes) -> None:
    try:
        verifies = dnskey.verifies(algorithm, key, bytes(64), DATA)
    except InputError as error:
        verifies = error.code != "DNS-ALG"
    assert not verifies


@pytest.mark.parametrize("algorithm", [0, 1, 3, 5, 7, 12, 17, 253, 255])
def test_an_unknown_algorithm_is_refused(algorithm: int) -> None:
    with pytest.raises(InputError) as refused:
        dnskey.public_key_of(algorithm, bytes(64))
    assert refused.value.code == "DNS-ALG"


def _rsa_form(exponent: int, modulus: int) -> bytes:
    octets = exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")
    return bytes((len(octets),)) + octets + modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")


@pytest.mark.parametrize(
    ("exponent", "modulus", "accepted"),
    [
        (65537, 2**1023 + 1, True),
        (65537, 2**1022 + 1, False),
        (65537, 2**4095 + 1, True),
        (65537, 2**4096 + 1, False),
        (65537, 2**2047, False),
        (3, 2**2047 + 1, True),
        (1, 2**2047 + 1, False),
        (4, 2**2047 + 1, False),
        (2**35 - 1, 2**2047 + 1, True),
        (2**35 + 1, 2**2047 + 1, False),
    ],
)
def test_rsa_keys_are_bounded(exponent: int, modulus: int, accepted: bool) -> None:
    if accepted:
        assert callable(dnskey.public_key_of(8, _rsa_form(exponent, modulus)))
        return
    with pytest.raises(InputError):
        dnskey.public_key_of(8, _rsa_form(exponent, modulus))


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"\x03",
        b"\x03\x01\x00\x01",
        b"\x04\x00\x01\x00\x01" + b"\xff" * 256,
        b"\x03\x01\x00\x01\x00" + b"\xff" * 256,
    ],
)
def test_rsa_keys_that_are_not_in_their_one_form_are_refused(key: bytes) -> None:
    with pytest.raises(InputError):
        dnskey.public_key_of(8, key)


def test_a_point_that_is_not_on_the_curve_is_refused() -> None:
    with pytest.raises(InputError):
        dnskey.public_key_of(13, b"\x01" * 64)
