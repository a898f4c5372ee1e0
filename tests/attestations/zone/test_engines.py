"""Engines: calibrated in every run, no vote where they cannot judge, counts that their words support."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from dns.rdatatype import RdataType

from attestations.predicates.zone_validation import Calibration
from attestations.tool import ToolError
from attestations.zone.calibration import calibrate, is_calibrated
from attestations.zone.engines import ENGINES, judge_with
from attestations.zone.findings import collect, finding
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.samples import samples
from attestations.zone.practice.signing import Hooks, changed, ds_text, practice_zone, re_signed
from attestations.zone.validation.whole import validate

TOOLS = pytest.mark.needs("dnssec-verify", "dnssec-dsfromkey", "ldns-verify-zone", "kzonecheck", "validns")
OTHERS = ("bind", "ldns", "knot", "validns")
RSA = 8


@dataclass(frozen=True)
class Fake:
    """An engine that always says the same."""

    says: str
    name: str = "fake"
    code_base: str = "fake"
    crypto_library: str = "none"
    takes_time: bool = True
    calibrated_with: int = 13

    def version(self):
        raise ToolError("fake")

    def validate(self, zone, anchors, at, *, jobs=None):
        code, severity = {"invalid": ("SIG_MISSING", "error"), "inconclusive": ("NOTHING_CHECKED", "warning")}[
            self.says
        ]
        said = [] if self.says == "valid" else [finding(code, severity, zone.name, None, "always")]
        return replace(validate(zone, anchors, at, jobs=jobs), findings=collect(said))


class Yes(Fake):
    def validate(self, zone, anchors, at, *, jobs=None):
        return replace(validate(zone, anchors, at, jobs=jobs), findings=collect([]))


@TOOLS
@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_tells_good_zones_from_bad_ones(name, now):
    calibration = calibrate(ENGINES[name], now)
    assert calibration == Calibration(good=2, good_passed=2, bad=6, bad_refused=6)


def test_calibration_of_the_native_engine_takes_less_than_half_a_second(now):
    started = time.process_time()
    calibrate(ENGINES["native"], now)
    assert time.process_time() - started < 0.5


def test_no_two_calibrations_use_the_same_zone(now):
    first, second = ({sample.text for sample in samples(now)} for _ in range(2))
    assert not first & second


@pytest.mark.parametrize("engine", [Yes("valid"), Fake("invalid"), Fake("inconclusive")], ids=["yes", "no", "dunno"])
def test_an_engine_that_fails_calibration_has_no_vote(engine, loaded, ksk, zsk, now):
    zone, anchors = loaded(practice_zone([ksk, zsk], now))
    result = judge_with(engine, zone, anchors, now)
    assert result.report.verdict == "inconclusive"
    assert ("VALIDATOR_UNCALIBRATED", "warning") in result.report.findings.totals


def test_an_engine_that_passes_calibration_has_its_vote(loaded, ksk, zsk, now):
    zone, anchors = loaded(practice_zone([ksk, zsk], now))
    assert judge_with(ENGINES["native"], zone, anchors, now).report.verdict == "valid"


@pytest.mark.parametrize(
    ("good", "good_passed", "bad", "bad_refused", "calibrated"),
    [(2, 2, 6, 6, True), (2, 1, 6, 6, False), (2, 2, 6, 5, False), (0, 0, 6, 6, False), (2, 2, 0, 0, False)],
)
def test_calibrated_means_every_sample_right_and_some_of_each_sort(good, good_passed, bad, bad_refused, calibrated):
    calibration = Calibration(good=good, good_passed=good_passed, bad=bad, bad_refused=bad_refused)
    assert is_calibrated(calibration) is calibrated


@TOOLS
@pytest.mark.parametrize("name", ["bind", "ldns"])
def test_the_counts_of_other_code_bases_for_three_keys_equal_ours(name, loaded, examine, ksk, zsk, now):
    private = [zsk.sign, new_key(ZSK_FLAGS).sign, new_key(ZSK_FLAGS).sign]
    hooks = Hooks(signer=lambda i, _rrset, key: key.sign if key.is_ksk else private[i % 3])
    practice = practice_zone([ksk, zsk], now, hooks=hooks)
    theirs, ours = ENGINES[name].validate(*loaded(practice), now), examine(practice)
    assert theirs.counts == ours.counts
    assert (ours.counts.ok, ours.counts.bogus) == (11, 19)
    assert theirs.coverage == ours.coverage
    assert theirs.by_key == ours.by_key


@TOOLS
@pytest.mark.parametrize("name", ["bind", "ldns"])
def test_of_two_signatures_a_tool_is_only_known_to_have_verified_one(name, loaded, ksk, zsk, now):
    stranger = new_key(ZSK_FLAGS)
    hooks = Hooks(finish=lambda _i, rrset, rrsig: (rrsig, re_signed(rrsig, rrset, stranger.sign)))
    report = ENGINES[name].validate(*loaded(practice_zone([ksk, zsk], now, hooks=hooks)), now)
    assert report.verdict == "valid"
    assert report.counts.rrsigs == 2 * report.counts.rrsets
    assert report.counts.ok == report.counts.rrsets
    assert report.coverage.checked == report.coverage.population


@TOOLS
def test_ldns_judges_at_the_time_asked(loaded, ksk, zsk, now):
    zone, anchors = loaded(practice_zone([ksk, zsk], now))
    later = type(now).of(now + timedelta(days=15))
    assert ENGINES["ldns"].validate(zone, anchors, now).verdict == "valid"
    report = ENGINES["ldns"].validate(zone, anchors, later)
    assert report.verdict == "invalid"
    assert report.counts.expired == 1
    assert report.min_remaining_seconds == -86400


@TOOLS
def test_what_ldns_did_not_look_at_is_not_counted_as_checked(loaded, ksk, zsk, now):
    # Without a good DNSKEY RRset it stops: its silence about the rest proves nothing.
    practice = practice_zone([ksk, zsk], now)
    report = ENGINES["ldns"].validate(*loaded(replace(practice, ds=ds_text([new_key(KSK_FLAGS)], practice.name))), now)
    assert report.verdict == "invalid"
    assert report.counts.ok == 0
    assert report.coverage.checked == 0


@TOOLS
def test_ldns_has_no_vote_on_signatures_that_end_after_2038(loaded, ksk, zsk, now):
    def far(_index, rrset, rrsig):
        key = ksk if rrset.rtype == RdataType.DNSKEY else zsk
        return (re_signed(changed(rrsig, expiration=2**31), rrset, key.sign),)

    report = ENGINES["ldns"].validate(*loaded(practice_zone([ksk, zsk], now, hooks=Hooks(finish=far))), now)
    assert report.verdict == "inconclusive"
    assert ("VALIDATOR_BLIND", "warning") in report.findings.totals
    assert report.coverage.checked == 0


@TOOLS
def test_bind_has_no_vote_when_it_cannot_tell_which_ksk_signs(loaded, ksk, zsk, now):
    second = new_key(KSK_FLAGS)
    both = practice_zone([ksk, second, zsk], now)
    assert ENGINES["bind"].validate(*loaded(both), now).verdict == "valid"  # the DS names both
    report = ENGINES["bind"].validate(*loaded(replace(both, ds=ds_text([ksk], both.name))), now)
    assert report.verdict == "inconclusive"
    assert ("VALIDATOR_BLIND", "warning") in report.findings.totals


@TOOLS
@pytest.mark.parametrize("name", OTHERS)
def test_without_an_anchor_no_engine_passes_a_zone(name, loaded, now):
    zone, _ = loaded(practice_zone([new_key(KSK_FLAGS, RSA), new_key(ZSK_FLAGS, RSA)], now))
    report = ENGINES[name].validate(zone, (), now)
    assert report.verdict == "inconclusive"
    assert ("NO_TRUST_ANCHOR", "warning") in report.findings.totals


def test_a_zone_without_keys_and_signatures_is_inconclusive_without_ds_and_invalid_with_it(loaded, ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now)
    bare = b"".join(
        line for line in practice.text.splitlines(keepends=True) if not any(t in line for t in (b"RRSIG", b"DNSKEY"))
    )
    zone, anchors = loaded(replace(practice, text=bare))
    for name in ENGINES:
        report = ENGINES[name].validate(zone, (), now)
        assert report.verdict == "inconclusive"
        assert report.coverage.checked == report.counts.rrsigs == 0
        assert ENGINES[name].validate(zone, anchors, now).verdict == "invalid"


@TOOLS
@pytest.mark.parametrize("name", OTHERS)
def test_a_tool_that_cannot_read_the_zone_has_no_vote(name, loaded, now, tmp_path):
    zone, anchors = loaded(practice_zone([new_key(KSK_FLAGS, RSA), new_key(ZSK_FLAGS, RSA)], now))
    with (tmp_path / "other").open("w+b") as other:
        other.write(b"not a zone\n")
        other.flush()
        report = ENGINES[name].validate(replace(zone, original=other.fileno(), stamp=()), anchors, now)
    assert report.verdict == "inconclusive"
    assert {code for code, _ in report.findings.totals} <= {"VALIDATOR_FAILED", "VALIDATOR_BLIND"}
    assert report.counts.rrsigs > 0 == report.coverage.checked


@pytest.mark.parametrize("name", OTHERS)
def test_a_tool_that_is_not_installed_has_no_vote(name, loaded, now, monkeypatch, tmp_path):
    monkeypatch.setattr("attestations.tool._FOLDERS", (tmp_path,))
    zone, anchors = loaded(practice_zone([new_key(KSK_FLAGS, RSA), new_key(ZSK_FLAGS, RSA)], now))
    result = judge_with(ENGINES[name], zone, anchors, now)
    assert result.report.verdict == "inconclusive"
    assert ("VALIDATOR_FAILED", "warning") in result.report.findings.totals
    assert result.version.startswith("unknown")


@pytest.mark.parametrize("name", OTHERS)
def test_a_disk_without_room_is_no_verdict(name, loaded, now, monkeypatch):
    zone, anchors = loaded(practice_zone([new_key(KSK_FLAGS, RSA), new_key(ZSK_FLAGS, RSA)], now))
    monkeypatch.setattr("tempfile.tempdir", "/proc")  # nothing can be made there
    report = ENGINES[name].validate(zone, anchors, now)
    assert report.findings.totals == {("VALIDATOR_FAILED", "warning"): 1}


def test_findings_are_cut_but_never_lose_count():
    many = [finding("OUT_OF_ZONE", "warning", "test.", None, "x")] * 300 + [
        finding("SIG_MISSING", "error", "test.", None, "y")
    ]
    findings = collect(many)
    assert findings.verdict == "invalid"
    assert findings.kept[0].code == "SIG_MISSING"
    assert len(findings.kept) == 51
    assert findings.omitted == 250


def test_hostile_names_stay_inert():
    made = finding("SIG_MISSING", "error", "x.test.", None, "\N{RIGHT-TO-LEFT OVERRIDE}\x1b")
    assert made.message.isascii()
