"""Zones as a hostile or broken signer writes them, each with a twin that lacks the trick alone."""

import re

import pytest

from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.whole import validate


@pytest.fixture(scope="session")
def judged(now):
    """Validate the text of a zone natively with the DS of a practice zone."""

    def judge(text, practice, **options):
        anchors = read_anchors(practice.ds, "ds", practice.name, "DS")
        with zone_from_bytes(text, "zone", practice.name) as zone:
            return validate(zone, anchors, now, **options)

    return judge


@pytest.fixture(scope="session")
def spelled():
    """Write the types of a practice zone's records in another way."""

    def spell(text, rtype, spelling):
        return re.sub(rb"(?m)^(\S+ \d+ IN )%b " % rtype, rb"\1%b " % spelling, text)

    return spell
