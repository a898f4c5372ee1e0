"""D2 Evaluator cannot decide: faults of code, clock, ledger, disk and memory, each on a request that is approvable."""

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest
from world.documents import NOW
from world.registry import World

from attestations.errors import InputError
from gatekeeper import evaluation
from gatekeeper.requirements import hsm_key_coverage

CASE = [f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust")]
EVALUATE = ["evaluate", *CASE, "--at", NOW]
NOT_APPROVED = {1, 2, 11}
ROOT = Path(evaluation.__file__).parents[1]


@pytest.fixture
def here(tmp_path, monkeypatch):
    World().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_request_that_the_faults_are_put_into_is_approvable(here, gatekeeper):
    assert gatekeeper(*EVALUATE) == 0


def test_a_rule_that_raises_decides_nothing_and_shows_no_traceback(here, gatekeeper, monkeypatch, capsys):
    def broken(*_):
        raise ZeroDivisionError("in a rule")

    kind = evaluation.KINDS[hsm_key_coverage.Options]
    faulty = type(kind)(wanted=kind.wanted, check=broken)
    monkeypatch.setattr(evaluation, "KINDS", MappingProxyType({**evaluation.KINDS, hsm_key_coverage.Options: faulty}))
    assert gatekeeper(*EVALUATE, "--report=json=report.json") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "nothing was decided" in told.err
    assert "Traceback" not in told.err
    assert not (here / "report.json").exists()


class InjectedError(Exception):
    """What no code of ours expects."""


@contextmanager
def failing_at(call):
    """Raise in the `call`-th function of ours that is entered; yield a list that holds its name once it was raised."""
    seen, raised = 0, []

    def profile(frame, event, _):
        nonlocal seen
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and ours(code.co_filename):
            seen += 1
            if seen == call:
                raised.append(code.co_qualname)
                sys.setprofile(None)
                raise InjectedError(code.co_qualname)

    sys.setprofile(profile)
    try:
        yield raised
    finally:
        sys.setprofile(None)


def ours(file):
    return ("/gatekeeper/" in file and "/tests/" not in file) or ("/attestations/" in file and "/tests/" not in file)


@pytest.mark.parametrize("call", [*range(2, 40, 4), *(int(40 * 1.5**n) for n in range(13))])
def test_whatever_function_fails_the_request_is_not_approved(here, gatekeeper, call):
    gatekeeper(*EVALUATE)  # everything is imported
    with failing_at(call) as raised:
        code = gatekeeper(*EVALUATE)
    assert (code in NOT_APPROVED) if raised else code == 0


def test_a_clock_that_cannot_be_read_decides_nothing(here, gatekeeper, monkeypatch):
    def broken():
        raise OSError("no clock")

    monkeypatch.setattr("gatekeeper.cli.evaluate.clock", broken)
    assert gatekeeper("evaluate", *CASE) == 1


def link_to_an_endless_device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, link_to_an_endless_device])
def test_evidence_that_is_no_regular_file_counts_as_absent(here, gatekeeper, make):
    (here / "evidence" / "hsm.json").unlink()
    make(here / "evidence" / "hsm.json")
    assert gatekeeper(*EVALUATE) == 11


def test_without_a_ledger_nothing_is_issued(gate, gatekeeper, noon, tmp_path):
    gate.write(World().files())
    (tmp_path / "ledger.db").unlink()
    assert gatekeeper(*gate.command()) == 1
    assert not (tmp_path / "approval.json").exists()
    assert not (tmp_path / "ledger.db").exists(), "a ledger is never made by the way"


@pytest.mark.parametrize("kept", [slice(0, 6000), slice(0, 0), slice(16, None)], ids=["cut", "empty", "headless"])
def test_on_a_damaged_ledger_nothing_is_issued(gate, gatekeeper, noon, tmp_path, kept):
    gate.write(World().files())
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes(ledger.read_bytes()[kept])
    assert gatekeeper(*gate.command()) == 1
    assert not (tmp_path / "approval.json").exists()


@contextmanager
def files_no_larger_than(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_nothing_is_issued_and_the_ledger_stays_whole(gate):
    files = World().files()
    with files_no_larger_than(1024), pytest.raises(InputError) as caught:
        gate.issue(files)
    assert caught.value.code == "DURABLE"
    assert gate.recorded() == []
    assert gate.issue(files).approval is not None, "and goes on when there is room again"


@pytest.mark.parametrize("mebibytes", [24, 48])
def test_without_memory_the_request_is_not_approved(here, mebibytes):
    def bounded():
        resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20, mebibytes * 2**20))

    command = [sys.executable, "-m", "gatekeeper", *EVALUATE]
    done = subprocess.run(command, preexec_fn=bounded, capture_output=True, check=False)  # one thread
    assert done.returncode not in {0, 10, 12, 13}


def test_with_memory_the_same_call_approves(here):
    command = [sys.executable, "-m", "gatekeeper", *EVALUATE]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
