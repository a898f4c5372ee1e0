"""Revoked keys, strange records and denial records: what is legal is warned at most, what is not is refused."""

from dataclasses import replace

import pytest
from dns.rdatatype import RdataType

from attestations import dnskey
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, ds_text, practice_zone, without


def test_a_revoked_key_that_proves_its_revocation_beside_a_new_one_is_valid(examine, ksk, zsk, now):
    old = new_key(KSK_FLAGS)
    revoked = replace(old, rdata=dnskey.rdata(KSK_FLAGS | 0x80, 3, 13, old.rdata[4:]))
    practice = practice_zone([ksk, revoked, zsk], now)
    report = examine(replace(practice, ds=ds_text([ksk], practice.name)))
    assert report.verdict == "valid"
    assert not report.findings.totals


def test_a_revocation_that_nobody_signed_is_warned(examine, ksk, zsk, now):
    old = new_key(KSK_FLAGS)
    revoked = replace(old, rdata=dnskey.rdata(KSK_FLAGS | 0x80, 3, 13, old.rdata[4:]), signs=False)
    practice = practice_zone([ksk, revoked, zsk], now)
    report = examine(replace(practice, ds=ds_text([ksk], practice.name)))
    assert report.verdict == "valid"
    assert set(report.findings.totals) == {("KEY_REVOKED", "warning")}


def test_data_signed_by_a_revoked_key_is_refused(examine, ksk, zsk, now):
    revoked = replace(zsk, rdata=dnskey.rdata(ZSK_FLAGS | 0x80, 3, 13, zsk.rdata[4:]))
    report = examine(practice_zone([ksk, revoked], now))
    assert report.verdict == "invalid"
    assert ("KEY_REVOKED", "error") in report.findings.totals
    assert report.counts.no_key == report.counts.rrsigs - 1


def test_records_outside_the_zone_are_warned(examine, ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now)
    report = examine(replace(practice, text=practice.text + b"elsewhere. 60 IN A 192.0.2.1\n"))
    assert report.verdict == "valid"
    assert set(report.findings.totals) == {("OUT_OF_ZONE", "warning")}


def test_an_nsec3_chain_without_its_nsec3param_beside_a_complete_one_is_warned(examine, ksk, zsk, now):
    def second_chain(zone):
        extra = tuple(
            replace(rrset, rdatas=(*rrset.rdatas, rrset.rdatas[0].replace(salt=b"x")))
            for rrset in zone.rrsets
            if rrset.rtype == RdataType.NSEC3
        )
        return replace(zone, rrsets=(*(r for r in zone.rrsets if r.rtype != RdataType.NSEC3), *extra))

    report = examine(practice_zone([ksk, zsk], now, hooks=Hooks(edit=second_chain)))
    assert report.verdict == "valid"
    assert set(report.findings.totals) == {("NSEC3_PARAM", "warning")}


def test_two_nsec3_records_of_one_chain_at_one_name_are_refused(examine, ksk, zsk, now):
    def doubled(zone):
        def twice(rrset):
            if rrset.rtype != RdataType.NSEC3:
                return rrset
            return replace(rrset, rdatas=(*rrset.rdatas, rrset.rdatas[0].replace(next=b"\x01" * 20)))

        return replace(zone, rrsets=tuple(map(twice, zone.rrsets)))

    report = examine(practice_zone([ksk, zsk], now, hooks=Hooks(edit=doubled)))
    assert report.verdict == "invalid"
    assert ("DENIAL_CHAIN", "error") in report.findings.totals


@pytest.mark.parametrize("denial", ["nsec", Nsec3()], ids=["nsec", "nsec3"])
def test_a_denial_record_for_a_name_that_does_not_exist_is_refused(examine, ksk, zsk, now, denial):
    further = "ghost IN TXT x\n"
    edit = Hooks(edit=lambda zone: without(zone, lambda r: r.rtype == RdataType.TXT))
    report = examine(practice_zone([ksk, zsk], now, denial=denial, further=further, hooks=edit))
    assert report.verdict == "invalid"
    assert ("DENIAL_CHAIN", "error") in report.findings.totals


def test_a_signed_zone_without_denial_is_refused(examine, ksk, zsk, now):
    edit = Hooks(edit=lambda zone: without(zone, lambda r: r.rtype == RdataType.NSEC))
    report = examine(practice_zone([ksk, zsk], now, denial="nsec", hooks=edit))
    assert set(report.findings.totals) == {("DENIAL_CHAIN", "error")}
    assert not report.denial.chain_ok


@pytest.mark.parametrize("share", [2, 1], ids=["half of it", "all of it"])
@pytest.mark.parametrize(("denial", "verdict"), [("nsec", "valid"), (None, "invalid")])
def test_an_nsec3_chain_may_be_built_while_nsec_still_denies(examine, ksk, zsk, now, share, denial, verdict):
    chain = []

    def take(zone):
        chain.extend(rrset for rrset in zone.rrsets if rrset.rtype == RdataType.NSEC3)
        return zone

    def add(zone):
        kept = (rrset for rrset in zone.rrsets if denial or rrset.rtype != RdataType.NSEC)
        return replace(zone, rrsets=(*kept, *chain[::share]))

    practice_zone([ksk, zsk], now, hooks=Hooks(edit=take))
    report = examine(practice_zone([ksk, zsk], now, denial="nsec", hooks=Hooks(edit=add)))
    assert report.verdict == verdict
    assert ("NSEC3_PARAM", "warning" if denial else "error") in report.findings.totals
