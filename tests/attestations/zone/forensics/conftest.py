"""Flat zones of practice signers."""

import os

import pytest

from attestations.digest import sha256
from attestations.predicates.zone_validation import Source
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.names import wire_name


@pytest.fixture
def flat(tmp_path):
    """Return the text of a flat zone as a Zone, closed after the test."""
    made = []

    def zone_of(text, name="test."):
        path = tmp_path / f"{len(made)}.zone"
        path.write_bytes(text)
        descriptor = os.open(path, os.O_RDONLY)
        made.append(
            Zone(
                name=name,
                wire=wire_name(name.encode("ascii")),
                descriptor=descriptor,
                size=len(text),
                sha256=sha256(text),
                source=Source(kind="file"),
                is_sorted=False,
                serial=1,
                original=descriptor,
            )
        )
        return made[-1]

    yield zone_of
    for zone in made:
        zone.close()
