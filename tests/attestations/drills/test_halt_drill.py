"""`attest halt-drill` with real name servers, and what the real gate makes of its statement."""

import json
import signal
import subprocess
import time

import pytest
from jsonschema import Draft202012Validator

from attestations.drills.faults import FAULTS
from gatekeeper.documentation.schemas import pages
from gatekeeper.finding import Outcome

pytestmark = [
    pytest.mark.needs("nsd", "knotd", "setpriv"),
    pytest.mark.timeout(600),  # one drill of every fault, and workers that wait for it
]
OF_THE_POLICY = ("wrong-key", "expired", "verifier-crash", "restart")
SLOW = "verifier-timeout"
NAMES = tuple(name for name in FAULTS if name != SLOW)
WORLD = {"guard", "secondary"}


def asked(*names):
    return [f"--fault={name}" for name in names]


@pytest.fixture(scope="session")
def sound(drill):
    """The drill of a laboratory in order, with every fault that does not wait for a time limit."""
    return drill("sound", *asked(*NAMES))


@pytest.fixture(scope="session")
def fail_open(drill, tmp_path_factory):
    """The same laboratory, but NSD sees itself how the verifier ends."""
    wrapper = tmp_path_factory.mktemp("wrapper") / "fail_open.sh"
    wrapper.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    return drill("fail-open", *asked("expired", "verifier-crash"), "--wrapper", wrapper)


def test_every_fault_is_stopped_and_work_goes_on(sound):
    assert (sound.code, sound.document["verdict"], sound.document["notRun"]) == (0, "valid", [])
    assert {one["fault"]: (one["verdict"], one["resumed"]) for one in sound.document["faults"]} == dict.fromkeys(
        NAMES, ("stopped", True)
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_server_was_asked_before_during_and_after_and_served_valid_versions_only(sound, name):
    fault = next(one for one in sound.predicate.faults if one.fault == name)
    last_good, following = fault.bad_serial - 1, fault.bad_serial + 1
    assert {probe.vantage for probe in fault.probes if probe.at < fault.injected_on} == WORLD
    assert {probe.vantage for probe in fault.probes if probe.at > fault.halted_on} == WORLD
    assert {(probe.vantage, probe.serial) for probe in fault.probes} == {
        (vantage, serial) for vantage in WORLD for serial in (last_good, following)
    }
    assert all(probe.validates for probe in fault.probes)
    assert fault.injected_on <= fault.detected_on <= fault.halted_on
    assert (fault.leaked_serials, fault.unattended) == ((), True)


def test_the_halt_survives_a_restart_of_guard_and_secondary(sound):
    survived = {one.fault: one.restart_survived for one in sound.predicate.faults}
    assert survived == {**dict.fromkeys(NAMES), "restart": True}


def test_the_notification_that_nobody_took_was_tried(sound):
    tried = {one.fault: one.notification_tried for one in sound.predicate.faults}
    assert tried == {**dict.fromkeys(NAMES), "sink-down": True}


@pytest.mark.parametrize("name", NAMES)
def test_work_went_on_after_the_halt_and_a_probe_saw_the_next_version_before(sound, name):
    fault = next(one for one in sound.predicate.faults if one.fault == name)
    after = [probe.at for probe in fault.probes if probe.serial == fault.bad_serial + 1]
    assert fault.halted_on < min(after) < fault.resumed_on


def test_the_gate_finds_its_requirement_met_by_the_statement_alone(sound):
    judged = sound.judged()
    assert [finding.found for finding in judged.findings if finding.outcome is not Outcome.MET] == []
    assert len(judged.findings) == len(OF_THE_POLICY)
    assert judged.outcome is Outcome.MET


def test_a_wrapper_that_fails_open_lets_the_bad_version_out_where_the_verifier_crashes_and_only_there(fail_open):
    assert (fail_open.code, fail_open.document["verdict"]) == (10, "invalid")
    crash, expired = fail_open.fault("verifier-crash"), fail_open.fault("expired")
    assert (crash["verdict"], set(crash["leakedAt"]), crash["secondsToHalt"]) == ("not stopped", WORLD, None)
    assert (expired["verdict"], expired["leakedAt"]) == ("stopped", [])


def test_the_gate_finds_its_requirement_unmet_where_the_wrapper_fails_open(fail_open):
    judged = fail_open.judged()
    against = [finding.found for finding in judged.findings if finding.outcome is Outcome.UNMET]
    assert judged.outcome is Outcome.UNMET
    assert "example. verifier-crash: not detected or not halted" in against
    assert "example. verifier-crash: the bad version was served at guard, secondary" in against
    assert "example. verifier-crash: 1 bad serials leaked" in against
    assert not [found for found in against if found.startswith("example. expired:")]


def test_after_a_bad_version_came_out_the_next_good_one_still_comes_through(fail_open):
    assert fail_open.fault("verifier-crash")["resumed"] is True


def test_a_verifier_that_hangs_is_given_up_and_the_version_refused(drill):
    ended = drill("slow", *asked(SLOW), "--verifier-seconds=5")
    assert (ended.code, ended.fault(SLOW)["verdict"]) == (0, "stopped")
    assert ended.fault(SLOW)["secondsToDetection"] >= 5


@pytest.mark.parametrize("ended", ["sound", "fail_open"])
def test_what_is_printed_fits_its_published_schema(request, ended):
    schema = json.loads(pages()["schemas/halt-drill-report.schema.json"])
    assert list(Draft202012Validator(schema).iter_errors(request.getfixturevalue(ended).document)) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_running_however_the_drill_ends(call, processes_about, tmp_path, number):
    folder, out = tmp_path / "laboratory", tmp_path / "halt.json"
    words = call(out, "--folder", folder, *asked(SLOW))
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    log = folder / "secondary" / "log"
    # No time limit of our own: a slow machine is no fault, and pytest has one.
    wait_for(lambda: (log.exists() and b"server started" in log.read_bytes()) or process.poll() is not None)
    assert len(processes_about(folder)) > len(("attest", "knotd", "nsd"))
    process.send_signal(number)
    _, talk = process.communicate()
    assert process.returncode == (1 if number != signal.SIGKILL else -number), talk.decode()
    wait_for(lambda: processes_about(folder) == [])
    assert not out.exists()


def wait_for(state):
    while not state():
        time.sleep(0.02)
