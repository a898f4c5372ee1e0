"""A sample shows gross faults at once, says what it excludes, and never passes for a full pass."""

import re

import pytest
from flat_files import opened

from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed
from attestations.zone.reading.flat import Unflat
from attestations.zone.sampling import sample
from attestations.zone.sampling.bound import detectable_share
from attestations.zone.validation.anchors import read_anchors

SEED = b"a seed of sixteen"


@pytest.fixture
def sampled(ksk, zsk, now):
    """Sign a zone, and look at a sample of it."""

    def of(hooks=None, size=20, edit=lambda text: text, seed=SEED, ds=None, **options):
        practice = practice_zone([ksk, zsk], now, hooks=hooks or Hooks(), **options)
        with opened(edit(practice.text)) as zone:
            anchors = read_anchors(ds or practice.ds, "ds", "test.", "DS")
            return sample(zone, anchors, now, size, seed)

    return of


def codes(report, severity="error"):
    return {code for code, found in report.findings.totals if found == severity}


def by_type(rtype, change):
    return Hooks(finish=lambda _i, rrset, rrsig: change(rrset, rrsig) if rrset.rtype.name == rtype else (rrsig,))


def flipped(_rrset, rrsig):
    octets = bytearray(rrsig.signature)
    octets[40] ^= 1
    return (changed(rrsig, signature=bytes(octets)),)


def test_a_clean_sample_is_inconclusive_and_says_what_it_excludes(sampled):
    report = sampled()
    assert report.verdict == "inconclusive"
    assert codes(report) == set()
    assert report.coverage.mode == "sample"
    assert 0 < report.coverage.checked <= 20
    assert report.coverage.checked <= report.coverage.population
    assert report.coverage.detectable_fraction == detectable_share(report.coverage.checked)
    assert report.coverage.confidence == 0.999
    assert not report.denial.chain_ok


def test_three_private_keys_under_one_tag_are_seen_at_once(sampled, zsk):
    keys = [zsk.sign, new_key(ZSK_FLAGS).sign, new_key(ZSK_FLAGS).sign]
    hooks = Hooks(signer=lambda index, _rrset, key: key.sign if key.tag != zsk.tag else keys[index % 3])
    report = sampled(hooks)
    assert report.verdict == "invalid"
    assert codes(report) == {"SIG_WRONG_KEY"}
    assert any(use.verified and use.not_verified for use in report.by_tag)


def test_signatures_at_the_wrong_time_are_seen(sampled, zsk):
    def expired(rrset, rrsig):
        return (re_signed(changed(rrsig, expiration=rrsig.inception + 1), rrset, zsk.sign),)

    assert codes(sampled(by_type("NSEC3", expired))) == {"SIG_EXPIRED"}


@pytest.mark.parametrize("rtype", ["SOA", "NS", "NSEC3PARAM"])
def test_the_apex_is_always_looked_at(sampled, rtype):
    assert codes(sampled(by_type(rtype, flipped), size=1, delegations=300)) == {"SIG_WRONG_KEY"}
    assert codes(sampled(by_type(rtype, lambda *_: ()), size=1, delegations=300)) == {"SIG_MISSING"}


def test_a_ds_that_names_no_key_is_seen(sampled, ksk, zsk, now):
    other = practice_zone([new_key(KSK_FLAGS), zsk], now)
    assert codes(sampled(ds=other.ds)) == {"DS_CHAIN"}


@pytest.mark.parametrize("rtype", ["DS", "NSEC3", "AAAA"])
def test_each_sort_of_rrset_is_looked_at(sampled, rtype):
    assert codes(sampled(by_type(rtype, flipped), size=1500)) == {"SIG_WRONG_KEY"}


def test_a_missing_signature_is_seen_only_where_another_was_drawn(sampled):
    assert "SIG_MISSING" in codes(sampled(by_type("AAAA", lambda *_: ()), size=1500))


def test_one_bad_signature_of_many_needs_the_full_pass(sampled):
    hooks = Hooks(finish=lambda index, rrset, rrsig: flipped(rrset, rrsig) if index == 500 else (rrsig,))
    assert sampled(hooks, size=2, delegations=300).verdict == "inconclusive"


def test_the_seed_repeats_the_draw_and_is_told(sampled):
    first, again, other = sampled(size=5), sampled(size=5), sampled(size=5, seed=b"another")
    assert first.counts == again.counts
    assert first.findings == again.findings
    assert f"seed {SEED.hex()}" in first.findings.kept[-1].message
    assert first.findings != other.findings


def test_without_a_seed_each_draw_is_another(sampled):
    seeds = {re.search("seed ([0-9a-f]+)", sampled(seed=None).findings.kept[-1].message)[1] for _ in range(3)}
    assert {len(seed) for seed in seeds} == {32}
    assert len(seeds) == 3


def test_signatures_apart_from_their_records_are_not_taken_for_faults(sampled):
    def apart(text):
        lines = text.splitlines(keepends=True)
        far = [line for line in lines if b" RRSIG " in line and not line.startswith(b"test.")]
        return b"".join([line for line in lines if line not in far] + far)

    with pytest.raises(Unflat):
        sampled(edit=apart)


def test_a_bad_signature_over_glue_is_not_taken_for_a_fault(sampled):
    def with_signed_glue(text):
        lines = text.splitlines(keepends=True)
        glue = next(at for at, line in enumerate(lines) if line.startswith(b"ns.d1.test. "))
        rrsig = next(line for line in lines if line.startswith(b"nic.test. ") and b" RRSIG A " in line)
        lines[glue + 1 : glue + 1] = [rrsig.replace(b"nic.test.", b"ns.d1.test.", 1)] * 1
        return b"".join(lines)

    report = sampled(edit=with_signed_glue, size=1500)
    assert report.verdict == "inconclusive"


def test_without_a_trust_anchor_the_report_says_so(ksk, zsk, now):
    with opened(practice_zone([ksk, zsk], now).text) as zone:
        report = sample(zone, (), now, 5)
    assert ("NO_TRUST_ANCHOR", "warning") in report.findings.totals


def test_a_zone_without_signatures_has_an_empty_sample(now):
    with opened(b"test. 1 IN SOA a. b. 1 1 1 1 1\n") as zone:
        report = sample(zone, (), now, 5)
    assert (report.coverage.checked, report.coverage.detectable_fraction) == (0, 1.0)
    assert report.verdict != "valid"


def test_an_unsigned_zone_with_a_ds_is_invalid_at_once(ksk, zsk, now):
    anchors = read_anchors(practice_zone([ksk, zsk], now).ds, "ds", "test.", "DS")
    with opened(b"test. 1 IN SOA a. b. 1 1 1 1 1\n") as zone:
        assert codes(sample(zone, anchors, now, 5)) == {"UNSIGNED_WITH_DS"}
