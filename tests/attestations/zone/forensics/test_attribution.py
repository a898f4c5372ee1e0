"""Which private keys really signed: named though nobody published them (INC-01)."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from attestations import dnskey
from attestations.zone.forensics import KnownKey, Search, gathering, sentences, signers_of
from attestations.zone.practice.keys import ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed
from attestations.zone.validation.apex import apex_of

DELEGATIONS = 30


def known(key, name):
    return KnownKey(name=name, algorithm=key.algorithm, public_key=key.rdata[4:])


def in_turn(keys):
    """Let several private keys sign under the tag of the first."""
    return Hooks(signer=lambda index, _rrset, key: key.sign if key.is_ksk else keys[index % len(keys)].sign)


def flipped(rrsig):
    octets = bytearray(rrsig.signature)
    octets[40] ^= 1
    return changed(rrsig, signature=bytes(octets))


def rsa_key_with_exponent_3():
    """The numbers of the search are e times as long as the key: with 65537 it takes half a minute."""
    private = rsa.generate_private_key(3, 2048)
    modulus = private.public_key().public_numbers().n.to_bytes(256, "big")
    return PracticeKey(
        rdata=dnskey.rdata(ZSK_FLAGS, 3, dnskey.RSASHA256, b"\x01\x03" + modulus),
        sign=lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA256()),
    )


@pytest.fixture(scope="module")
def keys():
    return [new_key(ZSK_FLAGS) for _ in range(3)]


@pytest.fixture
def forensics(flat, now):
    """Sign a zone, and ask who signed."""

    def of(published, hooks, **options):
        zone = flat(practice_zone(published, now, delegations=DELEGATIONS, hooks=hooks).text)
        return signers_of(zone, apex_of(zone), **options)

    return of


@pytest.fixture
def incident(forensics, ksk, keys):
    return lambda **options: forensics([ksk, keys[0]], in_turn(keys), **options)


def test_three_private_keys_under_one_tag_are_told_with_the_names_of_their_hsms(incident, keys):
    shown = [known(key, f"hsm-{number}") for number, key in enumerate(keys, 1)]
    found = incident(known=shown)
    zsk = found.keys_under(keys[0].tag, 13)
    counts = [key.signatures for key in zsk]
    assert [key.fingerprint for key in zsk if key.published] == [dnskey.fingerprint(keys[0].rdata)]
    assert {key.fingerprint for key in zsk} == {dnskey.fingerprint(key.rdata) for key in keys}
    assert {key.real_tag for key in zsk} == {key.tag for key in keys}
    assert max(counts) - min(counts) <= 1
    assert sum(counts) + 1 == found.signatures
    assert found.complete
    assert found.unattributed == ()
    sentence = next(one for one in sentences(found) if one.startswith(f"tag {keys[0].tag}:"))
    assert sentence.endswith("3 private keys signed under this tag, 1 is published; the others are hsm-2 and hsm-3")
    assert f"{zsk[0].signatures} signatures verify, {sum(counts[1:])} do not" in sentence


def test_without_names_the_real_tags_and_fingerprints_are_told(incident, keys):
    text = " ".join(sentences(incident()))
    for key in keys[1:]:
        assert f"a key with the real tag {key.tag} (SHA-256 {dnskey.fingerprint(key.rdata)[:16]}...)" in text


def test_one_private_key_for_each_tag_is_told_of_a_good_zone(forensics, ksk, keys):
    found = forensics([ksk, keys[0]], in_turn(keys[:1]))
    assert [(key.published, key.real_tag == key.tag) for key in found.keys] == [(True, True)] * 2
    assert all(one.endswith("1 private key signed under this tag, 1 is published") for one in sentences(found))


def test_a_second_key_is_told_though_every_rrset_has_a_good_signature(forensics, ksk, keys):
    def beside(_index, rrset, rrsig):
        is_address = rrset.rtype.name in ("A", "AAAA")
        return (rrsig, re_signed(rrsig, rrset, keys[1].sign)) if is_address else (rrsig,)

    found = forensics([ksk, keys[0]], Hooks(finish=beside))
    assert [key.published for key in found.keys_under(keys[0].tag, 13)] == [True, False]


def test_damaged_signatures_have_no_key(forensics, ksk, keys):
    def damaged(_index, rrset, rrsig):
        return (flipped(rrsig) if rrset.rtype.name == "DS" else rrsig,)

    found = forensics([ksk, keys[0]], Hooks(finish=damaged))
    assert [one.signatures for one in found.unattributed] == [DELEGATIONS // 3]
    assert len(found.keys_under(keys[0].tag, 13)) == 1
    assert any("at least 1 private key" in one for one in sentences(found))
    assert any(one.endswith("10 could not be attributed to a key") for one in sentences(found))


@pytest.mark.parametrize("is_known", [False, True])
def test_a_single_signature_is_attributed_only_to_a_known_key(forensics, ksk, keys, is_known):
    hooks = Hooks(signer=lambda _i, rrset, key: keys[1].sign if rrset.rtype.name == "SOA" else key.sign)
    found = forensics([ksk, keys[0]], hooks, known=[known(keys[1], "hsm-2")] if is_known else [])
    assert sum(one.signatures for one in found.unattributed) == (not is_known)
    assert [key.held_by for key in found.keys if not key.published] == [("hsm-2",)] * is_known


def test_a_published_key_that_signs_under_the_tag_of_another_is_told(forensics, ksk, keys):
    hooks = Hooks(signer=lambda _i, rrset, key: ksk.sign if rrset.rtype.name == "DS" else key.sign)
    found = forensics([ksk, keys[0]], hooks)
    wrong = next(key for key in found.keys_under(keys[0].tag, 13) if key.real_tag != key.tag)
    assert (wrong.published, wrong.real_tag, wrong.signatures) == (True, ksk.tag, DELEGATIONS // 3)
    assert any(f"{DELEGATIONS // 3} do not; 2 private keys" in one for one in sentences(found))


def test_a_key_that_is_not_published_at_all_has_the_tag_that_it_signs_under(forensics, ksk, keys):
    found = forensics([ksk, keys[0]], Hooks(finish=lambda _i, _rrset, rrsig: (rrsig,)))
    assert all(key.published for key in found.keys)
    stranger = new_key(ZSK_FLAGS)

    def by_stranger(_index, rrset, rrsig):
        retagged = changed(rrsig, key_tag=stranger.tag)
        return (rrsig if rrset.rtype.name == "DNSKEY" else re_signed(retagged, rrset, stranger.sign),)

    (key,) = forensics([ksk, keys[0]], Hooks(finish=by_stranger)).keys_under(stranger.tag, 13)
    assert (key.published, key.real_tag) == (False, stranger.tag)
    assert key.fingerprint == dnskey.fingerprint(stranger.rdata)


def test_p_384_keys_are_recovered_too(forensics, ksk):
    keys = [new_key(ZSK_FLAGS, 14) for _ in range(2)]
    found = forensics([ksk, keys[0]], in_turn(keys))
    assert [key.real_tag for key in found.keys_under(keys[0].tag, 14)] == [key.tag for key in keys]


@pytest.mark.parametrize("is_known", [False, True])
def test_ed25519_keys_must_be_known(forensics, ksk, is_known):
    keys = [new_key(ZSK_FLAGS, 15) for _ in range(2)]
    found = forensics([ksk, keys[0]], in_turn(keys), known=[known(keys[1], "hsm-2")] if is_known else [])
    assert [key.held_by for key in found.keys_under(keys[0].tag, 15)] == [(), ("hsm-2",)][: 1 + is_known]
    assert bool(found.unattributed) != is_known


@pytest.mark.parametrize("search", [None, Search(cpu_seconds=20)])
def test_rsa_keys_are_searched_for_on_request(forensics, ksk, search):
    pytest.importorskip("gmpy2")
    keys = [rsa_key_with_exponent_3() for _ in range(3)]
    found = forensics([ksk, keys[0]], in_turn(keys), rsa_search=search)
    assert {key.real_tag for key in found.keys_under(keys[0].tag, 8)} == {key.tag for key in keys[: 3 if search else 1]}
    assert bool(found.unattributed) == (search is None)


def test_a_malformed_known_key_is_nobodys(forensics, ksk):
    keys = [new_key(ZSK_FLAGS, 15) for _ in range(2)]
    broken = KnownKey(name="hsm-9", algorithm=15, public_key=b"short")
    found = forensics([ksk, keys[0]], in_turn(keys), known=[broken, known(keys[1], "hsm-2")])
    assert {name for key in found.keys for name in key.held_by} == {"hsm-2"}


def test_a_key_in_several_hsms_is_held_by_all_of_them(incident, keys):
    found = incident(known=[known(keys[1], "hsm-3"), known(keys[1], "hsm-2")])
    assert [key.held_by for key in found.keys if key.real_tag == keys[1].tag] == [("hsm-2", "hsm-3")]


def test_names_of_hsms_cannot_steer_a_terminal(incident, keys):
    text = " ".join(sentences(incident(known=[known(keys[1], "\x1b[2Jhsm")])))
    assert "\x1b" not in text
    assert "[2Jhsm" in text


@pytest.mark.parametrize(("spare", "is_complete"), [(0, False), (1, True)])
def test_no_more_failing_signatures_than_asked_for_are_looked_at(incident, keys, spare, is_complete):
    failing = sum(key.signatures for key in incident().keys_under(keys[0].tag, 13)[1:])
    found = incident(limit=failing + spare)
    assert found.complete == is_complete
    assert sum(key.signatures for key in found.keys_under(keys[0].tag, 13)[1:]) == failing
    few = incident(limit=4)
    assert (
        sum(key.signatures for key in few.keys if not key.published) + sum(one.signatures for one in few.unattributed)
        == 4
    )
    assert all("looked at)" in one for one in sentences(few))


def test_of_a_large_zone_parts_from_all_over_the_file_are_looked_at(incident, keys, monkeypatch):
    monkeypatch.setattr(gathering, "WHOLE_BELOW", 0)
    monkeypatch.setattr(gathering, "_EXCERPT_BYTES", 300)
    found = incident()
    assert not found.complete
    assert len(found.keys_under(keys[0].tag, 13)) == 3


@pytest.mark.parametrize("is_named", [False, True])
def test_in_a_large_zone_names_with_known_faults_are_looked_up(forensics, ksk, keys, monkeypatch, is_named):
    monkeypatch.setattr(gathering, "WHOLE_BELOW", 0)
    monkeypatch.setattr(gathering, "_EXCERPT_BYTES", 0)
    monkeypatch.setattr(gathering, "_EXCERPT_BITS", 0)
    hooks = Hooks(signer=lambda _i, rrset, key: keys[1].sign if rrset.owner.labels[0] in (b"d3", b"d9") else key.sign)
    found = forensics([ksk, keys[0]], hooks, owners=["d3.test.", "D9.TEST.", "absent.test."] if is_named else [])
    assert [key.owners for key in found.keys if not key.published] == [("d3.test.", "d9.test.")] * is_named


def test_a_zone_without_signatures_has_no_keys(flat):
    zone = flat(b"test. 1 IN SOA a. b. 1 1 1 1 1\ntest. 1 IN NS a.\n")
    found = signers_of(zone, apex_of(zone))
    assert (found.signatures, found.keys, list(sentences(found))) == (0, (), [])
