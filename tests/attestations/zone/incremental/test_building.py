"""A state is built of a zone that a full pass found valid, whole or not at all, and notices what is done to it."""

import sqlite3
import stat
from dataclasses import replace

import pytest
from steps import SECRET, Followed, difference

from attestations.errors import InputError
from attestations.predicates.zone_validation import Coverage
from attestations.zone.incremental import apply, build, building, facts
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes


@pytest.fixture
def signed(ksk, zsk, now):
    return lambda serial=1, **options: practice_zone([ksk, zsk], now, serial=serial, **options)


@pytest.fixture
def followed(tmp_path, signed, now):
    first = signed()
    zone = Followed(path=tmp_path / "state", ds=first.ds, at=now)
    zone.begin(first.text, 1)
    return zone


@pytest.fixture
def step(followed, signed):
    return difference(followed.text, signed(2, delegations=14).text, (1, 2))


def refused(act):
    with pytest.raises(InputError) as caught:
        act()
    assert caught.value.code == "DNS-STATE"
    return caught.value


def changed(path, statement, *values):
    connection = sqlite3.connect(path)
    with connection:
        assert connection.execute(statement, values).rowcount
    connection.close()


def test_the_state_is_for_its_owner_alone_and_leaves_no_other_file(followed):
    assert stat.S_IMODE(followed.path.stat().st_mode) == 0o600
    assert [*followed.path.parent.iterdir()] == [followed.path]


def test_a_file_that_is_not_in_canonical_order_is_sorted_first(followed, signed):
    first, *lines = signed().text.splitlines(keepends=True)
    shuffled = first + b"".join(sorted(lines, key=lambda line: line[::-1]))
    followed.begin(shuffled, 1)
    followed.text = signed().text
    assert followed.step(signed(2, delegations=14).text, 2).verdict == "valid"


@pytest.mark.parametrize(
    "other",
    [
        {"coverage": Coverage(mode="sample", population=30, checked=30)},
        {"coverage": Coverage(mode="full", population=30, checked=29)},
        {"coverage": Coverage(mode="full", population=31, checked=31)},
    ],
)
def test_only_a_full_pass_over_this_zone_is_believed(followed, signed, tmp_path, other):
    with zone_from_bytes(signed().text, "practice", "test.") as zone:
        report = followed.judged(signed().text)
        assert report.coverage.population == 30
        build(zone, report, tmp_path / "good", SECRET)
        refused(lambda: build(zone, replace(report, **other), tmp_path / "other", SECRET))
        assert not (tmp_path / "other").exists()


def test_the_report_of_another_zone_is_not_believed(followed, signed, tmp_path):
    with zone_from_bytes(signed().text, "practice", "test.") as zone:
        report = followed.judged(signed(2).text)
        refused(lambda: build(zone, report, tmp_path / "other", SECRET))


def test_an_invalid_zone_has_no_state(followed, signed, tmp_path):
    broken = b"".join(line for line in signed().text.splitlines(keepends=True) if b" RRSIG SOA " not in line)
    with zone_from_bytes(broken, "practice", "test.") as zone:
        refused(lambda: build(zone, followed.judged(broken), tmp_path / "other", SECRET))


def test_records_outside_the_zone_have_no_place_in_a_state(followed, signed):
    refused(lambda: followed.begin(signed().text + b"outside.example. 60 IN A 192.0.2.1\n", 1))


def test_a_zone_with_a_digest_over_all_records_has_no_state(followed, signed):
    refused(lambda: followed.begin(signed(1, further="@ IN ZONEMD 1 9 1 " + "AB" * 48 + "\n").text, 1))


def test_a_state_that_is_not_finished_does_not_take_the_place_of_another(followed, signed, step, monkeypatch):
    def fails(*_):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(building, "put_facts", fails)
        with pytest.raises(RuntimeError):
            followed.begin(signed(5).text, 5)
    assert [*followed.path.parent.iterdir()] == [followed.path]
    assert followed.applied([step]).verdict == "valid"


def test_the_rest_of_an_interrupted_run_is_no_obstacle(followed, signed, step):
    (followed.path.parent / ".state.new").write_bytes(b"half a state")
    followed.begin(signed().text, 1)
    assert followed.applied([step]).verdict == "valid"


@pytest.mark.parametrize(("secret", "zone"), [(b"another secret of a gate", "test."), (SECRET, "other.")])
def test_a_state_is_bound_to_its_secret_and_its_zone(followed, step, secret, zone):
    refused(lambda: apply(followed.path, secret, [step], followed.anchors, followed.at, zone=zone))


def test_a_state_is_bound_to_the_validator_and_its_library(followed, step, monkeypatch):
    monkeypatch.setattr(facts, "binding", lambda: "form 1, signer-gatekeeper 9.9")
    assert "9.9" in refused(lambda: followed.applied([step])).wanted


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE owners SET lines = CAST(replace(lines, ?, ?) AS BLOB)", (b" 3600 ", b" 3601 ")),
        ("UPDATE owners SET expires = expires - 1", ()),
        ("UPDATE owners SET flagged = 1", ()),
        ("UPDATE facts SET content = CAST(replace(content, ?, ?) AS BLOB)", (b'"serial":1', b'"serial":0')),
        ("DELETE FROM facts", ()),
        ("DELETE FROM entries", ()),
        ("DELETE FROM entries WHERE kind = 9", ()),
        ("DELETE FROM owners", ()),
    ],
)
def test_what_was_changed_in_the_file_is_noticed(followed, step, statement, values):
    changed(followed.path, statement, *values)
    refused(lambda: followed.applied([step]))


@pytest.mark.parametrize("which", ["file", "folder"])
@pytest.mark.parametrize(("mode", "is_fine"), [(0o744, True), (0o764, False), (0o746, False)])
def test_a_state_that_others_may_write_to_is_refused(followed, step, which, mode, is_fine):
    (followed.path if which == "file" else followed.path.parent).chmod(mode)
    if is_fine:
        assert followed.applied([step]).verdict == "valid"
    else:
        assert "chmod go-w" in refused(lambda: followed.applied([step])).fix


def test_none_is_built_where_others_may_write(followed, signed):
    followed.path.parent.chmod(0o1777)
    refused(lambda: followed.begin(signed(5).text, 5))


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\0" + bytes(1000)])
def test_a_file_that_is_no_state_is_refused(followed, step, content):
    followed.path.unlink()
    if content is not None:
        followed.path.write_bytes(content)
    refused(lambda: followed.applied([step]))
    assert followed.path.exists() == (content is not None)


def test_a_damaged_file_is_refused(followed, step):
    raw = bytearray(followed.path.read_bytes())
    raw[4096:-4096] = bytes(len(raw) - 8192)
    followed.path.write_bytes(raw)
    refused(lambda: followed.applied([step]))


def test_a_cut_file_is_refused(followed, step):
    followed.path.write_bytes(followed.path.read_bytes()[:-8192])
    refused(lambda: followed.applied([step]))


def test_a_state_that_another_uses_is_refused(followed, step, monkeypatch):
    monkeypatch.setattr("attestations.zone.incremental.store._BUSY_SECONDS", 0.1)
    other = sqlite3.connect(followed.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    refused(lambda: followed.applied([step]))
    other.execute("ROLLBACK")
    other.close()
    assert followed.applied([step]).verdict == "valid"
