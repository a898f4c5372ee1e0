"""What a zone in flat form holds."""

import pytest

from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import fields_of, lines, pieces
from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import type_number


def _text_in(zone):
    return zone.read(0, zone.size).decode("ascii")


def _records_in(zone):
    return {
        (text_name(wire_name(line.owner)), ttl_number(line.ttl), rtype, rdata_wire(rtype, fields_of(line.rest)))
        for offset, size in pieces(zone)
        for line in lines(zone, offset, size)
        for rtype in [type_number(line.rtype)]
    }


@pytest.fixture(scope="session")
def text_in():
    """Return the text of a zone's flat file."""
    return _text_in


@pytest.fixture(scope="session")
def records_in():
    """Return the records of a zone's flat file: owner, TTL, type, canonical RDATA."""
    return _records_in


@pytest.fixture(scope="session")
def flat_text():
    """Return what the text of a master file of the zone test. becomes."""

    def read(text, **bounds):
        with zone_from_bytes(text, "some.zone", "test.", **bounds) as zone:
            return _text_in(zone)

    return read
