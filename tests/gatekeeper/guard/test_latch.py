"""The latch: durable, and whatever cannot be read is a halt."""

import json
import os
import subprocess
import sys

import pytest

from attestations.errors import InputError
from attestations.records import ZoneName
from attestations.times import Instant
from gatekeeper.guard import latch as module
from gatekeeper.guard.latch import (
    UNREADABLE,
    Halt,
    file_of,
    halted_on,
    latch,
    locked,
    release,
    standing,
    with_witnesses,
)

ZONE, OTHER, ROOT = ZoneName("example."), ZoneName("other."), ZoneName(".")
LONG = ZoneName(".".join(["a" * 63] * 3 + ["b" * 61]) + ".")
SINCE = Instant.parse("2026-05-05T19:30:00Z")
ALWAYS = ZoneName("example.")


def halt(zone=ZONE, **changed):
    return Halt(**{"id": "1f", "zone": zone, "reason": "wrong key", "halted_on": SINCE, **changed})


def test_an_empty_folder_holds_no_halt(tmp_path):
    assert standing(tmp_path, ZONE) is None


@pytest.mark.parametrize("zone", [ZONE, ROOT, LONG], ids=["ordinary", "root", "longest"])
def test_a_halt_is_read_as_it_was_written(tmp_path, zone):
    latch(tmp_path, halt(zone, witnessed=("ns1",)))
    assert standing(tmp_path, zone) == halt(zone, witnessed=("ns1",))
    assert standing(tmp_path, OTHER) is None


def test_there_is_one_file_for_each_zone_and_the_last_halt_counts(tmp_path):
    for one in ("1f", "2e"):
        latch(tmp_path, halt(id=one))
    assert standing(tmp_path, ZONE).id == "2e"
    assert list(tmp_path.iterdir()) == [file_of(tmp_path, ZONE)]


def test_a_folder_that_is_missing_is_made_for_a_halt(tmp_path):
    latch(tmp_path / "new", halt())
    assert standing(tmp_path / "new", ZONE) == halt()


def test_a_folder_that_is_missing_halts_every_zone_and_nothing_ends_that(tmp_path):
    unreadable = standing(tmp_path / "not mounted", ZONE)
    assert (unreadable.id, unreadable.zone) == (UNREADABLE, ZONE)
    assert unreadable.halted_on == Instant.parse("9999-12-31T23:59:59Z")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        json.dumps({"id": "1f", "zone": "other.", "reason": "r", "haltedOn": str(SINCE)}).encode(),
        json.dumps({"id": "1f", "zone": "example.", "reason": "r", "haltedOn": str(SINCE), "ended": True}).encode(),
        b"[" * 10_000,
        b" " * 1_000_000,
    ],
    ids=["empty", "cut", "a list", "no text", "no members", "another zone", "more", "deep", "long"],
)
def test_a_file_that_is_damaged_is_a_halt_of_the_time_of_the_file(tmp_path, raw):
    path = file_of(tmp_path, ZONE)
    path.write_bytes(raw)
    os.utime(path, (SINCE.timestamp(), SINCE.timestamp()))
    assert (standing(tmp_path, ZONE).id, standing(tmp_path, ZONE).halted_on) == (UNREADABLE, SINCE)


def test_something_else_in_the_place_of_the_file_is_a_halt(tmp_path):
    file_of(tmp_path, ZONE).mkdir()
    assert standing(tmp_path, ZONE).id == UNREADABLE
    file_of(tmp_path, OTHER).symlink_to(tmp_path / "nowhere")
    assert standing(tmp_path, OTHER).id == UNREADABLE


def test_a_halt_whose_writer_was_killed_half_way_stands(tmp_path):
    killed = "import os, signal; os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
    wanted = "from pathlib import Path; from attestations.durable import write_durably; import sys\n"
    write = "write_durably(Path(sys.argv[1]), b'half a halt')"
    path = file_of(tmp_path, ZONE)
    run = subprocess.run([sys.executable, "-c", killed + wanted + write, path], check=False)
    assert (run.returncode, path.exists()) == (-9, False)
    assert (standing(tmp_path, ZONE).id, standing(tmp_path, OTHER)) == (UNREADABLE, None)
    release(tmp_path, ZONE)
    assert (standing(tmp_path, ZONE), list(tmp_path.iterdir())) == (None, [])


def test_what_is_released_is_gone_and_only_that(tmp_path):
    latch(tmp_path, halt())
    latch(tmp_path, halt(OTHER))
    release(tmp_path, ZONE)
    assert (standing(tmp_path, ZONE), standing(tmp_path, OTHER)) == (None, halt(OTHER))


def test_a_halt_that_cannot_be_taken_away_or_written_is_told(tmp_path):
    file_of(tmp_path, ZONE).mkdir()
    with pytest.raises(InputError, match="halt") as refusal:
        release(tmp_path, ZONE)
    assert refusal.value.code == "DURABLE"
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as refusal:
        latch(tmp_path / "file", halt())
    assert refusal.value.code == "DURABLE"


def test_witnesses_are_added_to_the_halt_and_never_to_one_that_cannot_be_read(tmp_path):
    latch(tmp_path, halt(witnessed=("b",)))
    with_witnesses(tmp_path, standing(tmp_path, ZONE), ["a", "b"])
    assert standing(tmp_path, ZONE) == halt(witnessed=("a", "b"))
    file_of(tmp_path, ZONE).write_bytes(b"{")
    with_witnesses(tmp_path, standing(tmp_path, ZONE), ["c"])
    assert file_of(tmp_path, ZONE).read_bytes() == b"{"


def test_two_commands_do_not_work_on_one_folder_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    with locked(tmp_path) as first, locked(tmp_path) as second:
        assert (first, second) == (True, False)
    with locked(tmp_path) as third:
        assert third is True


def test_a_folder_that_is_missing_cannot_be_held(tmp_path):
    with locked(tmp_path / "missing") as ours:
        assert ours is False


@pytest.mark.parametrize("known", [halt(), halt(id="0a")], ids=["the same halt", "one that another has followed"])
def test_witnesses_never_bring_back_a_halt_that_another_one_has_followed(tmp_path, known):
    latch(tmp_path, halt())
    with_witnesses(tmp_path, known, ["a"])
    assert standing(tmp_path, ZONE) == halt(witnessed=("a",) if known == halt() else ())


def unfinished(folder, name, at):
    path = folder / f".{file_of(folder, ZONE).name}.{name}"
    path.touch()
    os.utime(path, (at.timestamp(), at.timestamp()))


LATER = Instant.parse("2026-05-05T20:30:00Z")


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_of_several_halts_whose_writers_were_killed_the_last_one_counts(tmp_path, names):
    for name, at in zip(names, (SINCE, LATER), strict=True):
        unfinished(tmp_path, name, at)
    assert (standing(tmp_path, ZONE).id, standing(tmp_path, ZONE).halted_on) == (UNREADABLE, LATER)


@pytest.mark.parametrize(("at", "since"), [(SINCE, LATER), (LATER, SINCE)])
def test_a_halt_is_as_late_as_a_later_one_of_the_zone_whose_writer_was_killed(tmp_path, at, since):
    latch(tmp_path, halt(halted_on=at))
    unfinished(tmp_path, "a", since)
    assert standing(tmp_path, ZONE) == halt(halted_on=LATER)


@pytest.mark.parametrize(("before", "wanted"), [(None, SINCE), (SINCE, SINCE), (LATER, LATER)])
def test_a_clock_that_was_set_back_makes_no_halt_older_than_the_one_before(before, wanted):
    assert halted_on(halt(halted_on=before) if before else None, SINCE) == wanted


def test_what_cannot_be_read_tells_no_time_for_the_halt_after_it(tmp_path):
    assert halted_on(standing(tmp_path / "missing", ZONE), SINCE) == SINCE
