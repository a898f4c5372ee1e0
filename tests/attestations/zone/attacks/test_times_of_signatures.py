"""Times that wrap, or lie the wrong way round (RFC 4034, 3.1.5; threat C6)."""

import pytest
from dns.rdatatype import RdataType

from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed

HALF = 2**31


@pytest.fixture
def lasting(now, ksk, zsk):
    """Return a zone whose every signature has these times, in seconds from now; it is re-signed, so it verifies."""

    def zone(inception, expiration):
        start = int(now.timestamp())

        def finish(_index, rrset, rrsig):
            key = ksk if rrset.rtype == RdataType.DNSKEY else zsk
            times = {"inception": (start + inception) % 2**32, "expiration": (start + expiration) % 2**32}
            return (re_signed(changed(rrsig, **times), rrset, key.sign),)

        return practice_zone((ksk, zsk), now, hooks=Hooks(finish=finish))

    return zone


def test_a_signature_that_expires_before_its_inception_is_none(lasting, examine):
    # half a circle or more: BIND, Unbound and ldns take it for bogus
    report = examine(lasting(-10_000, HALF - 10_000))
    assert (report.verdict, report.counts.ok) == ("invalid", 0)
    assert report.counts.expired == report.counts.rrsigs > 0
    assert ("SIG_EXPIRED", "error") in report.findings.totals
    assert report.min_remaining_seconds < 0


def test_a_signature_over_almost_half_a_circle_is_good(lasting, examine):
    report = examine(lasting(-10_000, HALF - 10_001))
    assert report.verdict == "valid"
    assert {code for code, _ in report.findings.totals} == {"SIG_LONG_LIFE"}


@pytest.mark.parametrize("times", [(0, 0), (0, 4000), (-4000, 0)])
def test_both_ends_of_a_life_belong_to_it(lasting, examine, times):
    assert examine(lasting(*times)).verdict == "valid"


@pytest.mark.parametrize(("times", "code"), [((-4000, -1), "SIG_EXPIRED"), ((1, 4000), "SIG_FUTURE")])
def test_a_second_outside_does_not(lasting, examine, times, code):
    report = examine(lasting(*times))
    assert report.verdict == "invalid"
    assert (code, "error") in report.findings.totals
