"""The serial number of a zone in flat form."""

from attestations.errors import Location
from attestations.zone.reading.files import blocks_of
from attestations.zone.reading.flat import unreadable
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.types import TYPES


def serial_of(descriptor: int, apex: bytes, label: str) -> int | None:
    """Return the serial number of the SOA record at the apex, given in wire form; None if a flat file has none.

    Raises InputError (DNS-ZONEFILE): two different SOA records close to each other, as they stand in a sorted file, or
    one that cannot be read. Only the beginning of the file is read, if the record stands there as usual.
    """
    found: set[bytes] = set()
    rest = b""
    for block in blocks_of(descriptor):
        is_enough = bool(found)
        text, _, rest = (rest + block).rpartition(b"\n")
        found.update(_soa_records(text, apex, label))
        if is_enough:
            break
    else:
        found.update(_soa_records(rest, apex, label))
    if len(found) > 1:
        raise unreadable(f"not exactly one SOA record at the apex, but {len(found)}", Location(file=label))
    return int.from_bytes(found.pop()[-20:-16], "big") if found else None


def _soa_records(text: bytes, apex: bytes, label: str) -> set[bytes]:
    """Return the RDATA of the SOA records at the apex; `SOA` occurs in little else, so searching is cheap."""
    found = set()
    at = text.find(b"SOA")
    while at >= 0:
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        owner, *fields = text[text.rfind(b"\n", 0, at) + 1 : end].split()
        if fields[1:3] == [b"IN", b"SOA"] and _is(owner, apex):
            try:
                found.add(rdata_wire(TYPES[b"SOA"], fields[3:]))
            except ValueError as error:
                raise unreadable(f"a SOA record with {error}", Location(file=label)) from None
        at = text.find(b"SOA", end)
    return found


def _is(owner: bytes, name: bytes) -> bool:
    try:
        return wire_name(owner) == name
    except ValueError:
        return False
