"""Fourteen months of the real root apex, with five rollovers of the ZSK: each step is safe, a leap over some is not.

The collection lies beside the repository; without it: skipped.
"""

import gzip
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from attestations.times import Instant
from attestations.zone.change.proof import proof_of
from attestations.zone.change.serial import relation
from attestations.zone.change.state import state_of
from attestations.zone.change.transition import Clock, transition_findings
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.apex import apex_of

TIMELINE = Path(__file__).parents[5] / "shared/corpora/zones/root_apex_timeline/root-apex-2023-11-2024-12.jsonl.gz"
pytestmark = pytest.mark.skipif(not TIMELINE.exists(), reason="the collection of zones is not there")
LONG_AGO = Instant.of(datetime(2023, 10, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def observed():
    """Return (time, master file) of each observation."""
    rows = [json.loads(line) for line in gzip.decompress(TIMELINE.read_bytes()).splitlines()]
    texts = ("\n".join((*row["records"], "")).encode("ascii") for row in rows)
    return [
        (Instant.of(datetime.fromtimestamp(row["crawled"], UTC)), text) for row, text in zip(rows, texts, strict=True)
    ]


def _instant(seconds):
    return Instant.of(datetime.fromtimestamp(seconds, UTC))


@contextmanager
def state(text):
    with zone_from_bytes(text, "root", ".") as zone:
        apex = apex_of(zone)
        with state_of(zone, apex, proof_of(apex, apex, LONG_AGO)) as one:
            yield one


def test_every_step_of_the_root_was_safe(observed):
    since = {}
    for (_, first), (on, second) in pairwise(observed):
        with state(first) as before, state(second) as after:
            for key in before.apex.keys.keys:
                since.setdefault(key.fingerprint, LONG_AGO)  # of the first pair; later ones are known already
            for key in after.apex.keys.keys:
                since.setdefault(key.fingerprint, on)
            assert list(transition_findings(before, after, Clock(now=on, published_since=since))) == []
            assert relation(after.apex.serial, before.apex.serial) == "higher"
    assert len(observed) == 1082
    assert len(since) > 6


def test_a_leap_over_the_pre_publication_is_safe_only_when_caches_have_forgotten(observed):
    def at(day):
        return next((on, text) for on, text in observed if on >= Instant.parse(day))

    seen_on, first = at("2023-12-15T00:00:00Z")  # ZSK 30903 is not published yet
    now, second = at("2024-01-02T00:00:00Z")  # it signs
    with state(first) as before, state(second) as after:
        (unsafe,) = transition_findings(before, after, Clock(now=now))
        assert (unsafe.code, "the key 30903" in unsafe.message) == ("CACHE_UNSAFE", True)
        assert list(transition_findings(before, after, Clock(now=now, seen_on=seen_on))) == []
