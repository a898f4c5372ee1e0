"""The detection matrix: every class of fault named by the native engine, every zone in order left alone."""

from functools import cache

import pytest
from fault_zones.bench import Bench
from fault_zones.cases import CASES, P256, RSA
from fault_zones.legal import LEGAL
from fault_zones.policy import POLICY
from fault_zones.protocol import PROTOCOL

from attestations.zone.change import Clock, change_findings
from attestations.zone.reading import zone_from_bytes

TWINS = [name for name, case in CASES.items() if case.has_twin]


@pytest.fixture(scope="session")
def made(now):
    """Return the zone of a case, signed with keys of an algorithm."""
    return cache(lambda name, algorithm: CASES[name].build(Bench(now, algorithm)))


def test_the_set_has_the_30_protocol_faults_and_at_least_19_other_classes():
    assert len(PROTOCOL) == 30
    assert len(CASES) == len(PROTOCOL) + len(POLICY) + len(LEGAL) >= 49


@pytest.mark.parametrize("name", PROTOCOL | POLICY)
def test_the_native_engine_names_the_fault(name, made, examine):
    report = examine(made(name, P256))
    assert report.verdict == CASES[name].verdict
    assert CASES[name].codes.items() <= set(report.findings.totals)


@pytest.mark.parametrize(("serial", "codes"), [(2, set()), (1, {"SERIAL_NOT_HIGHER"}), (0, {"SERIAL_NOT_HIGHER"})])
def test_class_p_a_serial_that_is_not_higher_is_named_beside_the_version_before(now, serial, codes):
    before = Bench(now).zone(serial=1, further="old IN TXT x\n")
    after = Bench(now).zone(serial=serial, further="new IN TXT x\n")
    with zone_from_bytes(before.text, "before", "test.") as old, zone_from_bytes(after.text, "after", "test.") as new:
        findings = change_findings(old, new, Clock(now=now))
    assert {one.code for one in findings if one.severity == "error"} == codes


@pytest.mark.parametrize("name", LEGAL)
def test_the_native_engine_says_of_a_zone_in_order_what_there_is_to_say_and_no_more(name, made, examine):
    report = examine(made(name, P256))
    assert (report.verdict, set(report.findings.totals)) == (CASES[name].verdict, set(CASES[name].codes.items()))


@pytest.mark.parametrize("name", TWINS)
def test_with_rsa_keys_the_findings_are_the_same(name, made, examine):
    report = examine(made(name, RSA))
    assert report.verdict == CASES[name].verdict
    assert CASES[name].codes.items() <= set(report.findings.totals)
