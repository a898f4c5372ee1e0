"""How long signatures hold is held against TTLs and the SOA, with boundaries; what is usual is not remarked upon."""

from dataclasses import replace

import pytest
from dns.rdatatype import RdataType

from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed
from attestations.zone.validation.lifetimes import LONG_LIFE, Margins, denial_ttl_findings, lifetime_findings


def found(**margins):
    usual = Margins(min_remaining=10 * 86400, max_ttl=86400, soa_expire=7 * 86400, longest_life=14 * 86400)
    values = {name: margins.get(name, getattr(usual, name)) for name in Margins.__dataclass_fields__}
    return [(one.code, one.severity) for one in lifetime_findings("test.", Margins(**values))]


def test_usual_times_are_right():
    assert found() == []


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        (7 * 86400, []),
        (7 * 86400 - 1, [("SIG_HORIZON", "note")]),
        (86400, [("SIG_HORIZON", "note")]),
        (86399, [("SIG_HORIZON", "warning")]),
        (0, [("SIG_HORIZON", "warning")]),
        (-1, []),
    ],
)
def test_a_signature_outlives_caches_and_secondaries(remaining, expected):
    # one that has expired is an error of its own
    assert found(min_remaining=remaining) == expected


@pytest.mark.parametrize(("life", "expected"), [(LONG_LIFE, []), (LONG_LIFE + 1, [("SIG_LONG_LIFE", "warning")])])
def test_a_life_of_more_than_a_year_is_a_warning(life, expected):
    assert found(longest_life=life) == expected


def test_ten_years_are_named_in_days():
    margins = Margins(min_remaining=10**8, max_ttl=1, soa_expire=1, longest_life=3650 * 86400)
    (only,) = lifetime_findings("test.", margins)
    assert "3650 days" in only.message


@pytest.mark.parametrize(
    ("soa_ttl", "minimum", "ttls", "is_right"),
    [
        (3600, 900, [900], True),
        (3600, 900, [901], False),
        (600, 900, [900], False),
        (600, 900, [600, 60], True),
        (600, 900, [600, 601], False),
        (600, 900, [], True),
    ],
)
def test_negative_answers_are_cached_no_longer_than_the_soa_allows(soa_ttl, minimum, ttls, is_right):
    findings = [(one.code, one.severity) for one in denial_ttl_findings("test.", soa_ttl, minimum, ttls)]
    assert findings == ([] if is_right else [("TTL_DENIAL", "warning")])


@pytest.fixture
def told(examine, ksk, zsk, now):
    """Return the codes of what is said of a zone in which the times or TTLs of some RRsets are others."""

    def examined(finish=lambda _rrset, rrsig: rrsig, edit=lambda rrset: rrset):
        def finished(_index, rrset, rrsig):
            key = ksk if rrset.rtype == RdataType.DNSKEY else zsk
            return (re_signed(finish(rrset, rrsig), rrset, key.sign),)

        hooks = Hooks(finish=finished, edit=lambda zone: replace(zone, rrsets=tuple(map(edit, zone.rrsets))))
        return {code for code, _ in examine(practice_zone([ksk, zsk], now, hooks=hooks)).findings.totals}

    return examined


@pytest.mark.parametrize(("life", "code"), [(-60, "SIG_EXPIRED"), (400 * 86400, "SIG_LONG_LIFE")])
def test_a_signature_that_ends_before_it_begins_lives_not_long_but_never(told, life, code):
    def finish(rrset, rrsig):
        is_it = rrset.owner.to_text() == "nic.test."
        return changed(rrsig, expiration=rrsig.inception + life) if is_it else rrsig

    assert {"SIG_EXPIRED", "SIG_LONG_LIFE"} & told(finish) == {code}


@pytest.mark.parametrize(("ttl", "expected"), [(3600, set()), (7200, {"TTL_DENIAL"})])
@pytest.mark.parametrize("life", [14 * 86400, 5400])
def test_the_ttl_of_denial_counts_where_signatures_live_for_less_too(told, ttl, expected, life):
    def edit(rrset):
        return replace(rrset, ttls=frozenset([ttl])) if rrset.rtype == RdataType.NSEC3 else rrset

    def finish(_rrset, rrsig):
        return changed(rrsig, expiration=rrsig.inception + life)

    assert told(finish, edit) & {"TTL_DENIAL"} == expected
