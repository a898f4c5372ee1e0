"""Threat families E8 and E9: killed, out of disk, not writable, two at once. The ledger stays whole."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from attestations.errors import InputError

APPENDER = Path(__file__).with_name("appender.py")
WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()


@pytest.fixture
def start(key_file):
    """Start a process that appends."""

    def run(path, how="plainly", count=1, before=()):
        command = [*before, sys.executable, APPENDER, path, key_file, how, str(count)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    return run


def finished(process):
    output, _ = process.communicate(timeout=60)
    return output.split(), process.returncode


def code_of(action, *arguments):
    with pytest.raises(InputError) as caught:
        action(*arguments)
    return caught.value.code


@pytest.fixture
def whole(ledger_of, signer):
    """Check that the ledger verifies, holds so many entries, and can be continued."""

    def check(path, size):
        with ledger_of(path) as ledger:
            assert ledger.verify().checkpoint.size == size
            assert ledger.append(b"afterwards", "decision", signer).index == size
            assert [entry.index for entry in ledger.entries()] == list(range(size + 1))

    return check


@pytest.mark.parametrize(
    ("how", "recorded"), [("kill-before-checkpoint", 5), ("kill-before-commit", 5), ("kill-after-commit", 6)]
)
def test_a_process_killed_while_it_appends_leaves_all_or_nothing(five, start, whole, how, recorded):
    assert finished(start(five, how)) == ([], -9)
    whole(five, recorded)


def test_the_same_process_without_the_kill_appends(five, start, whole):
    assert finished(start(five)) == (["5"], 0)
    whole(five, 6)


def test_what_a_killed_process_said_is_recorded_is_recorded(five, start, ledger_of):
    process = start(five, count=10_000)
    said = [int(process.stdout.readline()) for _ in range(25)]
    process.kill()
    rest, _ = process.communicate(timeout=60)
    said += [int(line) for line in rest.split()]
    assert said == list(range(5, 5 + len(said)))
    with ledger_of(five) as ledger:
        assert ledger.verify().checkpoint.size in {5 + len(said), 6 + len(said)}


def test_two_processes_appending_at_once_both_succeed_without_gap_or_fork(five, start, whole):
    both = [start(five, count=50), start(five, count=50)]
    results = [finished(process) for process in both]
    assert [code for _, code in results] == [0, 0]
    assert sorted(int(index) for lines, _ in results for index in lines) == list(range(5, 105))
    whole(five, 105)


def test_a_log_file_cut_at_any_place_gives_the_entries_before_the_cut(empty, tmp_path, ledger_of, signer):
    """A power failure: of SQLite's write-ahead log only a part reached the disk."""
    with ledger_of(empty) as ledger:
        for number in range(4):
            ledger.append(b"entry %d" % number, "decision", signer)
        log = Path(f"{empty}-wal").read_bytes()
        database = empty.read_bytes()
    sizes = []
    for place in [*range(0, len(log), 3001), len(log)]:
        cut = tmp_path / f"cut-{place}.db"
        cut.write_bytes(database)
        Path(f"{cut}-wal").write_bytes(log[:place])
        with ledger_of(cut) as ledger:
            sizes.append(ledger.verify().checkpoint.size)
    assert sizes == sorted(sizes)
    assert set(sizes) == {0, 1, 2, 3, 4}


def test_a_full_disk_is_told_and_the_old_state_is_intact(five, start, whole):
    assert finished(start(five, "full")) == (["DURABLE"], 0)
    whole(five, 5)


def test_a_full_database_is_told_and_the_ledger_goes_on_when_there_is_room(five, ledger_of, signer):
    with ledger_of(five) as ledger:
        pages = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
        assert code_of(ledger.append, bytes(100_000), "decision", signer) == "DURABLE"
        assert ledger.verify().checkpoint.size == 5
        ledger._connection.execute(f"PRAGMA max_page_count = {pages + 100}")
        assert ledger.append(bytes(100_000), "decision", signer).index == 5
        assert ledger.verify().checkpoint.size == 6


@pytest.mark.needs("setpriv")
def test_a_file_that_cannot_be_written_is_told_and_the_old_state_is_intact(five, start, whole):
    five.chmod(0o440)
    assert finished(start(five, before=WITHOUT_PRIVILEGES)) == (["DURABLE"], 0)
    for file in five.parent.glob("ledger.db*"):  # SQLite gave the database's mode to its helper files
        file.chmod(0o640)
    assert finished(start(five, before=WITHOUT_PRIVILEGES)) == (["5"], 0)
    whole(five, 6)


@pytest.mark.needs("setpriv")
def test_a_folder_that_cannot_be_written_is_told_and_the_old_state_is_intact(five, start, whole, tmp_path):
    tmp_path.chmod(0o550)
    assert finished(start(five, before=WITHOUT_PRIVILEGES)) == (["DURABLE"], 0)
    tmp_path.chmod(0o750)
    whole(five, 5)


def test_a_ledger_that_stays_locked_is_told(five, ledger_of, signer):
    with ledger_of(five) as ledger, closing(sqlite3.connect(five, isolation_level=None)) as other:
        ledger._connection.execute("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
        assert code_of(ledger.append, b"x", "decision", signer) == "DURABLE"
        assert ledger.verify().checkpoint.size == 5  # readers do not wait for writers
        other.execute("ROLLBACK")
        assert ledger.append(b"x", "decision", signer).index == 5


def test_a_signer_that_fails_leaves_nothing_behind(five, ledger_of, signer, make_signer):
    with ledger_of(five) as ledger:
        broken = type(signer)(public=signer.public, _library=make_signer()._library)
        assert code_of(ledger.append, b"x", "decision", broken) == "SIGNER"
        assert ledger.verify().checkpoint.size == 5
        assert ledger.append(b"x", "decision", signer).index == 5


def test_a_copy_without_the_write_ahead_log_is_an_older_but_whole_ledger(empty, tmp_path, ledger_of, signer):
    with ledger_of(empty) as ledger:
        ledger.append(b"x", "decision", signer)
        copy = shutil.copy(empty, tmp_path / "copy.db")
        saved = ledger.checkpoint()
    with ledger_of(copy) as ledger:
        assert ledger.verify().checkpoint.size == 0
        assert code_of(ledger.verify, saved) == "LOG"
