"""The laboratory tells why it cannot be run, and leaves nothing behind."""

import json
import shlex
import socket
import subprocess
from datetime import UTC, datetime

import pytest

from attestations.drills import configuration, drill
from attestations.drills.drill import run_drill
from attestations.drills.faults import FAULTS, Signer
from attestations.drills.laboratory import Laboratory, Plan, running
from attestations.drills.probing import now
from attestations.errors import InputError
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.times import Instant
from attestations.zone.engines import ENGINES
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors

ZONE = "example."


def judged(version):
    anchors = read_anchors(version.ds, "ds", ZONE, "DS")
    now = Instant.of(datetime.now(UTC))
    with zone_from_bytes(version.text, "zone", ZONE) as zone:
        report = ENGINES["native"].validate(zone, anchors, now, jobs=1)
        return report.verdict, {one.code for one in report.findings.kept if one.severity == "error"}


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("wrong-key", {"SIG_WRONG_KEY"}),
        ("one-wrong-signature", {"SIG_WRONG_KEY"}),
        ("expired", {"SIG_EXPIRED", "DS_CHAIN"}),
        ("not-yet-valid", {"SIG_FUTURE", "DS_CHAIN"}),
        ("missing-denial", {"DENIAL_CHAIN"}),
    ],
)
def test_a_bad_version_has_its_fault_and_no_other(kind, codes):
    verdict, found = judged(Signer(ZONE).bad(kind, 2, Instant.of(datetime.now(UTC))))
    assert (verdict, found) == ("invalid", codes)


def test_a_good_version_is_valid():
    assert judged(Signer(ZONE).good(1, Instant.of(datetime.now(UTC)))) == ("valid", set())


def test_the_faults_have_the_names_that_the_shipped_policy_asks_for():
    assert {"wrong-key", "expired", "verifier-crash", "restart"} <= set(FAULTS)


@pytest.mark.needs("nsd", "knotd", "setpriv")
def test_a_port_that_is_taken_is_told_in_the_words_of_the_server(monkeypatch, processes_about, tmp_path):
    ports = free_ports("primary", "guard", "secondary", "candidate")
    monkeypatch.setattr("attestations.drills.laboratory.free_ports", lambda *_: ports)
    plan = Plan(folder=tmp_path / "laboratory", zone=ZONE)
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind((LOOPBACK, ports["guard"]))
        with pytest.raises(InputError) as refusal:
            running(plan, Signer(ZONE), 1).__enter__()
    assert "guard ended" in refusal.value.found
    assert "Address already in use" in refusal.value.found
    assert processes_about(tmp_path) == []


@pytest.mark.needs("nsd", "knotd", "setpriv")
def test_a_guard_that_has_not_put_the_last_good_version_on_its_disk_serves_nothing_after_a_restart(
    monkeypatch, tmp_path
):
    guard, started = configuration.SERVERS["guard"]
    unwritten = guard.replace("  zonefiles-write: 1\n", "")  # NSD's own choice is an hour
    assert unwritten != guard
    monkeypatch.setitem(configuration.SERVERS, "guard", (unwritten, started))
    monkeypatch.setattr("attestations.drills.drill.WRITTEN_SECONDS", 0.1)
    restarts = []
    monkeypatch.setattr(Laboratory, "restart", hurried(monkeypatch, Laboratory.restart, restarts))
    monkeypatch.setattr(drill._Injection, "_resume", lambda injection: injection._look() and None)  # no way back
    plan = Plan(folder=tmp_path / "laboratory", zone=ZONE)
    (drilled,) = run_drill(plan, ["restart"])
    assert (drilled.is_stopped, drilled.fault.restart_survived, drilled.fault.leaked_serials) == (False, False, ())
    assert "guard" not in {probe.vantage for probe in drilled.fault.probes if probe.at > restarts[0]}


def hurried(monkeypatch, restart, moments):
    """The restart, with little time for coming back: what is waited for does not happen."""

    def restarted(laboratory):
        monkeypatch.setattr("attestations.servers.process.READY_SECONDS", 4.0)
        served = restart(laboratory)
        moments.append(now())
        return served

    return restarted


@pytest.mark.needs("nsd", "knotd", "setpriv")
def test_nothing_is_left_running_where_what_is_done_with_it_fails(processes_about, tmp_path):
    plan = Plan(folder=tmp_path / "laboratory", zone=ZONE)
    with pytest.raises(ZeroDivisionError):
        fail_in(plan, processes_about)
    assert processes_about(tmp_path) == []


def fail_in(plan, processes_about):
    with running(plan, Signer(ZONE), 1) as laboratory:
        assert [vantage.probe().serial for vantage in laboratory.vantages] == [1, 1]
        assert len(processes_about(plan.folder)) >= len(("primary", "guard", "secondary"))
        raise ZeroDivisionError


def refused(words):
    run = subprocess.run(words, capture_output=True, check=False, text=True)
    assert run.returncode == 2
    return json.loads(run.stdout)["errors"][0]


def test_a_folder_in_use_is_not_touched(call, tmp_path):
    (tmp_path / "laboratory").mkdir()
    (tmp_path / "laboratory" / "mine").write_text("mine")
    error = refused(call(tmp_path / "halt.json", "--folder", tmp_path / "laboratory"))
    assert (error["code"], error["found"]) == ("LABORATORY", f"{tmp_path}/laboratory, which is in use")
    assert [path.name for path in (tmp_path / "laboratory").iterdir()] == ["mine"]


def test_a_folder_whose_name_a_configuration_could_misread_is_refused(call, tmp_path):
    error = refused(call(tmp_path / "halt.json", "--folder", tmp_path / 'a "name'))
    assert error["code"] == "LABORATORY"


def test_a_wrapper_that_cannot_be_read_is_told(call, tmp_path):
    error = refused(call(tmp_path / "halt.json", "--wrapper", tmp_path / "none.sh"))
    assert (error["code"], error["found"]) == ("LABORATORY", f"{tmp_path}/none.sh: No such file or directory")


def test_a_disk_that_takes_no_more_is_told(call, tmp_path):
    words = shlex.join(map(str, call(tmp_path / "halt.json", "--folder", tmp_path / "laboratory")))
    error = refused(["sh", "-c", f"ulimit -f 4; exec {words}"])
    assert (error["code"], error["found"]) == ("LABORATORY", f"{tmp_path}/laboratory/zone: File too large")


def test_a_zone_of_another_environment_is_refused(call, tmp_path):
    error = refused(call(tmp_path / "halt.json", "--zone=another."))
    assert (error["code"], error["found"]) == ("ENVIRONMENT", "zone another.")


def test_a_statement_never_takes_the_place_of_the_request(call, documents):
    before = (documents / "request.yaml").read_bytes()
    assert refused(call(documents / "request.yaml"))["code"] == "USAGE"
    assert (documents / "request.yaml").read_bytes() == before
