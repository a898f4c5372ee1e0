"""A5 where a folder cannot say it: files that change while the gate runs (P6)."""

import json
import os
import sys
from pathlib import Path

import pytest
from attacks.model import EVALUATE
from attacks.signing import with_envelope
from world.documents import NOW
from world.registry import World

from gatekeeper.cli import main_group

HSM = "evidence/hsm.json"


class Watch:
    """Counts every opening of a file below a folder, and does something at the opening of one."""

    def __init__(self) -> None:
        self.folder = None
        self.opened = []
        self.at = {}

    def start(self, folder):
        self.folder, self.opened, self.at = str(folder), [], {}

    def stop(self):
        self.folder = None

    def __call__(self, event, arguments):
        """Called for every audit event of the process (PEP 578): a hook can never be taken away again."""
        if event != "open" or self.folder is None or not isinstance(arguments[0], str | os.PathLike):
            return
        path = Path.cwd() / arguments[0]
        if str(path).startswith(self.folder):
            name = path.relative_to(self.folder).as_posix()
            self.opened.append(name)
            self.at.pop(name, lambda: None)()


WATCH = Watch()
sys.addaudithook(WATCH)


@pytest.fixture
def watch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    WATCH.start(tmp_path)
    yield WATCH
    WATCH.stop()


def evaluate():
    told = Path.cwd() / "report.json"
    arguments = [*EVALUATE, "--at", NOW, f"--report=json={told}"]
    exit_code = main_group.main(arguments, prog_name="gatekeeper", standalone_mode=False)
    return exit_code, json.loads(told.read_text())


def after_reading(watch, folder, name, other):
    """Write `other` into the file `name` when the next one is opened."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.glob("evidence/*"))
    following = names[names.index(name) + 1]
    watch.at[following] = lambda: (folder / name).write_bytes(other)


def test_every_file_is_opened_exactly_once(watch, tmp_path):
    World().write(tmp_path)
    inputs = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    watch.opened.clear()

    exit_code, _ = evaluate()

    assert exit_code == 0
    assert sorted(name for name in watch.opened if name in inputs) == inputs


def test_evidence_that_turns_good_after_it_was_read_is_refused(watch, tmp_path):
    good = World().files()[HSM]
    with_envelope("hsm.json", lambda envelope: envelope.update(signatures=[])).write(tmp_path)
    after_reading(watch, tmp_path, HSM, good)

    exit_code, told = evaluate()

    assert (tmp_path / HSM).read_bytes() == good, "the file was swapped"
    assert (exit_code, told["reasonCodes"]) == (11, ["SIG-NONE"])


def test_evidence_that_turns_bad_after_it_was_read_was_good(watch, tmp_path):
    World().write(tmp_path)
    untouched = evaluate()[1]
    after_reading(watch, tmp_path, HSM, b"{}")

    exit_code, told = evaluate()

    assert (tmp_path / HSM).read_bytes() == b"{}", "the file was swapped"
    assert (exit_code, told) == (0, untouched)
