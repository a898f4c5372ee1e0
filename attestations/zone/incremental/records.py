"""Owners and records in the state: in which order owners stand, and when two lines are one record."""

import re

from attestations.zone.reading.flat import Line, fields_of
from attestations.zone.reading.names import text_name
from attestations.zone.reading.rdata import rdata_wire, read_rrsig
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import TYPES, type_number, type_text

_PLAIN = re.compile(rb"[A-Za-z0-9_.-]+")
_RRSIG = TYPES[b"RRSIG"]

Record = tuple[int, int, bytes]
"""type, TTL and canonical RDATA: equal for two lines that say the same"""


def record_of(line: Line) -> Record:
    """Return what a line says beside its owner; raise ValueError for what cannot be read."""
    rtype, ttl, fields = type_number(line.rtype), ttl_number(line.ttl), fields_of(line.rest)
    if rtype == _RRSIG:
        rrsig = read_rrsig(fields)
        return rtype, ttl, rrsig.head + rrsig.signature
    return rtype, ttl, rdata_wire(rtype, fields)


def flat_line(owner: bytes, line: Line) -> bytes:
    """Return a line with its owner, given in wire form, and its type as the state spells them."""
    given = line.owner
    spelled = given.lower() if _PLAIN.fullmatch(given) else text_name(owner).encode("ascii")
    rtype = line.rtype if line.rtype in TYPES else type_text(type_number(line.rtype)).encode("ascii")
    return b" ".join((spelled, line.ttl, b"IN", rtype, line.rest))
