"""D6 Time of check, time of use: what is swapped while the gate runs (P6: each file is opened once)."""

import os
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from world.documents import NOW
from world.host import Host
from world.keys import signer
from world.registry import World

CASE = [f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust")]
EVALUATE = ["evaluate", *CASE, "--at", NOW]


@dataclass
class Watch:
    """An audit hook cannot be removed, so one is installed that looks only where and when it is told to."""

    below: Path | None = None
    opened: Counter[str] = field(default_factory=Counter)
    swaps: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """when this file is opened, that one is replaced"""

    def __call__(self, event, arguments):
        if event != "open" or self.below is None or not isinstance(arguments[0], str | os.PathLike):
            return
        path = Path(arguments[0]).absolute()
        if path.is_relative_to(self.below):
            name = path.relative_to(self.below).as_posix()
            self.opened[name] += 1
            if name in self.swaps:
                self._swap(*self.swaps.pop(name))

    def _swap(self, name, raw):
        below, self.below = self.below, None
        (below / "new").write_bytes(raw)
        (below / "new").rename(below / name)
        self.below = below


WATCH = Watch()
sys.addaudithook(WATCH)


@contextmanager
def watching(folder, **swaps):
    WATCH.below, WATCH.opened, WATCH.swaps = folder, Counter(), swaps
    try:
        yield WATCH.opened
    finally:
        WATCH.below = None


@pytest.fixture
def here(tmp_path, monkeypatch):
    World().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_evaluate_opens_each_file_of_the_case_once(here, gatekeeper):
    names = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()}
    with watching(here) as opened:
        assert gatekeeper(*EVALUATE) == 0
    assert opened == dict.fromkeys(names, 1)


def test_a_trust_root_is_opened_once_to_be_signed_and_once_to_be_taken_in(gate, gatekeeper, tmp_path):
    """What is signed, and what is taken in, is what was seen to be usable."""
    gate.write(World().files())
    (tmp_path / "owner.key").write_bytes(signer("root-a").private_pem)
    with watching(tmp_path) as opened:
        signing = ("--sign-with", f"file:{tmp_path / 'owner.key'}", "--out", tmp_path / "1.trust")
        assert gatekeeper("trust", "sign", tmp_path / "trust.yaml", *signing) == 0
    assert opened["trust.yaml"] == 1
    with watching(tmp_path) as opened:
        assert gatekeeper("trust", "rotate", tmp_path / "1.trust", "--gate", tmp_path / "gate.yaml") == 2  # no chain
    assert opened["1.trust"] == 1


def test_issue_opens_each_file_of_the_case_once(gate, gatekeeper, noon, tmp_path):
    files = World().files()
    gate.write(files)
    with watching(tmp_path) as opened:
        assert gatekeeper(*gate.command()) == 0
    assert {name: opened[name] for name in [*files, "gate.yaml"]} == dict.fromkeys([*files, "gate.yaml"], 1)


def test_verify_opens_each_file_once(gatekeeper, tmp_path, monkeypatch):
    files = Host().files()
    (tmp_path / "components").mkdir()
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    monkeypatch.chdir(tmp_path)
    with watching(tmp_path) as opened:
        assert gatekeeper(*Host().command()) == 0
    assert opened == dict.fromkeys(files, 1)


def slow_drill():
    changed = World().with_predicate("halt.json", lambda predicate: predicate["faults"].clear())
    return changed.files()["evidence/halt.json"]


def test_a_file_swapped_after_it_was_read_changes_nothing_in_this_run_and_is_seen_in_the_next(here, gatekeeper, capsys):
    assert gatekeeper(*EVALUATE, "--report=json") == 0
    untouched = capsys.readouterr().out
    with watching(here, **{"evidence/tests.json": ("evidence/halt.json", slow_drill())}):
        assert gatekeeper(*EVALUATE, "--report=json") == 0
    assert capsys.readouterr().out == untouched
    assert gatekeeper(*EVALUATE) != 0


def test_a_file_swapped_before_it_is_read_is_judged_as_it_is_then(here, gatekeeper):
    with watching(here, **{"request.yaml": ("evidence/halt.json", slow_drill())}):
        assert gatekeeper(*EVALUATE) != 0


@pytest.mark.parametrize("name", ["request.yaml", "environment.yaml", "policy.yaml", "trust.yaml"])
def test_a_document_that_became_a_symbolic_link_is_refused(here, gatekeeper, name, capsys):
    (here / name).rename(here / "elsewhere.yaml")
    (here / name).symlink_to("elsewhere.yaml")
    assert gatekeeper(*EVALUATE) == 2
    assert "PATH" in capsys.readouterr().err


def test_evidence_that_became_a_symbolic_link_counts_as_absent(here, gatekeeper, capsys):
    (here / "evidence" / "hsm.json").rename(here / "hsm.json")
    (here / "evidence" / "hsm.json").symlink_to(here / "hsm.json")
    assert gatekeeper(*EVALUATE) == 11
    assert "PATH" in capsys.readouterr().out


def test_evidence_below_a_linked_folder_counts_as_absent(here, gatekeeper):
    (here / "more").mkdir()
    (here / "evidence" / "hsm.json").rename(here / "more" / "hsm.json")
    (here / "evidence" / "more").symlink_to(here / "more")
    assert gatekeeper(*EVALUATE) == 11


def test_the_same_evidence_as_files_is_approved(here, gatekeeper):
    (here / "evidence" / "more").mkdir()
    (here / "evidence" / "hsm.json").rename(here / "evidence" / "more" / "hsm.json")
    assert gatekeeper(*EVALUATE) == 0
