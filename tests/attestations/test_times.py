"""Instants and durations: one spelling in, the same spelling out."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.times import Duration, Instant


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-05T19:30:00Z", datetime(2026, 5, 5, 19, 30, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-05-05T19:30:00.5Z", datetime(2026, 5, 5, 19, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-05-05T19:30:00.000001Z", datetime(2026, 5, 5, 19, 30, 0, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_rfc_3339_in_utc_is_an_instant(text, moment):
    instant = Instant.parse(text)
    assert instant == moment
    assert instant.utcoffset() == timedelta(0)
    assert str(instant) == text


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-05T19:30:00", "2026-05-05T19:30:00+00:00", "2026-05-05T21:30:00+02:00", "2026-05-05T19:30:00-00:00"),
        *("2026-05-05 19:30:00Z", "2026-05-05t19:30:00Z", "2026-05-05T19:30:00z", "2026-05-05T19:30Z", "2026-05-05"),
        *("2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-05-05T24:00:00Z", "2026-06-30T23:59:60Z"),
        *("2026-05-05T19:30:00Z\n", " 2026-05-05T19:30:00Z", "2026-05-05T19:30:00.Z", "2026-05-05T19:30:00.1234567Z"),
        *("\uff12026-05-05T19:30:00Z", "20260505T193000Z", "+2026-05-05T19:30:00Z", "0000-01-01T00:00:00Z", "", "now"),
        *(None, 1_777_000_000, 1.5, True, datetime(2026, 5, 5, tzinfo=UTC), ["2026-05-05T19:30:00Z"]),
    ],
    ids=repr,
)
def test_any_other_spelling_of_an_instant_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Instant.parse(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_written_as_it_is_read(moment):
    instant = Instant.combine(moment.date(), moment.timetz())
    assert Instant.parse(str(instant)) == moment


@given(st.integers(0, 2**32 * 10**6), st.sampled_from([UTC, timezone(timedelta(hours=2))]))
def test_a_moment_in_any_zone_is_the_instant_in_utc_to_the_microsecond(microseconds, zone):
    moment = datetime(1970, 1, 1, tzinfo=UTC).astimezone(zone) + timedelta(microseconds=microseconds)
    instant = Instant.of(moment)
    assert instant == moment
    assert instant.utcoffset() == timedelta(0)


@given(st.text(alphabet="0123456789-:.TZ+ \n", max_size=30))
def test_any_text_is_an_instant_or_a_value_error(text):
    try:
        instant = Instant.parse(text)
    except ValueError:
        return
    assert Instant.parse(str(instant)) == instant


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("72h", timedelta(days=3)),
        ("30d", timedelta(days=30)),
        ("999999d", timedelta(days=999_999)),
        ("007m", timedelta(minutes=7)),
    ],
)
def test_a_whole_number_and_one_unit_is_a_duration(text, span):
    duration = Duration.parse(text)
    assert duration == span
    assert Duration.parse(str(duration)) == span


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "h",
            "72",
            "72 h",
            " 72h",
            "72h\n",
            "72H",
            "1h30m",
            "-1h",
            "+1h",
            "1.5h",
            "1e3s",
            "1000000s",
            "1w",
            "1ms",
        ),
        *("\uff172h", None, 72, 72.0, True, timedelta(hours=72), "PT72H"),
    ],
    ids=repr,
)
def test_any_other_spelling_of_a_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=90), "90m"),
        (timedelta(hours=24), "1d"),
        (timedelta(hours=25), "25h"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_is_exact(span, text):
    assert str(Duration(seconds=span.total_seconds())) == text
