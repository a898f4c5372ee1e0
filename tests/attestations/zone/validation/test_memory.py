"""Memory does not grow with the zone: what is found waits on disk, in buckets."""

import base64
import hashlib
import tracemalloc
from functools import partial

import pytest

from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation import survey
from attestations.zone.validation.denial import entries, spool
from attestations.zone.validation.whole import validate

SMALL, LARGE = 575, 4_600
ROOM = 150_000
"""bytes; a NAME and a LINK entry for each delegation make 359,000 of the larger zone, 45,000 of the smaller"""


def hashed(number):
    return base64.b32hexencode(hashlib.sha1(b"%d" % number).digest()).lower()  # noqa: S324  # any 20 octets


def grown(practice, count):
    """Return the zone with so many delegations and NSEC3 records more, signed by a key that nobody published."""
    rrsig = b"3600 IN RRSIG NSEC3 13 2 3600 20380101000000 20260101000000 1 test. " + b"A" * 86 + b"=="
    lines = [
        b"zz%06d.test.%s 3600 IN NS ns1.test.\n%s.test. 3600 IN NSEC3 1 0 0 - %s NS\n%s.test. %s\n"
        % (number, b" " * 200, hashed(number), hashed(number + 1), hashed(number), rrsig)
        for number in range(count)
    ]
    return practice.text + b"".join(lines)


@pytest.fixture
def peak(monkeypatch, ksk, zsk, now):
    """Return the bytes that one pass needs at most, in pieces of 16 kB."""
    monkeypatch.setattr(survey, "pieces", partial(survey.pieces, size=16_000))
    monkeypatch.setattr(entries, "_PER_BUCKET", 512)
    practice = practice_zone([ksk, zsk], now)

    def measured(count, held):
        monkeypatch.setattr(spool, "MAX_HELD", held)
        with zone_from_bytes(grown(practice, count), "zone", practice.name) as zone:
            tracemalloc.start()
            report = validate(zone, (), now, jobs=1)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert report.findings.totals["KEY_NOT_PUBLISHED", "error"] == count
        return most

    return measured


def test_entries_that_do_not_fit_into_memory_wait_on_disk(peak):
    bounded = peak(LARGE, held=20_000)
    assert bounded - peak(SMALL, held=20_000) < ROOM
    assert peak(LARGE, held=10_000_000) - bounded > ROOM
