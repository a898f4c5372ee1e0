"""A step is judged for what it changes; the state follows valid steps only, and never over a gap."""

from dataclasses import replace

import pytest
from steps import SECRET, Followed, difference, later

from attestations import dnskey
from attestations.errors import InputError
from attestations.zone.incremental import affected, apply, applying, comparison
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed
from attestations.zone.reading.transfer.differences import Difference

DAY = 86400


@pytest.fixture
def signed(ksk, zsk, now):
    """Sign a version of the zone."""
    return lambda serial=1, keys=None, **options: practice_zone(keys or [ksk, zsk], now, serial=serial, **options)


@pytest.fixture
def followed(tmp_path, signed, now):
    """Follow the zone from its first version."""
    first = signed()
    zone = Followed(path=tmp_path / "state", ds=first.ds, at=now)
    zone.begin(first.text, 1)
    return zone


def errors(report):
    return {code for code, severity in report.findings.totals if severity == "error"}


def refused(act):
    with pytest.raises(InputError) as caught:
        act()
    assert caught.value.code == "DNS-STATE"
    return caught.value


def hook(rtype, change):
    return Hooks(finish=lambda _i, rrset, rrsig: change(rrset, rrsig) if rrset.rtype.name == rtype else (rrsig,))


def test_a_step_comes_to_the_report_of_a_full_pass(followed, signed):
    text = signed(2, delegations=14).text
    full, report = followed.judged(text), followed.step(text, 2)
    assert (report.verdict, report.coverage.mode) == ("valid", "delta")
    assert 0 < report.coverage.checked <= report.coverage.population == full.coverage.population
    assert (report.counts, report.by_key, report.denial) == (full.counts, full.by_key, full.denial)
    assert (report.zone.name, report.zone.serial, report.zone.source.kind) == ("test.", 2, "ixfr")


def test_steps_follow_each_other_alone_and_together(followed, signed):
    texts = [signed(1).text, *(signed(serial, delegations=11 + serial).text for serial in (2, 3, 4))]
    followed.step(texts[1], 2)
    steps = [difference(texts[1], texts[2], (2, 3)), difference(texts[2], texts[3], (3, 4))]
    report = followed.applied(steps)
    assert (report.verdict, report.zone.serial) == ("valid", 4)


@pytest.mark.parametrize(("serials", "is_refused"), [((1, 2), False), ((2, 3), True), ((0, 2), True), ((1, 1), True)])
def test_a_gap_between_serials_is_refused(followed, signed, serials, is_refused):
    step = difference(followed.text, signed(2).text, serials)
    if is_refused:
        assert "without a gap" in refused(lambda: followed.applied([step])).wanted
    else:
        assert followed.applied([step]).verdict == "valid"


def test_a_step_is_not_taken_twice(followed, signed):
    step = difference(followed.text, signed(2).text, (1, 2))
    followed.applied([step])
    refused(lambda: followed.applied([step]))


def test_a_serial_that_the_soa_record_does_not_have_is_refused(followed, signed):
    refused(lambda: followed.applied([difference(followed.text, signed(2).text, (1, 3))]))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"hooks": hook("DS", lambda _, rrsig: (changed(rrsig, signature=bytes(64)),))}, "SIG_WRONG_KEY"),
        ({"hooks": hook("DS", lambda *_: ())}, "SIG_MISSING"),
        ({"hooks": hook("SOA", lambda *_: ())}, "SIG_MISSING"),
    ],
)
def test_the_state_does_not_follow_an_invalid_step(followed, signed, options, code):
    report = followed.step(signed(2, delegations=16, **options).text, 2)
    assert report.verdict == "invalid"
    assert code in errors(report)
    assert followed.step(signed(2, delegations=16).text, 2).verdict == "valid"


def is_denial(line):
    return any(field in (b"NSEC", b"NSEC3") for field in line.split()[3:5])


@pytest.mark.parametrize(
    ("denial", "is_valid"), [("nsec", (False, False)), (Nsec3(), (False, False)), (Nsec3(opt_out=True), (False, True))]
)
def test_a_chain_must_follow_the_names(tmp_path, signed, now, denial, is_valid):
    texts = [signed(serial, denial=denial, delegations=count).text for serial, count in ((1, 9), (2, 10), (2, 8))]
    verdicts = []
    for number, text in enumerate(texts[1:]):  # a secure delegation more, an insecure one less
        zone = Followed(path=tmp_path / f"{number}", ds=signed().ds, at=now)
        zone.begin(texts[0], 1)
        step = difference(texts[0], text, (1, 2))
        without = replace(
            step,
            deleted=tuple(line for line in step.deleted if not is_denial(line)),
            added=tuple(line for line in step.added if not is_denial(line)),
        )
        report = zone.applied([without])
        verdicts.append(report.verdict == "valid")
        assert bool(errors(report) & {"DENIAL_CHAIN", "DENIAL_BITMAP"}) != verdicts[-1]
        assert report.denial.chain_ok == verdicts[-1]
        if report.verdict != "valid":
            assert zone.applied([step]).verdict == "valid"
    assert tuple(verdicts) == is_valid


def test_another_key_under_the_tag_of_a_published_one_is_noticed_at_what_did_not_change(tmp_path, now, signed):
    ksk, key = new_key(KSK_FLAGS, dnskey.ED25519), new_key(ZSK_FLAGS, dnskey.ED25519)
    public = key.rdata[4:]
    twin = replace(key, rdata=key.rdata[:4] + public[2:4] + public[:2] + public[4:])
    assert twin.tag == key.tag
    first = signed(1, keys=[ksk, key])
    zone = Followed(path=tmp_path / "state", ds=first.ds, at=now)
    zone.begin(first.text, 1)
    step = difference(first.text, signed(2, keys=[ksk, twin]).text, (1, 2))
    unchanged = [line for line in step.added if line.split()[4] == b"NSEC3"]
    assert unchanged == []
    report = zone.applied([step])
    assert report.counts.bogus > 20
    assert errors(report) == {"SIG_WRONG_KEY"}


def test_a_key_that_goes_takes_its_signatures_with_it(followed, signed, ksk, zsk):
    other = new_key(ZSK_FLAGS)
    both = signed(2, keys=[ksk, replace(zsk, signs=False), other])
    assert followed.step(both.text, 2).verdict == "valid"
    left = hook("DS", lambda rrset, rrsig: (re_signed(changed(rrsig, key_tag=zsk.tag), rrset, zsk.sign),))
    assert followed.step(signed(3, keys=[ksk, replace(zsk, signs=False), other], hooks=left).text, 3).verdict == "valid"
    report = followed.step(signed(4, keys=[ksk, other], hooks=left).text, 4)
    assert errors(report) == {"KEY_NOT_PUBLISHED"}
    assert followed.step(signed(4, keys=[ksk, other]).text, 4).verdict == "valid"


@pytest.mark.parametrize(("seconds", "verdict"), [(14 * DAY, "valid"), (14 * DAY + 1, "invalid")])
def test_time_passes_without_a_step(followed, seconds, verdict):
    report = followed.applied([], later(followed.at, seconds))
    assert report.verdict == verdict
    assert report.min_remaining_seconds == 14 * DAY - seconds
    assert errors(report) == ({"SIG_EXPIRED", "DS_CHAIN"} if verdict == "invalid" else set())


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, True), (0, False)])
def test_no_step_is_judged_before_the_moment_of_the_state(followed, seconds, is_refused):
    if is_refused:
        refused(lambda: followed.applied([], later(followed.at, seconds)))
    else:
        assert followed.applied([], later(followed.at, seconds)).verdict == "valid"


def test_a_warning_is_told_again_with_each_step(tmp_path, signed, now):
    stranger = new_key(ZSK_FLAGS)
    extra = hook("AAAA", lambda rrset, rrsig: (rrsig, re_signed(rrsig, rrset, stranger.sign)))
    first = signed(1, hooks=extra)
    zone = Followed(path=tmp_path / "state", ds=first.ds, at=now)
    assert ("SIG_EXTRA_WRONG_KEY", "warning") in zone.begin(first.text, 1).findings.totals
    for serial in (2, 3):
        report = zone.step(signed(serial, hooks=extra).text, serial)
        assert report.verdict == "valid"
        assert report.findings.totals["SIG_EXTRA_WRONG_KEY", "warning"] == 1
    assert ("SIG_EXTRA_WRONG_KEY", "warning") not in zone.step(signed(4).text, 4).findings.totals


def test_the_spelling_of_a_step_does_not_matter(followed, signed):
    step = difference(followed.text, signed(2, delegations=11).text, (1, 2))
    deleted = tuple(b"\t".join((line.split()[0].upper(), *line.split()[1:])) for line in step.deleted)
    assert followed.applied([replace(step, deleted=deleted)]).verdict == "valid"


@pytest.mark.parametrize(
    ("deleted", "added"),
    [
        ((b"absent.test. 3600 IN A 192.0.2.1",), ()),
        ((b"nic.test. 60 IN A 192.0.2.3",), ()),
        ((), (b"nic.test. 3600 IN A 192.0.2.3",)),
        ((), (b"outside.example. 3600 IN A 192.0.2.3",)),
        ((), (b"nic.test. 3600 IN A 192.0.2.333",)),
        ((), (b"nic 3600 IN A 192.0.2.3",)),
        ((), (b"not a record",)),
    ],
)
def test_a_step_that_does_not_fit_the_state_is_refused(followed, signed, deleted, added):
    step = difference(followed.text, signed(2).text, (1, 2))
    wrong = replace(step, deleted=(*step.deleted, *deleted), added=(*step.added, *added))
    refused(lambda: followed.applied([wrong]))
    assert followed.applied([step]).verdict == "valid"


@pytest.mark.parametrize(
    "options",
    [
        {"denial": "nsec"},
        {"denial": Nsec3(salt=b"\xaa")},
        {"further": "@ IN ZONEMD 2 1 1 " + "AB" * 48 + "\n"},
    ],
)
def test_what_changes_everything_needs_a_full_pass(followed, signed, options):
    refused(lambda: followed.step(signed(2, **options).text, 2))


def test_another_algorithm_needs_a_full_pass(followed, signed, ksk, zsk):
    refused(lambda: followed.step(signed(2, keys=[ksk, zsk, new_key(ZSK_FLAGS, 15)]).text, 2))


@pytest.mark.parametrize(("bound", "is_refused"), [(400, False), (5, True)])
def test_so_many_owners_are_judged_anew_and_no_more(followed, signed, monkeypatch, bound, is_refused):
    monkeypatch.setattr(affected, "MAX_OWNERS", bound)
    act = lambda: followed.applied([], later(followed.at, 15 * DAY))  # noqa: E731
    if is_refused:
        refused(act)
    else:
        assert act().verdict == "invalid"


def test_a_failure_on_the_way_leaves_the_state_as_it_was(followed, signed, monkeypatch):
    def fails(*_):
        raise RuntimeError

    text = signed(2, delegations=20).text
    with monkeypatch.context() as patch:
        patch.setattr(applying, "put_facts", fails)
        with pytest.raises(RuntimeError):
            followed.step(text, 2)
    assert followed.step(text, 2).verdict == "valid"


def test_the_digest_tells_steps_apart(followed, signed, tmp_path, now):
    other = Followed(path=tmp_path / "other", ds=followed.ds, at=now)
    other.begin(followed.text, 1)
    digests = {
        zone.step(signed(2, delegations=12 + plus).text, 2).zone.sha256 for zone, plus in ((followed, 0), (other, 1))
    }
    assert len(digests) == 2


def test_without_a_trust_anchor_the_state_does_not_advance(followed, signed):
    step = difference(followed.text, signed(2).text, (1, 2))
    report = apply(followed.path, SECRET, [step], (), followed.at, zone="test.")
    report.zone.close()
    assert report.verdict == "inconclusive"
    assert followed.applied([step]).verdict == "valid"


def test_an_empty_difference_must_still_raise_the_serial(followed):
    refused(lambda: followed.applied([Difference(old=1, new=2, deleted=(), added=())]))


@pytest.mark.parametrize(("units", "is_fine"), [(1_000_000, True), (1_000, False)])
def test_a_step_that_asks_for_too_much_work_is_left_to_a_full_pass(followed, signed, monkeypatch, units, is_fine):
    monkeypatch.setattr(comparison, "MAX_EFFORT", units)
    if is_fine:
        assert followed.step(signed(2).text, 2).verdict == "valid"
    else:
        assert "units of work" in refused(lambda: followed.step(signed(2).text, 2)).found
