"""Calibration zones: the good ones are good to a second implementation, the bad ones bad in exactly one way."""

import subprocess
import sys
import time

import pytest

from attestations.zone.practice.samples import ZONE, samples


@pytest.fixture(scope="module")
def by_name(now):
    return {sample.name: sample for sample in samples(now)}


@pytest.mark.parametrize("name", ["good-nsec3", "good-nsec", "one-signature-missing", "one-nsec3-missing"])
def test_every_signature_verifies_where_none_was_touched(by_name, failures, now, name):
    wrong, signatures = failures(by_name[name].text, ZONE, now)
    assert not wrong
    assert signatures > 15


@pytest.mark.parametrize("name", ["one-flipped-bit", "one-expired"])
def test_one_signature_is_wrong_where_one_was_touched(by_name, failures, now, name):
    assert failures(by_name[name].text, ZONE, now)[0] == [("d0.test.", "DS")]


def test_three_keys_under_one_tag_make_two_thirds_of_the_signatures_wrong(by_name, failures, now):
    wrong, signatures = failures(by_name["three-keys-one-tag"].text, ZONE, now)
    assert 0.5 < len(wrong) / signatures < 0.75


def test_what_is_missing_is_one_line_or_one_nsec3_with_its_signature(by_name):
    good, cut = (set(by_name[name].text.splitlines()) for name in ("good-nsec3", "one-signature-missing"))
    assert len(good - cut) == 1
    assert b" RRSIG DS " in (good - cut).pop()
    assert len(good - set(by_name["one-nsec3-missing"].text.splitlines())) == 2


def test_the_ds_of_another_key_is_the_only_difference(by_name):
    good, other = by_name["good-nsec3"], by_name["ds-of-another-key"]
    assert good.text == other.text
    assert good.ds != other.ds


def test_no_two_runs_use_the_same_keys(now):
    first, second = ({sample.text for sample in samples(now)} for _ in range(2))
    assert not first & second


def test_making_them_costs_little_and_needs_no_dns_library(now):
    started = time.process_time()
    samples(now)
    assert time.process_time() - started < 0.1
    code = "import sys, attestations.zone.practice.samples; sys.exit('dns' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
