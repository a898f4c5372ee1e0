"""Practice zones, read and validated natively."""

import pytest

from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.whole import validate


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


@pytest.fixture
def examine(loaded, now):
    """Validate a practice zone natively."""

    def examined(practice, at=now, **options):
        zone, anchors = loaded(practice)
        return validate(zone, anchors, at, **options)

    return examined
