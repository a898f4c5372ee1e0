"""How long signatures hold is held against TTLs and the SOA, with boundaries; what is usual is not remarked upon."""

import pytest

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
