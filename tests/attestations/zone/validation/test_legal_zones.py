"""Zones that look odd and are legal: never refused, at most warned; beside those of tests/fault_zones."""

from dataclasses import replace

import pytest
from dns.rdatatype import RdataType
from fault_zones.legal import colliding_zsks
from fault_zones.policy import rsa_key

from attestations.zone.engines import ENGINES
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, ds_text, practice_zone, re_signed
from attestations.zone.validation.whole import validate


@pytest.mark.parametrize("denial", ["nsec", Nsec3(), Nsec3(opt_out=True)], ids=["nsec", "nsec3", "opt-out"])
def test_good_zones_are_valid_without_a_word(examine, ksk, zsk, now, denial):
    report = examine(practice_zone([ksk, zsk], now, denial=denial))
    assert report.verdict == "valid"
    assert not report.findings.totals
    assert report.counts.ok == report.counts.rrsigs == report.counts.rrsets == report.coverage.checked > 20


@pytest.mark.needs("dnssec-verify", "ldns-verify-zone")
@pytest.mark.parametrize("engine", ["bind", "ldns"])
@pytest.mark.parametrize(
    "denial",
    ["nsec", Nsec3(), Nsec3(opt_out=True), Nsec3(iterations=2, salt=b"ab")],
    ids=["nsec", "nsec3", "opt-out", "iterations"],
)
def test_other_code_bases_find_our_practice_zones_good(loaded, ksk, zsk, now, denial, engine):
    further = (
        'txt.below.empty IN TXT "x;y(z" "\\\\"\nUPPER IN MX 10 Mail.UPPER\nsub.d1 IN A 192.0.2.9\nx IN CNAME nic\n'
    )
    practice = practice_zone([ksk, zsk], now, denial=denial, further=further)
    report = ENGINES[engine].validate(*loaded(practice), now)
    assert report.verdict == "valid", report.findings
    assert report.counts.ok == report.counts.rrsigs


def test_a_tag_collision_with_an_unpublished_key_is_refused(examine, ksk, now):
    one, two = colliding_zsks()
    hooks = Hooks(signer=lambda i, _rrset, key: (one, two)[i % 2].sign if key is one else key.sign)
    report = examine(practice_zone([ksk, one], now, hooks=hooks))
    assert report.verdict == "invalid"
    assert report.findings.totals["SIG_WRONG_KEY", "error"] == report.counts.bogus > 10


def test_an_algorithm_that_signs_before_its_key_is_published_is_warned(examine, ksk, zsk, now):
    hooks = Hooks(finish=lambda _i, _rrset, rrsig: (rrsig, changed(rrsig, algorithm=15)))
    report = examine(practice_zone([ksk, zsk], now, hooks=hooks))
    assert report.verdict == "valid"
    assert set(report.findings.totals) == {("SIG_EXTRA_NO_KEY", "warning")}


def test_an_expired_signature_beside_a_good_one_is_warned(examine, ksk, zsk, now):
    def finish(_index, rrset, rrsig):
        old = changed(rrsig, inception=rrsig.inception - 864000, expiration=rrsig.inception)
        return (rrsig, re_signed(old, rrset, (ksk if rrset.rtype == RdataType.DNSKEY else zsk).sign))

    report = examine(practice_zone([ksk, zsk], now, hooks=Hooks(finish=finish)))
    assert report.verdict == "valid"
    assert set(report.findings.totals) == {("SIG_EXPIRED", "warning")}
    assert report.min_remaining_seconds == 14 * 86400


def test_an_incremental_zsk_rollover_is_valid(examine, ksk, zsk, now):
    new = new_key(ZSK_FLAGS)

    def finish(index, rrset, rrsig):
        return (rrsig,) if rrset.rtype == RdataType.DNSKEY or (index % 2) == (rrsig.key_tag == new.tag) else ()

    report = examine(practice_zone([ksk, zsk, new], now, hooks=Hooks(finish=finish)))
    assert report.verdict == "valid"
    assert {use.verified > 5 for use in report.by_key if use.flags == ZSK_FLAGS} == {True}


def test_two_algorithms_that_both_sign_are_valid(examine, ksk, zsk, now):
    report = examine(practice_zone([ksk, zsk, rsa_key(KSK_FLAGS), rsa_key(ZSK_FLAGS)], now))
    assert report.verdict == "valid"
    assert not report.findings.totals
    assert report.counts.ok == 2 * report.counts.rrsets


def test_a_stand_by_ds_beside_one_that_holds_is_warned(examine, ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now)
    both = replace(practice, ds=practice.ds + ds_text([new_key(KSK_FLAGS)], practice.name))
    report = examine(both)
    assert report.verdict == "valid"
    assert set(report.findings.totals) == {("DS_CHAIN", "warning")}


@pytest.mark.parametrize(
    ("iterations", "verdict", "severity"),
    [(1, "valid", "warning"), (150, "valid", "warning"), (151, "invalid", "error")],
)
def test_iterations_are_warned_up_to_150_and_refused_beyond(examine, ksk, zsk, now, iterations, verdict, severity):
    report = examine(practice_zone([ksk, zsk], now, denial=Nsec3(iterations=iterations)))
    assert report.verdict == verdict
    assert set(report.findings.totals) == {("NSEC3_COST", severity)}


@pytest.mark.parametrize(("life", "warned"), [(3600, False), (3599, True)])
def test_a_signature_that_ends_before_the_longest_ttl_is_warned(examine, ksk, zsk, now, life, warned):
    def finish(_index, rrset, rrsig):
        end = int(now.timestamp()) + life
        return (
            re_signed(changed(rrsig, expiration=end), rrset, (ksk if rrset.rtype == RdataType.DNSKEY else zsk).sign),
        )

    report = examine(practice_zone([ksk, zsk], now, hooks=Hooks(finish=finish)))
    assert report.verdict == "valid"
    assert (("SIG_HORIZON", "warning") in report.findings.totals) is warned


@pytest.mark.parametrize(("ttl", "warned"), [(14 * 86400 + 3600, False), (14 * 86400 + 3601, True)])
def test_a_ttl_longer_than_the_life_of_its_signature_is_warned(examine, ksk, zsk, now, ttl, warned):
    report = examine(practice_zone([ksk, zsk], now, further=f"long {ttl} IN A 192.0.2.7\n"))
    assert report.verdict == "valid"
    assert (("TTL_OVER_LIFE", "warning") in report.findings.totals) is warned


def test_without_an_anchor_a_good_zone_is_inconclusive(loaded, ksk, zsk, now):
    zone, _ = loaded(practice_zone([ksk, zsk], now))
    report = validate(zone, (), now)
    assert report.verdict == "inconclusive"
    assert set(report.findings.totals) == {("NO_TRUST_ANCHOR", "warning")}


def test_without_an_anchor_a_bad_zone_is_still_invalid(loaded, ksk, zsk, now):
    hooks = Hooks(signer=lambda *_: new_key(ZSK_FLAGS).sign)
    zone, _ = loaded(practice_zone([ksk, zsk], now, hooks=hooks))
    assert validate(zone, (), now).verdict == "invalid"
