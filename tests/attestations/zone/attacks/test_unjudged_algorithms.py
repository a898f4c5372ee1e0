"""A second algorithm that nobody here verifies: it stands in for no signature that resolvers look for."""

from dataclasses import replace

import pytest

from attestations.zone.practice.keys import KSK_FLAGS, PracticeKey
from attestations.zone.practice.signing import HONEST, Hooks, ds_text, practice_zone

PRIVATE = 253


@pytest.fixture
def private_keys():
    """Keys of a private algorithm, whose signatures nobody can judge."""
    rdatas = (bytes((1, flags & 0xFF, 3, PRIVATE)) + b"\4test\0" + bytes(32) for flags in (KSK_FLAGS, KSK_FLAGS - 1))
    return tuple(PracticeKey(rdata=rdata, sign=lambda _: bytes(64)) for rdata in rdatas)


def only_by(algorithm, rtype):
    def finish(_index, rrset, rrsig):
        return () if rrset.rtype.name == rtype and rrsig.algorithm != algorithm else (rrsig,)

    return Hooks(finish=finish)


@pytest.fixture
def examined(now, ksk, examine):
    """Validate a zone of some keys whose parent knows the KSK that everybody can judge."""

    def with_ds(keys, hooks):
        return examine(replace(practice_zone(keys, now, hooks=hooks), ds=ds_text((ksk,), "test.")))

    return with_ds


@pytest.mark.parametrize("rtype", ["A", "NSEC3", "SOA", "DNSKEY"])
def test_an_rrset_signed_by_it_alone_is_not_signed(ksk, zsk, private_keys, examined, rtype):
    report = examined((ksk, zsk, *private_keys), only_by(PRIVATE, rtype))
    assert report.verdict == "invalid"
    assert ("ALG_INCOMPLETE", "error") in report.findings.totals


def test_a_zone_that_both_sign_is_left_open(ksk, zsk, private_keys, examined):
    report = examined((ksk, zsk, *private_keys), HONEST)
    assert (report.verdict, {code for code, _ in report.findings.totals}) == ("inconclusive", {"ALG_UNSUPPORTED"})


def test_a_zone_without_it_is_valid(ksk, zsk, private_keys, examined):
    keys = (ksk, zsk, *(replace(key, rdata=key.rdata[:2] + b"\2" + key.rdata[3:]) for key in private_keys))
    unsigned_by_it = Hooks(finish=lambda _index, _rrset, rrsig: () if rrsig.algorithm == PRIVATE else (rrsig,))
    assert examined(keys, unsigned_by_it).verdict == "valid"


def test_a_ds_that_names_its_key_leaves_open_too_whether_that_signs(ksk, zsk, private_keys, now, examine):
    report = examine(practice_zone((ksk, zsk, *private_keys), now))
    assert (report.verdict, {code for code, _ in report.findings.totals}) == (
        "inconclusive",
        {"ALG_UNSUPPORTED", "DS_CHAIN"},
    )
    (told,) = (one for one in report.findings.kept if one.code == "DS_CHAIN")
    assert told.severity == "warning"
    assert "an algorithm that is not verified here" in told.message


def test_a_ds_of_it_that_names_no_key_is_an_error(ksk, zsk, private_keys, now, examine):
    practice = practice_zone((ksk, zsk, *private_keys), now)
    other = replace(private_keys[0], rdata=private_keys[0].rdata + b"x")
    report = examine(replace(practice, ds=ds_text((ksk, other), "test.")))
    assert ("DS_CHAIN", "error") in report.findings.totals
