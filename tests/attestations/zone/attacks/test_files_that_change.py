"""A file that is another one by the time it is judged: no verdict is given under the digest of the first."""

import os
from functools import partial

import pytest

from attestations.zone import command
from attestations.zone.command import State, Task, engines_named, run
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_file
from attestations.zone.validation.anchors import read_anchors


@pytest.fixture
def outcome(now, tmp_path, monkeypatch):
    """Judge the file of a zone, to which something happens once its digest is taken."""

    def judged(zone, happens, **options):
        path = tmp_path / "zone"
        path.write_bytes(zone.text)
        os.utime(path, (1_000_000_000, 1_000_000_000))
        judge = command.judge_with

        def later(*arguments):
            happens(path)
            return judge(*arguments)

        monkeypatch.setattr(command, "judge_with", later)
        task = Task(
            name="test.",
            read=partial(zone_from_file, path, "test."),
            anchors=read_anchors(zone.ds, "ds", "test.", "DS"),
            at=now,
            engines=engines_named(["native"]),
            **options,
        )
        return run(task)

    return judged


def overwritten(path, text):
    """Put other content of the same size into a file, and its times back."""
    times = path.stat()
    assert len(text) == times.st_size
    with path.open("r+b") as file:
        file.write(text)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_another_good_zone_is_not_valid_under_the_old_digest(now, ksk, zsk, outcome):
    zone, other = (practice_zone((ksk, zsk), now, serial=serial) for serial in (1, 2))
    result = outcome(zone, lambda path: overwritten(path, other.text))
    assert (result.exit_code, result.document.verdict) == (11, "inconclusive")
    assert result.document.error.code == "DNS-ZONEFILE"
    assert result.results == ()


def test_a_file_that_is_only_read_meanwhile_is_valid(now, ksk, zsk, outcome):
    result = outcome(practice_zone((ksk, zsk), now), lambda path: path.read_bytes())
    assert result.exit_code == 0


def test_no_state_is_kept_of_a_file_that_changed(now, ksk, zsk, outcome, tmp_path):
    zone, other = (practice_zone((ksk, zsk), now, serial=serial) for serial in (1, 2))
    state = State(path=tmp_path / "state", secret=bytes(32))
    assert outcome(zone, lambda path: overwritten(path, other.text), state=state).exit_code == 11
    assert not state.path.exists()


def test_a_state_is_kept_of_one_that_did_not(now, ksk, zsk, outcome, tmp_path):
    state = State(path=tmp_path / "state", secret=bytes(32))
    assert outcome(practice_zone((ksk, zsk), now), lambda path: path.read_bytes(), state=state).exit_code == 0
    assert state.path.exists()
