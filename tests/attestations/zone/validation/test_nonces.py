"""A nonce that one ECDSA key uses for two RRsets is an error; everything that only looks like it is none."""

import base64
import hashlib
from collections import defaultdict

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from attestations import dnskey
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import pieces
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.groups import groups
from attestations.zone.validation.nonces import ENTRY_SIZE, MAX_SUSPECTS, entry_of, nonce_findings, repeated
from attestations.zone.validation.signatures import judge

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def number_of(data):
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def leaky_key(nonce_for, flags=ZSK_FLAGS):
    """Return a P-256 key that signs data with the nonce that `nonce_for` gives."""
    private = ec.generate_private_key(ec.SECP256R1())
    secret, point = private.private_numbers().private_value, private.public_key().public_numbers()

    def sign(data):
        nonce = nonce_for(data)
        r = ec.derive_private_key(nonce, ec.SECP256R1()).public_key().public_numbers().x % P256_ORDER
        s = (
            pow(nonce, -1, P256_ORDER)
            * (int.from_bytes(hashlib.sha256(data).digest(), "big") + r * secret)
            % P256_ORDER
        )
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    public = point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    return PracticeKey(rdata=dnskey.rdata(flags, 3, dnskey.ECDSAP256SHA256, public), sign=sign)


def found(keys, now):
    """Do what the pass over a zone does, then look its suspects up."""
    return found_in(practice_zone(keys, now).text, now)


def found_in(text, now):
    with zone_from_bytes(text, "zone", "test.") as zone:
        apex = apex_of(zone)
        buckets = defaultdict(bytes)
        for piece in pieces(zone):
            for _, rrsets in groups(zone, *piece):
                for rrset in rrsets.values():
                    for one in judge(rrset, keys=apex.keys, apex=apex.wire, now=int(now.timestamp())):
                        if one.key is not None and one.rrsig.algorithm in (13, 14):
                            entry = entry_of(apex.keys.keys.index(one.key), one.rrsig.signature)
                            buckets[entry[1] % 4] += entry
        suspects = frozenset().union(*map(repeated, buckets.values()))
        return list(nonce_findings(zone, apex.keys, suspects))


def test_deterministic_signatures_are_right(ksk, zsk, now):
    assert found([ksk, zsk], now) == []
    assert found([new_key(KSK_FLAGS, 14), new_key(ZSK_FLAGS, 14)], now) == []


def test_one_nonce_for_everything_gives_the_key_away(ksk, now):
    (only,) = found([ksk, leaky_key(lambda _data: 42)], now)
    assert (only.code, only.severity) == ("NONCE_REUSE", "error")
    assert "for test. SOA" in only.message or "for test. NS" in only.message
    assert "signatures): its private key can be computed" in only.message


def test_one_repetition_in_a_zone_is_found_with_both_owners(ksk, now):
    repeating = {b"\3nic\4test\0\0\1", b"\3ns1\4test\0\0\1"}

    def nonce(data):
        return 7 if any(name in data for name in repeating) else number_of(data)

    (only,) = found([ksk, leaky_key(nonce)], now)
    assert "nic.test. A" in only.message
    assert "ns1.test. A (2 signatures)" in only.message


def expired(rrsig):
    return changed(rrsig, inception=rrsig.inception - 86400, expiration=rrsig.inception)


WAYS = {
    "in order": lambda rrset, rrsig, sign: [re_signed(rrsig, rrset, sign)],
    "beside a bad one": lambda _rrset, rrsig, _sign: [rrsig, changed(rrsig, signature=rrsig.signature[::-1])],
    "expired": lambda rrset, rrsig, sign: [re_signed(expired(rrsig), rrset, sign)],
    "with a life below the TTL": lambda rrset, rrsig, sign: [
        re_signed(changed(rrsig, inception=rrsig.inception + 3000, expiration=rrsig.inception + 3700), rrset, sign)
    ],
    "of another TTL": lambda rrset, rrsig, sign: [re_signed(changed(rrsig, original_ttl=60), rrset, sign)],
}


@pytest.mark.parametrize("nonces", ["one", "two"])
@pytest.mark.parametrize("way", WAYS)
def test_what_else_is_wrong_with_a_signature_hides_no_repetition(examine, ksk, now, way, nonces):
    names = [b"\3nic\4test\0\0\1", b"\3ns1\4test\0\0\1"]

    def nonce(data):
        found = [index for index, name in enumerate(names) if name in data]
        return number_of(data) if not found else 7 if nonces == "one" else number_of(data + b"x")

    leaky = leaky_key(nonce)

    def finish(_index, rrset, rrsig):
        is_it = rrset.owner.to_text() == "nic.test." and rrsig.type_covered == 1
        return WAYS[way](rrset, rrsig, leaky.sign) if is_it else (rrsig,)

    report = examine(practice_zone([ksk, leaky], now, delegations=0, hooks=Hooks(finish=finish)))
    assert (("NONCE_REUSE", "error") in report.findings.totals) is (nonces == "one")


def test_nonces_of_two_keys_have_nothing_to_do_with_each_other(ksk, now):
    ours, theirs = (leaky_key(lambda data: number_of(b"x" + data) % P256_ORDER) for _ in range(2))
    assert found([ksk, ours, theirs], now) == []


def test_the_same_data_signed_twice_is_no_repetition(ksk, zsk, now):
    # the negative of s makes a second signature: one nonce, two signatures, and nothing to compute
    text = practice_zone([ksk, zsk], now, delegations=0).text
    line = next(line for line in text.splitlines() if b" RRSIG SOA " in line)
    fields = line.split()
    signature = base64.b64decode(b"".join(fields[12:]))
    negative = P256_ORDER - int.from_bytes(signature[32:], "big")
    again = b" ".join((*fields[:12], base64.b64encode(signature[:32] + negative.to_bytes(32, "big"))))
    assert found_in(text.replace(line, line + b"\n" + again), now) == []


def test_suspects_are_what_occurs_twice():
    one, two, three = (bytes([number]) * ENTRY_SIZE for number in range(3))
    assert repeated(b"") == repeated(one + two + three) == frozenset()
    assert repeated(one + two + one + three + two + one) == {one, two}
    assert entry_of(3, bytes(range(64))) == bytes((3, *range(8)))


@pytest.mark.parametrize(("others", "is_found"), [(MAX_SUSPECTS - 1, True), (MAX_SUSPECTS, False)])
def test_a_flood_of_suspects_is_looked_up_in_part(ksk, now, others, is_found):
    practice = practice_zone([ksk, leaky_key(lambda _data: 42)], now, delegations=0)
    with zone_from_bytes(practice.text, "zone", "test.") as zone:
        apex = apex_of(zone)
        key_index = next(index for index, key in enumerate(apex.keys.keys) if key.rdata != ksk.rdata)
        suspect = entry_of(key_index, apex.rrsets[6].signatures[0].signature)
        flood = [bytes((0,)) + number.to_bytes(8, "big") for number in range(others)]
        assert bool(list(nonce_findings(zone, apex.keys, [suspect, *flood]))) == is_found


@pytest.mark.parametrize("suspects", [[], [bytes(9)]])
def test_without_a_hit_there_is_nothing(ksk, zsk, now, suspects):
    practice = practice_zone([ksk, zsk], now, delegations=0)
    with zone_from_bytes(practice.text, "zone", "test.") as zone:
        assert list(nonce_findings(zone, apex_of(zone).keys, suspects)) == []
