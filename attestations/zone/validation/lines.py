"""The lines of a piece of the flat file: those with records, and the one that cannot be read."""

from attestations.zone.reading.flat import PLAIN, Unflat, fields_of, line_of
from attestations.zone.reading.names import RelativeNameError, wire_name
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import type_in_zone

_PLAIN = PLAIN + b"\n"


class BadLineError(Exception):
    """A record that cannot be read: the offset of its line, and what is wrong."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(offset, what)
        self.offset, self.what = offset, what


def records_in(data: bytes, offset: int) -> list[bytes]:
    """Return the lines with records; raise Unflat for a line that only the general reader understands."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if not data.translate(None, _PLAIN) and min(lines, default=b"!") > b"!":
        return lines
    records = []
    at = offset
    for line in lines:
        if line and not line.startswith(b";") and not line.isspace():
            if line[:1] <= b" " or line.translate(None, PLAIN):
                line_of(line, at)
            records.append(line)
        at += len(line) + 1
    return records


def first_fault(data: bytes, offset: int) -> Exception | None:
    """Return the fault of the first line that cannot be read."""
    at = offset
    for raw in data.split(b"\n"):
        try:
            if raw and not raw.startswith(b";") and not raw.isspace():
                line = line_of(raw, at)
                wire_name(line.owner)
                ttl_number(line.ttl)
                rdata_wire(type_in_zone(line.rtype), fields_of(line.rest))
        except Unflat as fault:
            return fault
        except RelativeNameError as fault:
            return Unflat(at, str(fault))
        except ValueError as fault:
            return BadLineError(at, str(fault))
        at += len(raw) + 1
    return None
