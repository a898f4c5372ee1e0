"""Practice zones, read and validated natively."""

from datetime import UTC, datetime

import pytest

from attestations.times import Instant
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.whole import validate


@pytest.fixture(scope="session")
def now():
    # Zones must be of today: dnssec-verify can judge only now.
    return Instant.of(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(scope="session")
def ksk():
    return new_key(KSK_FLAGS)


@pytest.fixture(scope="session")
def zsk():
    return new_key(ZSK_FLAGS)


@pytest.fixture
def loaded():
    """Return a zone version and anchors of a practice zone; the files are closed after the test."""
    opened = []

    def load(practice):
        opened.append(zone_from_bytes(practice.text, "practice", practice.name))
        return opened[-1], read_anchors(practice.ds, "ds", practice.name, "DS")

    yield load
    for zone in opened:
        zone.close()


@pytest.fixture(scope="session")
def examine(now):
    """Validate a practice zone natively."""

    def examined(practice, at=now, **options):
        anchors = read_anchors(practice.ds, "ds", practice.name, "DS")
        with zone_from_bytes(practice.text, "practice", practice.name) as zone:
            return validate(zone, anchors, at, **options)

    return examined
