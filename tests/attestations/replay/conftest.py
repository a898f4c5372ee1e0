"""Two replays with real components: of the defective agent's keys, and of the repaired agent's in the same HSMs."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from once import made_once
from processes import left_about

DELEGATIONS = 200


@dataclass(frozen=True)
class Ended:
    """A replay that ran to its end."""

    code: int
    document: dict
    folder: Path
    """where it left its files"""
    left: list
    """what was running there when it had ended"""

    @property
    def laboratory(self):
        """The folder with HSMs and environment."""
        return self.folder.parent

    def server(self, name):
        """What the report says of one name server."""
        return next(one for one in self.document["servers"] if one["name"] == name)

    def answers(self, name, when="after"):
        """The answers of one resolver, by class of question."""
        seen = next(one for one in self.document["resolvers"] if one["name"] == name)
        return {tally["kind"]: tally for tally in seen[when]}


def attest(*words):
    """Run `attest`; return the ended process."""
    call = [sys.executable, "-m", "attestations", *map(str, words)]
    return subprocess.run(call, capture_output=True, check=False, text=True)


def _made(folder):
    laboratory = folder / "laboratory"
    for name, defect in (("defective", ["--defect=one-key-pair-per-hsm"]), ("repaired", [])):
        attest("laboratory", laboratory, "--tokens=softhsm", *defect).check_returncode()
        to = ("--folder", laboratory / name, "--delegations", DELEGATIONS)
        ended = attest("replay", laboratory, *to, "--output=json")
        left = left_about(laboratory / name)  # seen before anybody else works there
        (folder / name).write_text(json.dumps([ended.returncode, ended.stdout, ended.stderr, left]))


def _ended(tmp_path_factory, name):
    folder = made_once(tmp_path_factory, "replays", _made)
    code, printed, talk, left = json.loads((folder / name).read_text())
    assert printed, talk
    return Ended(code, json.loads(printed), folder / "laboratory" / name, left)


@pytest.fixture(scope="session", name="attest")
def attest_fixture():
    """Run `attest`; return the ended process."""
    return attest


@pytest.fixture(scope="session")
def defective(tmp_path_factory):
    """The replay of the incident: another ZSK in each HSM under one CKA_ID."""
    return _ended(tmp_path_factory, "defective")


@pytest.fixture(scope="session")
def repaired(tmp_path_factory):
    """The same with one ZSK in all HSMs."""
    return _ended(tmp_path_factory, "repaired")
