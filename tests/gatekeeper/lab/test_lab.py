"""`gatekeeper lab`: the whole story with real components, told once, and everything that must hold of it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from once import made_once
from processes import left_about

from attestations.errors import InputError
from attestations.hsm.published import published_keys
from gatekeeper.lab import programs
from gatekeeper.lab.programs import PACKAGES, insist_on_programs

REAL = [pytest.mark.needs(*PACKAGES), pytest.mark.timeout(1800)]
REFUSALS = {
    1: ("one-key-in-every-hsm", "HSM-KEY-IDENTITY"),
    2: ("one-key-in-every-hsm", "COV-HSM"),
    3: ("every-signature-verifies", "EXT-VALID"),
}
VARIABLES = {"LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Told:
    """The story, and the folder that it left."""

    folder: Path
    screen: str

    def decision(self, number):
        """The gate's decision on one of the refusals."""
        return json.loads((self.folder / f"evidence/refusal-{number}-decision.json").read_text())

    def gatekeeper(self, *words):
        """Run a command again, in the folder."""
        call = [sys.executable, "-m", "gatekeeper", *words]
        return subprocess.run(call, cwd=self.folder, capture_output=True, check=False, text=True)


def _make(folder):
    call = [sys.executable, "-m", "gatekeeper", "lab", "--folder", folder / "lab"]
    ended = subprocess.run(call, capture_output=True, check=False, text=True, env=os.environ | VARIABLES)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr
    (folder / "screen").write_text(ended.stdout)
    (folder / "left").write_text("\n".join(left_about(folder)))  # seen before anybody else works there


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    """The whole story, told once for all workers."""
    folder = made_once(tmp_path_factory, "gatekeeper-lab", _make)
    return Told(folder / "lab", (folder / "screen").read_text())


def case(release, evidence):
    files = ("--environment", "environment.yaml", "--policy", "policy.yaml", "--trust", "trust.yaml")
    return ("--request", f"{release}/request.yaml", *files, "--evidence", evidence)


@pytest.mark.parametrize("number", REFUSALS)
class TestEachRefusal:
    pytestmark = REAL

    def test_one_requirement_alone_refuses(self, told, number):
        results = {one["id"]: one["outcome"] for one in told.decision(number)["requirements"]}
        requirement, _ = REFUSALS[number]
        assert results.pop(requirement) == "unmet"
        assert set(results.values()) == {"met"}
        assert len(results) == 8

    def test_it_gives_its_own_reason(self, told, number):
        requirement, code = REFUSALS[number]
        (findings,) = (one["findings"] for one in told.decision(number)["requirements"] if one["id"] == requirement)
        assert {one["code"] for one in findings if one["outcome"] == "unmet"} == {code}

    def test_it_stands_on_the_screen(self, told, number):
        requirement, code = REFUSALS[number]
        last = told.screen.rpartition("REFUSED THREE TIMES")[2].splitlines()
        place = next(index for index, line in enumerate(last) if line.startswith(f"  {number}  "))
        assert f"not met {requirement}; evidence/refusal-{number}" in last[place]
        assert code in last[place + 1]

    def test_anybody_can_decide_again_with_the_evidence_that_was_left(self, told, number):
        again = told.gatekeeper("evaluate", *case("3.0.0", f"evidence/refusal-{number}"), "--report", "json")
        assert again.returncode == 10
        assert json.loads(again.stdout)["caseDigest"] == told.decision(number)["caseDigest"]

    def test_no_approval_can_be_had_for_it(self, told, number, tmp_path):
        keys = ("--sign-with", "file:keys/gate.key", "--ledger-key", "file:keys/ledger.key", "--gate", "gate.yaml")
        ledger = shutil.copy(told.folder / "ledger.db", tmp_path / "ledger.db")
        out = ("--ledger", f"sqlite:{ledger}", "--approval", str(tmp_path / "approval.json"))
        refused = told.gatekeeper("issue", *case("3.0.0", f"evidence/refusal-{number}"), *keys, *out)
        assert refused.returncode == 10
        assert not (tmp_path / "approval.json").exists()


class TestTheStory:
    pytestmark = REAL

    def test_the_repaired_release_is_approved_for_the_stage_that_was_asked(self, told):
        files = [
            part
            for path in sorted((told.folder / "3.0.1/release").iterdir())
            for part in ("--component", f"{path.name}={path}")
        ]
        here = ("--trust", "trust.yaml", "--environment", "practice-laboratory", "--stage", "hidden-primary")
        assert told.gatekeeper("verify", "--approval", "approval.json", *here, *files).returncode == 0

    def test_the_approval_is_not_one_of_the_broken_release(self, told):
        files = [
            part
            for path in sorted((told.folder / "3.0.0/release").iterdir())
            for part in ("--component", f"{path.name}={path}")
        ]
        here = ("--trust", "trust.yaml", "--environment", "practice-laboratory", "--stage", "hidden-primary")
        assert told.gatekeeper("verify", "--approval", "approval.json", *here, *files).returncode == 11

    def test_the_key_has_the_tag_of_the_incident(self, told):
        zsk = next(key for key in published_keys(str(told.folder / "lab/dnskey.zone"), "example.") if key.role == "zsk")
        assert zsk.tag == 33834

    def test_the_guard_kept_the_bad_version_back_and_let_the_good_one_through(self, told):
        broken, repaired = (
            json.loads((told.folder / f"{version}/replay/report.json").read_text()) for version in ("3.0.0", "3.0.1")
        )
        assert (broken["verdict"], broken["refusedByGuard"]) == ("invalid", True)
        assert (repaired["verdict"], repaired["refusedByGuard"]) == ("valid", False)
        assert broken["published"] == repaired["published"], "the very same key, now in every HSM"

    def test_the_drills_are_real_and_their_figures_are_told(self, told):
        last = told.screen.rpartition("\nDRILLS")[2]
        for fault in ("wrong-key", "expired", "verifier-crash", "restart"):
            assert len(re.findall(rf"{fault} +stopped +detected after \d+\.\d s, halted after \d+\.\d s", last)) == 2
        for way, times in {"archived-zone": 2, "old-key": 1, "forced-transfer": 1}.items():
            assert len(re.findall(rf"{way} +restored +after \d+\.\d s", last)) == times

    def test_the_servers_of_replays_and_drills_left_their_logs(self, told):
        for version in ("3.0.0", "3.0.1"):
            for server in ("replay/guard", "replay/without-guard", "halt-drill/guard"):
                assert (told.folder / version / server / "log").read_bytes()

    def test_three_code_bases_judged_what_knot_signed(self, told):
        for engine in ("native", "bind", "ldns"):
            assert f"--engine {engine} " in told.screen
        environment = (told.folder / "environment.yaml").read_text()
        assert "code_bases: [knot, rollover-agent]" in environment

    def test_nothing_is_left_running(self, told):
        assert (told.folder.parent / "left").read_text() == ""

    def test_the_screen_holds_no_pin(self, told):
        assert (told.folder / "lab/softhsm/pin").read_text() not in told.screen


class TestItsEnd:
    pytestmark = REAL

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_whoever_ends_it_finds_nothing_running(self, tmp_path, number):
        """Told when the drills run beside it."""
        folder = tmp_path / "lab"
        call = [sys.executable, "-m", "gatekeeper", "lab", "--folder", folder]
        process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not (folder / "3.0.1/halt-drill/guard/log").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(number)
        _, talk = process.communicate(timeout=300)
        assert process.returncode == 1, talk
        assert "nothing was decided" in talk
        assert left_about(folder) == []


def test_a_program_that_is_missing_is_named_with_its_package_before_anything_is_started(monkeypatch):
    missing = {"nsd", "unbound-control"}
    monkeypatch.setattr(programs, "_is_installed", lambda program: program not in missing)
    monkeypatch.setattr(programs, "MODULE", Path(__file__))
    with pytest.raises(InputError) as refusal:
        insist_on_programs()
    assert refusal.value.code == "LABORATORY"
    assert refusal.value.found == "no nsd, unbound-control"
    assert refusal.value.fix == "sudo apt-get install --no-install-recommends nsd unbound"


def test_a_module_of_softhsm_that_is_missing_is_named_with_its_package(monkeypatch, tmp_path):
    monkeypatch.setattr(programs, "_is_installed", lambda _: True)
    monkeypatch.setattr(programs, "MODULE", tmp_path / "libsofthsm2.so")
    with pytest.raises(InputError) as refusal:
        insist_on_programs()
    assert refusal.value.fix.endswith(" softhsm2")


@pytest.mark.needs(*PACKAGES)
def test_the_laboratory_does_not_write_into_a_folder_that_exists(tmp_path):
    call = [sys.executable, "-m", "gatekeeper", "lab", "--folder", str(tmp_path)]
    assert subprocess.run(call, capture_output=True, check=False).returncode == 2
    assert not list(tmp_path.iterdir())
