"""Libraries that verify faster than OpenSSL agree with it; where they are absent or wrong, nobody asks them."""

import hashlib
import sys
from dataclasses import replace

import awscrt.crypto
import pytest
from fault_zones.bench import Bench
from fault_zones.cases import CASES
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations import dnskey
from attestations.zone.engines import judge_with
from attestations.zone.engines.native import Native
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation import survey
from attestations.zone.validation.faster import faster_for

P256, P384, RSA, RSA_SHA512, ED25519, ED448 = 13, 14, 8, 10, 15, 16
DATA = b"what a zone says"
GOOD_DIGEST = hashlib.sha256(DATA).digest()
LIBRARY = {P256: "AWS-LC", P384: "AWS-LC", RSA: "AWS-LC", ED25519: "libsodium"}
ORDER = {
    P256: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    P384: 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    ED25519: 2**252 + 27742317777372353535851937790883648493,
}


class Signed:
    """A key pair and a signature that is good."""

    def __init__(self, algorithm):
        self.algorithm, self.key = algorithm, new_key(ZSK_FLAGS, algorithm)
        self.public, self.signature = self.key.rdata[4:], self.key.sign(DATA)
        self.openssl = dnskey.public_key_of(algorithm, self.public)

    def faster(self):
        return faster_for(self.algorithm, self.public, self.signature, DATA)


@pytest.fixture(scope="module")
def pairs():
    return {algorithm: Signed(algorithm) for algorithm in (*LIBRARY, RSA_SHA512, ED448)}


@pytest.mark.parametrize("algorithm", LIBRARY)
def test_a_library_takes_over_and_says_which_it_is(pairs, algorithm):
    found = pairs[algorithm].faster()
    assert found.name.startswith(LIBRARY[algorithm])
    assert found.verify(pairs[algorithm].signature, DATA)


@pytest.mark.parametrize("algorithm", [RSA_SHA512, ED448])
def test_other_algorithms_stay_with_openssl(pairs, algorithm):
    assert pairs[algorithm].faster() is None


@settings(max_examples=200, deadline=None)
@given(
    algorithm=st.sampled_from(sorted(LIBRARY)),
    place=st.integers(0, 10_000),
    bit=st.integers(0, 7),
    cut=st.sampled_from([None, 0, 1, -1, 31, 32, 33]),
    tail=st.sampled_from([b"", b"\0", b"\1" * 64]),
    data=st.sampled_from([DATA, DATA + b"\0", b"", DATA[:-1]]),
)
def test_what_openssl_refuses_they_refuse_too(pairs, algorithm, place, bit, cut, tail, data):
    pair = pairs[algorithm]
    octets = bytearray(pair.signature)
    octets[place % len(octets)] ^= (place % 2) << bit
    signature = bytes(octets)[:cut] + tail
    assert pair.faster().verify(signature, data) == pair.openssl(signature, data)


@pytest.mark.parametrize("algorithm", [P256, P384])
@pytest.mark.parametrize("change", ["r+n", "s+n", "n-s", "r=0", "s=0", "both 0", "most", "swapped"])
def test_odd_numbers_in_ecdsa_signatures_mean_the_same_to_both(pairs, algorithm, change):
    pair, n = pairs[algorithm], ORDER[algorithm]
    half = len(pair.signature) // 2
    r, s = int.from_bytes(pair.signature[:half]), int.from_bytes(pair.signature[half:])
    most = 2 ** (8 * half) - 1
    changed = {
        "r+n": (min(r + n, most), s),
        "s+n": (r, min(s + n, most)),
        "n-s": (r, n - s),  # a good signature as well: ECDSA has two for each
        "r=0": (0, s),
        "s=0": (r, 0),
        "both 0": (0, 0),
        "most": (most, most),
        "swapped": (s, r),
    }[change]
    signature = b"".join(number.to_bytes(half) for number in changed)
    assert pair.openssl(signature, DATA) is (change == "n-s")
    assert pair.faster().verify(signature, DATA) is (change == "n-s")


@pytest.mark.parametrize("algorithm", [P256, P384])
def test_a_signature_with_a_zero_between_its_numbers_is_refused_by_both(pairs, algorithm):
    pair = pairs[algorithm]
    half = len(pair.signature) // 2
    longer = pair.signature[:half] + b"\0" + pair.signature[half:]
    assert not pair.openssl(longer, DATA)
    assert not pair.faster().verify(longer, DATA)


@pytest.mark.parametrize("moved", [1, 5, -1])
def test_an_octet_that_moves_between_signature_and_data_makes_it_bad(pairs, moved):
    whole, end = pairs[ED25519].signature + DATA, 64 + moved
    assert not pairs[ED25519].openssl(whole[:end], whole[end:])
    assert not pairs[ED25519].faster().verify(whole[:end], whole[end:])


def test_an_ed25519_signature_with_a_larger_s_is_refused_by_both(pairs):
    pair = pairs[ED25519]
    s = int.from_bytes(pair.signature[32:], "little") + ORDER[ED25519]
    signature = pair.signature[:32] + s.to_bytes(32, "little")
    assert not pair.openssl(signature, DATA)  # RFC 8032, 5.1.7: S is below the order of the group
    assert not pair.faster().verify(signature, DATA)


def test_a_signature_that_is_not_good_hands_nothing_over(pairs):
    pair = pairs[P256]
    assert faster_for(P256, pair.public, pair.signature, DATA + b"!") is None


@pytest.mark.parametrize(
    ("verify", "is_asked"),
    [
        (lambda real: real, True),
        (lambda _: lambda *_: False, False),
        (lambda _: lambda *_: True, False),
        (lambda real: lambda key, digest, given: real(key, digest, given) or digest == GOOD_DIGEST, False),
        (lambda real: lambda key, digest, given: real(key, digest, given) or digest != GOOD_DIGEST, False),
        (lambda real: lambda key, digest, given: 1 if real(key, digest, given) else 0, False),
    ],
    ids=["as it is", "never", "always", "any signature", "any data", "something like true"],
)
def test_a_library_is_asked_only_if_it_tells_a_good_signature_from_damaged_ones(pairs, monkeypatch, verify, is_asked):
    monkeypatch.setattr("awscrt.crypto.EC.verify", verify(awscrt.crypto.EC.verify))
    assert (pairs[P256].faster() is not None) is is_asked


@pytest.mark.parametrize(("exponent", "is_taken"), [(2**32 + 1, True), (2**34 + 1, False)])
def test_an_rsa_key_that_aws_lc_does_not_take_stays_with_openssl(pairs, monkeypatch, exponent, is_taken):
    modulus = pairs[RSA].public[4:]
    public = bytes([5]) + exponent.to_bytes(5) + modulus
    dnskey.public_key_of(RSA, public)  # OpenSSL takes both
    monkeypatch.setattr("attestations.zone.validation.faster._tells_apart", lambda *_: True)
    assert (faster_for(RSA, public, b"", DATA) is not None) is is_taken


@pytest.mark.parametrize(("algorithm", "module"), [(P256, "awscrt.crypto"), (RSA, "awscrt.crypto"), (ED25519, "nacl")])
def test_without_the_extra_everything_stays_with_openssl(pairs, monkeypatch, algorithm, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert pairs[algorithm].faster() is None


@pytest.mark.parametrize("algorithm", [*LIBRARY, ED448])
@pytest.mark.parametrize(("more", "hurries"), [(0, True), (1, False)])
def test_large_zones_alone_go_to_a_faster_library_and_the_report_is_the_same(
    loaded, now, monkeypatch, algorithm, more, hurries
):
    keys = [new_key(KSK_FLAGS, algorithm), new_key(ZSK_FLAGS, algorithm)]
    zone, anchors = loaded(practice_zone(keys, now))
    slow = judge_with(Native(), zone, anchors, now)
    monkeypatch.setattr(survey, "HURRY_FROM", zone.size + more)
    fast = judge_with(Native(), zone, anchors, now)
    assert slow.report.verdict == "valid"
    assert replace(fast.report, libraries=()) == slow.report
    libraries = [LIBRARY[algorithm]] if hurries and algorithm in LIBRARY else []
    assert [name.split()[0] for name in fast.report.libraries] == libraries
    assert fast.version == " + ".join((slow.version, *fast.report.libraries))


@pytest.mark.parametrize("name", CASES)
def test_every_fault_is_found_as_without_them(now, examine, monkeypatch, name):
    practice = CASES[name].build(Bench(now, P256))
    slow = examine(practice)
    monkeypatch.setattr(survey, "HURRY_FROM", 0)
    fast = examine(practice)
    assert replace(fast, libraries=(), zone=slow.zone) == slow


def test_a_damaged_signature_after_many_good_ones_is_named(now, ksk, zsk, monkeypatch):
    monkeypatch.setattr(survey, "HURRY_FROM", 0)
    practice = practice_zone([ksk, zsk], now, delegations=30)
    lines = practice.text.split(b"\n")
    last = max(number for number, line in enumerate(lines) if b" RRSIG DS " in line)
    head, signature = lines[last].rsplit(None, 1)
    lines[last] = head + b" " + (b"B" if signature[:1] == b"A" else b"A") + signature[1:]
    with zone_from_bytes(b"\n".join(lines), "damaged", practice.name) as zone:
        report = judge_with(Native(), zone, (), now).report
    assert report.libraries
    assert ("SIG_WRONG_KEY", "error") in report.findings.totals
    assert report.counts.bogus == 1
