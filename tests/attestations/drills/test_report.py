"""What people and programs are told about a halt drill."""

from datetime import timedelta

import pytest

from attestations.drills.drill import Drilled
from attestations.drills.report import report, text_of
from attestations.predicates.halt_drill import Fault, Probe
from attestations.times import Instant

START = Instant.parse("2026-04-10T10:00:00Z")
SERVERS = {"nsd": "4.6.1", "knotd": "3.2.6"}


def after(seconds):
    return Instant.of(START + timedelta(seconds=seconds))


def probe(serial, seconds=3, *, validates=True):
    return Probe(vantage="guard", at=after(seconds), serial=serial, validates=validates)


def drilled(*probes, resumed=True, **changed):
    members = {
        "fault": "wrong-key",
        "bad_serial": 2,
        "injected_on": START,
        "detected_on": after(1.25),
        "halted_on": after(2),
        "unattended": True,
        "probes": probes or (probe(1),),
        "resumed_on": after(4) if resumed else None,
        **changed,
    }
    return Drilled(fault=Fault(**members), last_good_serial=1)


def told(*runs, names=("wrong-key",)):
    return report("example.", SERVERS, names, runs)


def test_a_fault_that_was_stopped_is_told_with_its_times():
    document = told(drilled())
    (fault,) = document.faults
    assert (document.verdict, fault.verdict, fault.resumed) == ("valid", "stopped", True)
    assert (fault.seconds_to_detection, fault.seconds_to_halt, fault.served) == (1.25, 2.0, (1,))
    assert "VALID   example.  (nsd 4.6.1, knotd 3.2.6)" in text_of(document)
    assert " ".join(text_of(document).splitlines()[-1].split()) == "wrong-key stopped 1.2 s 2.0 s nobody came through"


@pytest.mark.parametrize(
    "changed",
    [
        {"halted_on": None},
        {"detected_on": None, "halted_on": None},
        {"restart_survived": False},
        {"notification_tried": False},
        {"leaked_serials": (2,), "probes": (probe(2, validates=False),)},
        {"probes": (probe(1, validates=False),)},
    ],
    ids=["not halted", "not detected", "not after a restart", "nobody was told", "leaked", "not valid"],
)
def test_a_fault_that_was_not_stopped_is_told(changed):
    document = told(drilled(**changed))
    assert (document.verdict, document.faults[0].verdict) == ("invalid", "not stopped")


def test_who_served_the_bad_version_is_named():
    document = told(drilled(probe(1), probe(2, validates=False), leaked_serials=(2,)))
    assert document.faults[0].leaked_at == ("guard",)
    assert " guard " in text_of(document).splitlines()[-1]


def test_what_was_invalid_before_the_fault_is_not_held_against_the_halt():
    assert told(drilled(probe(1, -1, validates=False), probe(1))).verdict == "valid"


@pytest.mark.parametrize(("survived", "words"), [(True, "survived the restart"), (False, "DID NOT SURVIVE")])
def test_a_restart_is_told(survived, words):
    assert words in text_of(told(drilled(restart_survived=survived)))


@pytest.mark.parametrize(("tried", "words"), [(True, "notifying was tried"), (False, "NOBODY WAS NOTIFIED")])
def test_whether_anybody_was_notified_is_told(tried, words):
    assert words in text_of(told(drilled(notification_tried=tried)))


def test_a_way_back_that_is_closed_and_what_was_not_run_after_it_are_told():
    document = told(drilled(resumed=False), names=("wrong-key", "expired"))
    assert (document.verdict, document.faults[0].resumed, document.not_run) == ("invalid", False, ("expired",))
    assert "CLOSED" in text_of(document)
    assert "expired              not run: the laboratory did not come back to work" in text_of(document)
