"""Serial numbers compare as RFC 1982 says."""

import pytest

from attestations.zone.change.serial import relation


@pytest.mark.parametrize(
    ("serial", "previous", "expected"),
    [
        (2, 1, "higher"),
        (1, 1, "equal"),
        (1, 2, "lower"),
        (0, 2**32 - 1, "higher"),
        (2**32 - 1, 0, "lower"),
        (2**31 - 1, 0, "higher"),
        (2**31, 0, "undefined"),
        (2**31 + 1, 0, "lower"),
        (5, 2**31 + 6, "higher"),
        (5, 2**31 + 5, "undefined"),
        (5, 2**31 + 4, "lower"),
        (2012020200, 2012013100, "higher"),
    ],
)
def test_a_serial_is_higher_within_half_of_the_circle(serial, previous, expected):
    assert relation(serial, previous) == expected
