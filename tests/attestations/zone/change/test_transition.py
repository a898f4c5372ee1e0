"""Steps whose two versions are each right: what caches may still hold decides. Every unsafe step has a safe twin."""

import base64
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from dns.rdatatype import RdataType

from attestations.dnskey import fingerprint
from attestations.errors import InputError
from attestations.times import Instant
from attestations.zone.change import Clock
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import HONEST, Hooks, changed, ds_text, practice_zone
from attestations.zone.validation import effort
from attestations.zone.validation.anchors import read_anchors

RSASHA256 = 8
TTL = 3600  # of everything in practice zones
DAY = 86400


@pytest.fixture(scope="module")
def keys():
    """Two KSKs and two ZSKs of algorithm 13, one of each of algorithm 8."""
    return {
        "K1": new_key(KSK_FLAGS),
        "K2": new_key(KSK_FLAGS),
        "Z1": new_key(ZSK_FLAGS),
        "Z2": new_key(ZSK_FLAGS),
        "K8": new_key(KSK_FLAGS, RSASHA256),
        "Z8": new_key(ZSK_FLAGS, RSASHA256),
    }


@pytest.fixture
def step(compared, keys, now):
    """Compare two versions, each given by its keys: `K1 Z1 (Z2)` signs with K1 and Z1 and only publishes Z2."""
    serial = 0

    def version(text, ds):
        nonlocal serial
        serial += 1
        used = [replace(keys[name.strip("()")], signs="(" not in name) for name in text.split()]
        practice = practice_zone(used, now, serial=serial, delegations=3)
        return replace(practice, ds=ds_text([keys[name] for name in ds.split()], "test."))

    def compare(before, after, ds="K1", next_ds=None, **clock):
        found = compared(version(before, ds), version(after, next_ds or ds), clock=Clock(now=now, **clock))
        return [(one.code, one.severity) for one in found if one.code == "CACHE_UNSAFE"]

    return compare


UNSAFE = [("CACHE_UNSAFE", "error")]
STRICT = [("CACHE_UNSAFE", "warning")]


def ago(now, seconds):
    return Instant.of(now - timedelta(seconds=seconds))


def test_nothing_happens_nothing_is_said(step):
    assert step("K1 Z1", "K1 Z1") == []


# --- ZSK rollovers (RFC 6781, 4.1.1) ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("K1 Z1", "K1 Z1 (Z2)"),
        ("K1 Z1 (Z2)", "K1 (Z1) Z2"),
        ("K1 (Z1) Z2", "K1 Z2"),
        ("K1 Z1", "K1 Z1 Z2"),
        ("K1 Z1 Z2", "K1 Z2"),
    ],
    ids=["pre-publish", "use", "retire", "double-sign", "single-sign"],
)
def test_each_step_of_a_zsk_rollover_is_safe(step, before, after):
    assert step(before, after) == []


def test_a_key_that_signs_on_the_day_it_appears_is_unsafe(step):
    # .nl, 28 October 2012
    assert step("K1 Z1", "K1 (Z1) Z2") == UNSAFE


def test_a_key_that_goes_with_its_last_signature_is_unsafe(step):
    assert step("K1 Z1 (Z2)", "K1 Z2") == UNSAFE


def test_another_key_in_place_of_the_first_is_unsafe_both_ways(step):
    assert step("K1 Z1", "K1 Z2") == UNSAFE * 2


@pytest.mark.parametrize(("age", "expected"), [(TTL - 1, UNSAFE * 2), (TTL, [])])
def test_caches_forget_after_the_ttl(step, now, age, expected):
    assert step("K1 Z1", "K1 Z2", seen_on=ago(now, age)) == expected


def test_what_is_left_of_a_ttl(now):
    assert Clock(now=now).left(10) == 10
    assert Clock(now=now, seen_on=ago(now, 4)).left(10) == 6
    assert Clock(now=now, seen_on=ago(now, 11)).left(10) == 0
    assert Clock(now=now, seen_on=ago(now, -4)).left(10) == 10


def test_a_version_seen_in_the_future_is_taken_as_served_until_now(step, now):
    assert step("K1 Z1", "K1 Z2", seen_on=ago(now, -DAY)) == UNSAFE * 2


@pytest.mark.parametrize(("age", "expected"), [(TTL - 1, UNSAFE), (TTL, [])])
def test_pre_publication_lasts_a_ttl_where_it_is_known_when_it_began(step, keys, now, age, expected):
    since = {fingerprint(keys["Z2"].rdata): ago(now, age)}
    assert step("K1 Z1 (Z2)", "K1 (Z1) Z2", published_since=since) == expected
    assert step("K1 Z1 Z2", "K1 Z1 Z2", published_since=since) == []


def test_a_key_with_the_old_tag_is_another_key(step, keys, monkeypatch):
    # 5 May 2026: one tag, several keys. A tag is a sum, so it stays when two words change places
    rdata = keys["Z1"].rdata
    monkeypatch.setitem(keys, "Z2", replace(keys["Z1"], rdata=rdata[:4] + rdata[6:8] + rdata[4:6] + rdata[8:]))
    assert keys["Z2"].tag == keys["Z1"].tag
    assert step("K1 Z1", "K1 Z2") == UNSAFE * 2


# --- KSK rollovers (RFC 6781, 4.1.2) ---


@pytest.mark.parametrize(
    ("before", "after", "ds", "next_ds"),
    [
        ("K1 Z1", "K1 K2 Z1", "K1", "K1"),
        ("K1 K2 Z1", "K1 K2 Z1", "K1", "K2"),
        ("K1 K2 Z1", "K2 Z1", "K2", "K2"),
        ("K1 Z1", "K1 Z1", "K1", "K1 K2"),
        ("K1 Z1", "K2 Z1", "K1 K2", "K1 K2"),
        ("K2 Z1", "K2 Z1", "K1 K2", "K2"),
    ],
    ids=["double-sign", "new DS", "single-sign", "double-DS", "new KSK", "single DS"],
)
def test_each_step_of_a_ksk_rollover_is_safe(step, before, after, ds, next_ds):
    assert step(before, after, ds, next_ds) == []


def test_nz_2023_the_old_ksk_goes_while_its_ds_is_cached(step):
    # both versions are right with the DS of their time
    assert step("K1 Z1", "K2 Z1", "K1", "K2") == UNSAFE * 2
    assert step("K1 K2 Z1", "K2 Z1", "K1", "K2") == UNSAFE
    assert step("K1 K2 Z1", "(K1) K2 Z1", "K1", "K2") == UNSAFE


@pytest.mark.parametrize(("age", "expected"), [(DAY - 1, UNSAFE), (DAY, [])])
def test_nz_2023_the_ds_lives_for_its_own_ttl(step, now, age, expected):
    assert step("K1 K2 Z1", "K2 Z1", "K1", "K2", seen_on=ago(now, age)) == expected


@pytest.mark.parametrize(("ds_ttl", "expected"), [(7200, UNSAFE), (7199, UNSAFE), (5400, [])])
def test_the_parents_ttl_counts_not_a_habit(step, now, ds_ttl, expected):
    assert step("K1 K2 Z1", "K2 Z1", "K1", "K2", seen_on=ago(now, 5400), ds_ttl=ds_ttl) == expected


def test_a_ds_for_a_key_that_caches_do_not_know_is_unsafe(step, now):
    assert step("K1 Z1", "K1 K2 Z1", "K1", "K2") == UNSAFE
    assert step("K1 Z1", "K1 K2 Z1", "K1", "K2", seen_on=ago(now, TTL)) == []


def test_the_old_ds_may_hold_where_the_new_one_does_not(step):
    # the DS of both is cached, K2 fits it; what does not fit is the new DS and the old DNSKEY RRset
    assert step("K1 Z1", "K2 Z1", "K1 K2", "K2") == UNSAFE


def test_a_wrong_ds_may_be_put_right_at_once(step):
    assert step("K1 Z1", "K1 Z1", "K8", "K1") == []


# --- algorithm rollovers (RFC 6781, 4.1.4) ---


def test_gov_2013_the_old_algorithm_signs_no_more(step):
    assert step("K1 Z1", "K8 Z8 (K1) (Z1)", "K1", "K1 K8") == [*UNSAFE * 4, *STRICT]
    assert step("K1 Z1 K8 Z8", "K8 Z8 (K1) (Z1)", "K1 K8", "K1 K8") == UNSAFE


def test_signatures_go_after_the_keys(step):
    assert step("K1 Z1 K8 Z8", "K8 Z8", "K8") == STRICT
    assert step("K1 Z1 K8 Z8", "K8 Z8", "K1 K8") == UNSAFE


def test_keys_come_after_the_signatures(step, now):
    assert step("K1 Z1", "K1 Z1 K8 Z8") == STRICT
    assert step("K1 Z1", "K1 Z1 K8 Z8", seen_on=ago(now, TTL)) == []


def test_an_algorithm_that_never_signed_everything_is_not_missed(step):
    assert step("K1 Z1 (Z8)", "K1 Z1 (Z8)") == step("K1 Z1 (Z8)", "K1 Z1") == []


def test_a_conservative_rollover_of_the_algorithm_is_safe(compared, keys, now):
    old, both, new = ["K1", "Z1"], ["K1", "Z1", "K8", "Z8"], ["K8", "Z8"]

    def version(serial, signing, published, ds):
        """Return a zone in which more keys sign than are published."""
        text = practice_zone([keys[name] for name in signing], now, serial=serial, delegations=3).text
        hidden = [base64.b64encode(keys[name].rdata[4:])[:40] for name in signing if name not in published]
        lines = text.splitlines(keepends=True)
        kept = [line for line in lines if not any(key in line.replace(b" ", b"") for key in hidden)]
        return b"".join(kept), read_anchors(ds_text([keys[name] for name in ds], "test."), "ds", "test.", "DS")

    steps = [
        (old, old, ["K1"]),
        (both, old, ["K1"]),
        (both, both, ["K1"]),
        (both, both, ["K8"]),
        (both, new, ["K8"]),
        (new, new, ["K8"]),
    ]
    versions = [version(serial, *one) for serial, one in enumerate(steps, 1)]
    for (before, ds), (after, next_ds) in pairwise(versions):
        found = compared(before, after, clock=Clock(now=now), previous_anchors=ds, anchors=next_ds)
        assert [one for one in found if one.code == "CACHE_UNSAFE"] == []


# --- signatures that only look like signatures ---


def damaged_by(key):
    """Flip a bit in each signature that a key makes over data."""

    def finish(_index, rrset, rrsig):
        if rrsig.key_tag == key.tag and rrset.rtype != RdataType.DNSKEY:
            return [changed(rrsig, signature=rrsig.signature[:-1] + bytes([rrsig.signature[-1] ^ 1]))]
        return [rrsig]

    return Hooks(finish=finish)


@pytest.fixture
def spoilt_step(compared, keys, now):
    """Compare two versions as `step` does; signatures by `spoilt` are damaged in one of the two."""

    def compare(before, after, spoilt=None, *, hidden=(), ds="K1"):
        versions = []
        for serial, (text, key) in enumerate(zip((before, after), spoilt or (None, None), strict=True), 1):
            used = [replace(keys[name.strip("()")], signs="(" not in name) for name in text.split()]
            hooks = damaged_by(keys[key]) if key else HONEST
            practice = practice_zone(used, now, serial=serial, delegations=3, hooks=hooks)
            gone = [base64.b64encode(keys[name].rdata[4:])[:40] for name in (hidden if serial == 2 else ())]
            lines = [
                line
                for line in practice.text.splitlines(keepends=True)
                if not any(key in line.replace(b" ", b"") for key in gone)
            ]
            versions.append(replace(practice, text=b"".join(lines), ds=ds_text([keys[ds]], "test.")))
        return [(one.code, one.severity) for one in compared(*versions) if one.code == "CACHE_UNSAFE"]

    return compare


@pytest.mark.parametrize(("spoilt", "expected"), [(None, []), ((None, "Z1"), UNSAFE)])
def test_a_bad_signature_under_the_tag_of_a_cached_key_does_not_stand_for_it(spoilt_step, spoilt, expected):
    assert spoilt_step("K1 Z1", "K1 Z1 Z2", spoilt) == expected


@pytest.mark.parametrize(("spoilt", "expected"), [(None, []), (("Z2", None), UNSAFE)])
def test_a_bad_cached_signature_under_the_tag_of_a_key_that_stays_does_not_stand_for_it(spoilt_step, spoilt, expected):
    assert spoilt_step("K1 Z1 Z2", "K1 Z2", spoilt) == expected


@pytest.mark.parametrize(("spoilt", "expected"), [(None, []), ((None, "Z1"), UNSAFE)])
def test_bad_signatures_of_an_algorithm_do_not_keep_it_up(spoilt_step, spoilt, expected):
    """.gov 2013, with signatures of the algorithm that nobody can verify any more."""
    both = "K1 Z1 K8 Z8"
    assert spoilt_step(both, both, spoilt, hidden=("K1", "Z1")) == expected


@pytest.mark.parametrize("tag", [None, 4711])
def test_a_tag_that_nobody_publishes_stands_for_no_algorithm(compared, keys, now, tag):
    """One of them would do: the next version has only signatures of algorithm 8 and such as no key can have made."""
    before = practice_zone([keys[name] for name in ("K1", "Z1", "K8", "Z8")], now, delegations=1)

    def finish(_index, _rrset, rrsig):
        return [rrsig, changed(rrsig, algorithm=13, key_tag=tag, signature=bytes(64))] if tag else [rrsig]

    after = practice_zone([keys["K8"], keys["Z8"]], now, serial=2, delegations=1, hooks=Hooks(finish=finish))
    ds = ds_text([keys["K1"], keys["K8"]], "test.")
    found = compared(replace(before, ds=ds), replace(after, ds=ds))
    assert [(one.code, one.severity) for one in found] == UNSAFE


def test_where_no_key_changes_no_signature_is_verified(spoilt_step, monkeypatch):
    monkeypatch.delattr("attestations.zone.change.proof.judge")
    assert spoilt_step("K1 Z1 Z2", "K1 Z1 Z2") == spoilt_step("K1 Z1 (Z2)", "K1 Z2 (Z1)") == []


def test_the_work_of_verifying_is_bounded(spoilt_step, monkeypatch):
    monkeypatch.setattr(effort, "MAX_EFFORT", 1000)
    monkeypatch.setattr(effort, "PER_OCTET", 0)
    assert spoilt_step("K1 Z1", "K1 Z2") == UNSAFE * 2
    with pytest.raises(InputError, match="LIMIT"):
        spoilt_step("K1 Z1", "K1 Z1 Z2")


# --- from and to unsigned ---


@pytest.fixture
def unsigned(now, keys):
    text = practice_zone([keys["K1"], keys["Z1"]], now, serial=100, delegations=3).text
    signing = (b" RRSIG ", b" DNSKEY ", b" NSEC3 ", b" NSEC3PARAM ")
    return b"".join(line for line in text.splitlines(keepends=True) if not any(one in line for one in signing))


def test_a_zone_does_not_go_unsigned_while_its_ds_is_cached(compared, unsigned, keys, now):
    # Slack, 30 September 2021
    signed = practice_zone([keys["K1"], keys["Z1"]], now, delegations=3)
    ds = read_anchors(signed.ds, "ds", "test.", "DS")

    def found(previous_anchors, age):
        clock = Clock(now=now, seen_on=ago(now, age))
        both = compared(signed.text, unsigned, clock=clock, previous_anchors=previous_anchors)
        return [(one.code, one.severity) for one in both if one.code == "CACHE_UNSAFE"]

    assert found(ds, 0) == found(ds, DAY - 1) == UNSAFE
    assert found((), 0) == STRICT
    assert found(ds, DAY) == []


def test_a_ds_does_not_come_before_caches_forgot_the_unsigned_zone(compared, unsigned, keys, now):
    signed = practice_zone([keys["K1"], keys["Z1"]], now, serial=101, delegations=3)
    ds = read_anchors(signed.ds, "ds", "test.", "DS")

    def found(anchors, age):
        clock = Clock(now=now, seen_on=ago(now, age))
        both = compared(unsigned, signed.text, clock=clock, previous_anchors=(), anchors=anchors)
        return [(one.code, one.severity) for one in both if one.code == "CACHE_UNSAFE"]

    assert found(ds, TTL - 1) == UNSAFE
    assert found(ds, TTL) == found((), 0) == []


def test_two_unsigned_versions_are_no_transition(compared, unsigned):
    assert compared(unsigned, unsigned.replace(b" 100 7200", b" 101 7200")) == []


def test_an_unsorted_file_is_sorted_before_it_is_accused(compared, keys, now):
    before = practice_zone([keys["K1"], keys["Z1"], keys["Z2"]], now, delegations=3)
    after = practice_zone([keys["K1"], keys["Z2"]], now, serial=2, delegations=3)
    lines = before.text.splitlines(keepends=True)
    tag = b" %d test. " % keys["Z1"].tag
    torn = b"".join(line for line in lines if tag not in line) + b"".join(line for line in lines if tag in line)
    assert [one.code for one in compared(torn, after.text)] == []


def test_a_key_that_signed_before_it_was_published_counts(compared, keys, now):
    # caches verify what they hold of the first version with the key that comes in the second
    first = practice_zone([keys["K1"], keys["Z1"], keys["Z2"]], now, delegations=3)
    hidden = base64.b64encode(keys["Z2"].rdata[4:])[:40]
    text = b"".join(line for line in first.text.splitlines(keepends=True) if hidden not in line.replace(b" ", b""))
    second = practice_zone([keys["K1"], keys["Z1"], keys["Z2"]], now, serial=2, delegations=3)
    third = practice_zone([keys["K1"], replace(keys["Z1"], signs=False), keys["Z2"]], now, serial=2, delegations=3)
    last = practice_zone([keys["K1"], keys["Z2"]], now, serial=2, delegations=3)
    assert compared(text, second.text) == []
    assert [one.severity for one in compared(text, third.text)] == ["error"]  # the old DNSKEY RRset lacks it
    assert [one.severity for one in compared(text, last.text)] == ["error"]
