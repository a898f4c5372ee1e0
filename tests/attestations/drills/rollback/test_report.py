"""What a rollback drill tells people, from the document that it prints."""

import pytest
from msgspec.structs import replace

from attestations.drills.rollback.report import RollbackDrillReport, WalkedWay, WayBackKey, text_of
from attestations.predicates.rollback_drill import Answers, ResolverView

SERIALS = ("A1", "B7", "C2")


def answers(servfail):
    return Answers(asked=50, servfail=servfail)


VIEW = ResolverView(before=answers(0), outage=answers(33), after=answers(8), after_flush=answers(0), clean_seconds=58)
WAY = WalkedWay(
    way="old-key",
    meaning="the old key signs again",
    verdict="restored",
    failure=None,
    seconds_to_restore=1.25,
    serial_from=2,
    serial_to=3,
    raises_serial=True,
    resolver=VIEW,
)
KEY = WayBackKey(role="zsk", tag=33834, fingerprint="ab" * 32, hsm_serials=SERIALS, missing_in=(), still_published=True)
REPORT = RollbackDrillReport(
    verdict="valid",
    zone="example.",
    servers={"nsd": "4.6.1"},
    hsms=SERIALS,
    ways=(WAY,),
    keys=(KEY,),
    full_resign_seconds=0.25,
    backup_remaining_seconds=3 * 86400 + 5 * 3600,
    stated="old-key",
    faults=(),
)


def lines(report):
    return [" ".join(line.split()) for line in text_of(report).splitlines()]


def test_a_way_is_told_with_time_serial_numbers_shares_and_keys():
    told = lines(REPORT)
    assert told[0] == "VALID example. (nsd 4.6.1; 3 HSMs)"
    assert "old-key restored 1.2 s 2 -> 3 up" in told
    assert "old-key 0 % 66 % 16 % 0 % clean after 58 s" in told
    assert "zsk 33834 abababababababab yes in 3 of 3 HSMs" in told
    assert "signing everything anew took 0.2 s; the archive validates for 3 d 5 h" in told


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"raises_serial": False}, "NOT UP: only a server that is forced takes it"),
        ({"verdict": "not restored", "seconds_to_restore": None}, "not restored never"),
        ({"resolver": replace(VIEW, clean_seconds=None)}, "not seen clean"),
        ({"resolver": replace(VIEW, after=Answers(asked=0, servfail=0))}, "old-key 0 % 66 % - 0 %"),
    ],
)
def test_what_is_not_well_with_a_way_is_told(changed, words):
    assert any(words in line for line in lines(replace(REPORT, ways=(replace(WAY, **changed),))))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"still_published": False}, "abababababababab NO in 3 of 3 HSMs"),
        ({"hsm_serials": SERIALS[:2], "missing_in": ("C2",)}, "yes in 2 of 3 HSMs, NOT in C2"),
    ],
)
def test_what_is_not_well_with_a_key_is_told(changed, words):
    assert any(words in line for line in lines(replace(REPORT, keys=(replace(KEY, **changed),))))


def test_faults_stand_at_the_end():
    assert lines(replace(REPORT, verdict="invalid", faults=("no key", "no way")))[-2:] == [
        "FAULT: no key",
        "FAULT: no way",
    ]
