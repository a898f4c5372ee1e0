"""A Dask cluster: the report is that of one process, whatever becomes of a worker."""

import os
import platform
import signal
import socket
import sys
import time
from functools import partial
from importlib.util import find_spec

import pytest

from attestations.cli import main
from attestations.errors import InputError
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, practice_zone
from attestations.zone.validation import cluster as module
from attestations.zone.validation import survey, whole
from attestations.zone.validation.cluster import OtherVersionError, cluster, identity, perform
from attestations.zone.validation.work import LostWorkerError

if find_spec("distributed") is None and os.environ.get("CI") != "true":
    pytest.skip("needs Dask: pip install 'signer-gatekeeper[cluster]'", allow_module_level=True)


@pytest.fixture(scope="module")
def address():
    """Return the address of a scheduler with two workers of two threads."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address="127.0.0.1:0", host="127.0.0.1") as started:
        yield started.scheduler_address


@pytest.fixture(scope="module")
def workers(address):
    with cluster(address) as connected:
        yield connected


@pytest.fixture
def in_pieces(monkeypatch):
    """Let no zone be too small for a cluster, and cut it into small pieces."""
    monkeypatch.setattr(whole, "_ALONE_BELOW", 0)
    monkeypatch.setattr(survey, "pieces", partial(survey.pieces, size=1000))


@pytest.fixture
def other_python(monkeypatch):
    """Return what makes this process run another version of Python than the workers."""

    def changed():
        monkeypatch.setattr(platform, "python_version", lambda: "3.9.0")
        identity.cache_clear()

    yield changed
    identity.cache_clear()


class Interrupted:
    """A cluster to which something happens after the third result."""

    def __init__(self, workers, event):
        self.workers, self.event, self.results = workers, event, 0

    def run(self, function, items):
        for result in self.workers.run(function, items):
            self.results += 1
            if self.results == 3:
                self.event()
            yield result


def facts(report):
    return (
        report.verdict,
        report.counts,
        report.coverage,
        report.by_type,
        report.by_key,
        report.denial,
        report.findings,
    )


def test_each_item_has_one_result_in_the_order_of_the_items(workers):
    assert list(workers.run(abs, range(-100, 0))) == list(range(100, 0, -1))
    assert list(workers.run(abs, ())) == []


def test_many_items_are_not_all_handed_out_at_once(workers):
    taken = []
    results = workers.run(abs, (taken.append(number) or number for number in range(1000)))
    assert next(results) == 0
    assert len(taken) < 200
    assert len(list(results)) == 999


def test_what_the_function_raises_is_raised_after_the_results_before_it(workers):
    results = workers.run(int, ["1", "2", "x", "3"])
    assert (next(results), next(results)) == (1, 2)
    with pytest.raises(ValueError, match="'x'"):
        next(results)


@pytest.mark.parametrize("denial", ["nsec", Nsec3(), Nsec3(opt_out=True)], ids=["nsec", "nsec3", "opt-out"])
@pytest.mark.parametrize("is_good", [True, False], ids=["good", "bad"])
def test_a_cluster_finds_what_one_process_finds(in_pieces, workers, examine, ksk, zsk, now, denial, is_good):
    practice = practice_zone([ksk, zsk], now, delegations=40, denial=denial, hooks=Hooks() if is_good else wrong(zsk))
    watched = Interrupted(workers, lambda: None)
    report = examine(practice, workers=watched)
    assert facts(report) == facts(examine(practice, jobs=1))
    assert report.verdict == ("valid" if is_good else "invalid")
    assert watched.results > 10


def wrong(zsk):
    """Let every third signature be that of a key that nobody published."""
    stranger = new_key(ZSK_FLAGS)
    return Hooks(signer=lambda i, _rrset, key: stranger.sign if key is zsk and i % 3 == 0 else key.sign)


def test_a_worker_that_is_killed_changes_nothing_in_the_report(in_pieces, workers, examine, ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now, delegations=200)
    before = workers._client.run(os.getpid)
    victim = min(before.values())
    report = examine(practice, workers=Interrupted(workers, lambda: os.kill(victim, signal.SIGKILL)))
    assert facts(report) == facts(examine(practice, jobs=1))
    assert report.verdict == "valid"
    workers._client.wait_for_workers(2, timeout=20)
    assert victim not in workers._client.run(os.getpid).values()


def test_a_task_that_kills_workers_is_lost():
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as started,
        cluster(started.scheduler_address) as workers,
        pytest.raises(LostWorkerError, match="KilledWorker"),
    ):
        list(workers.run(os._exit, [1]))


def test_a_batch_that_takes_too_long_is_lost(address):
    with cluster(address, seconds=0.1) as workers, pytest.raises(LostWorkerError, match="TimeoutError"):
        list(workers.run(time.sleep, [1]))


def test_a_scheduler_that_goes_leaves_the_zone_unvalidated(in_pieces, examine, ksk, zsk, now):
    from distributed import LocalCluster

    practice = practice_zone([ksk, zsk], now, delegations=200)
    with (
        LocalCluster(
            n_workers=1, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as started,
        cluster(started.scheduler_address, seconds=5) as workers,
    ):
        report = examine(practice, workers=Interrupted(workers, started.close))
    assert report.verdict == "inconclusive"
    assert set(report.findings.totals) == {("VALIDATOR_FAILED", "warning")}
    assert report.coverage.checked == report.counts.ok == 0


def test_workers_of_another_version_are_refused(address, other_python):
    other_python()
    with pytest.raises(InputError, match="on the worker") as refused, cluster(address):
        raise AssertionError("connected")
    assert refused.value.code == "USAGE"
    assert "3.9.0" in refused.value.wanted


def test_a_worker_of_another_version_that_comes_later_does_nothing(address, other_python):
    with cluster(address) as workers:
        other_python()
        with pytest.raises(LostWorkerError, match="OtherVersionError"):
            list(workers.run(abs, range(3)))


def test_a_task_of_another_version_is_not_read():
    with pytest.raises(OtherVersionError, match="wanted another"):
        perform("another", b"no pickle")


def test_the_same_code_has_the_same_identity(address, workers):
    assert set(workers._client.run(identity).values()) == {identity()}


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(module, "CONNECT_SECONDS", 1)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        with (
            pytest.raises(InputError, match="no scheduler") as refused,
            cluster(f"tcp://127.0.0.1:{deaf.getsockname()[1]}"),
        ):
            raise AssertionError("connected")
    assert refused.value.code == "USAGE"


def test_a_scheduler_without_workers_is_told(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(module, "CONNECT_SECONDS", 1)
    with (
        LocalCluster(
            n_workers=0, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as started,
        pytest.raises(InputError, match="no worker"),
        cluster(started.scheduler_address),
    ):
        raise AssertionError("connected")


@pytest.mark.parametrize("text", ["", "host:8786", "udp://host:8786", "tcp://host", "tcp://host:1/x", "file:///x:1"])
def test_an_address_that_is_none_is_told(text):
    with pytest.raises(InputError, match="the address of a Dask scheduler"), cluster(text):
        raise AssertionError("connected")


def test_without_dask_the_way_to_install_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="no Dask") as refused, cluster("tcp://127.0.0.1:8786"):
        raise AssertionError("connected")
    assert refused.value.fix == "pip install 'signer-gatekeeper[cluster]'"


def test_the_command_works_on_a_cluster(in_pieces, address, ksk, zsk, now, tmp_path, capsys, monkeypatch):
    practice = practice_zone([ksk, zsk], now, delegations=40)
    (tmp_path / "zone").write_bytes(practice.text)
    (tmp_path / "ds").write_bytes(practice.ds)
    asked = ["zone", "--zone", practice.name, "--file", str(tmp_path / "zone"), "--ds", str(tmp_path / "ds")]
    monkeypatch.setattr(whole, "Pool", None)
    assert attest(monkeypatch, *asked, "--cluster", address) == 0
    assert "0 bogus" in capsys.readouterr().out
    assert attest(monkeypatch, *asked, "--cluster", address, "--engine", "bind") == 2
    assert "--cluster is for --engine native" in capsys.readouterr().err


def attest(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["attest", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code
