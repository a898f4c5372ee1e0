"""Errors at the RRsets that every answer needs say so; others do not."""

import pytest

from attestations.zone.findings import finding
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.critical import with_consequences


@pytest.fixture(scope="module", params=["nsec3", "nsec"])
def apex(request, ksk, zsk, now):
    options = {"denial": "nsec"} if request.param == "nsec" else {}
    practice = practice_zone([ksk, zsk], now, delegations=3, **options)
    with zone_from_bytes(practice.text, "zone", "test.") as zone:
        return apex_of(zone)


def message(apex, owner, rtype, severity="error"):
    (only,) = with_consequences([finding("SIG_MISSING", severity, owner, rtype, "has no signature")], apex)
    return only.message


@pytest.mark.parametrize("rtype", ["DNSKEY", "SOA", "NSEC"])
def test_an_error_at_the_apex_says_what_follows(apex, rtype):
    assert message(apex, "test.", rtype).startswith("has no signature (critical: without it ")


def test_the_nsec3_record_of_the_apex_is_critical_and_no_other(ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now, delegations=3)
    with zone_from_bytes(practice.text, "zone", "test.") as zone:
        apex = apex_of(zone)
    types = {line.split()[0].decode(): line for line in practice.text.splitlines() if b" IN NSEC3 " in line}
    told = [owner for owner in types if "critical" in message(apex, owner, "NSEC3")]
    assert len(types) > 5
    assert len(told) == 1
    assert b" SOA " in types[told[0]]


@pytest.mark.parametrize(
    ("owner", "rtype", "severity"),
    [
        ("a.test.", "DNSKEY", "error"),
        ("test.", "TXT", "error"),
        ("test.", "SOA", "warning"),
        ("test.", "NSEC3", "error"),
    ],
)
def test_anything_else_stays_as_it_is(apex, owner, rtype, severity):
    assert message(apex, owner, rtype, severity) == "has no signature"


def test_a_long_message_stays_within_bounds(apex):
    long = finding("SIG_MISSING", "error", "test.", "SOA", "x" * 2000)
    (only,) = with_consequences([long], apex)
    assert len(only.message) <= 1024
    assert only.message.endswith("(critical: without it no negative answer validates)")
