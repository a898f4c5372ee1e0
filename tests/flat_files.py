"""Flat zone files in memory, also such as no reader would accept."""

import os

from attestations.predicates.zone_validation import Source
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.names import wire_name


def opened(text, name="test."):
    """Return a flat file as a Zone, without a look at what is in it."""
    descriptor = os.memfd_create("zone")
    os.write(descriptor, text)
    return Zone(
        name=name,
        wire=wire_name(name.encode("ascii")),
        descriptor=descriptor,
        size=len(text),
        sha256="0" * 64,
        source=Source(kind="file"),
        is_sorted=False,
        serial=1,
        original=descriptor,
    )
