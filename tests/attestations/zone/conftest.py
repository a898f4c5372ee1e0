"""Practice zones, and the native validator over them."""

from datetime import UTC, datetime

import dns.name
import pytest

from attestations.times import Instant
from attestations.zone.anchors import read_anchors
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.source import zone_from_bytes
from attestations.zone.validation import validate


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


@pytest.fixture(scope="session")
def loaded():
    """Return a zone version and anchors of a practice zone."""

    def load(practice):
        name = dns.name.from_text(practice.name)
        return zone_from_bytes(practice.text, "practice", name), read_anchors(practice.ds, "ds", name, "DS")

    return load


@pytest.fixture(scope="session")
def examine(loaded, now):
    """Validate a practice zone natively."""

    def examined(practice, at=now):
        zone, anchors = loaded(practice)
        return validate(zone, anchors, at)

    return examined
