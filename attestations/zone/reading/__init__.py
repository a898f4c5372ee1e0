"""Where zones come from: a master file or a transfer. Either becomes one flat file, or an error."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from attestations.errors import Location
from attestations.predicates.zone_validation import Source
from attestations.zone.reading import master
from attestations.zone.reading.bounds import DEFAULT_BOUNDS, Bounds
from attestations.zone.reading.compressed import is_packed, unpacked
from attestations.zone.reading.faults import too_many_bytes, too_many_records
from attestations.zone.reading.files import (
    blocks_of,
    closed_on_error,
    digest_of,
    open_regular,
    temporary_file,
    write_all,
)
from attestations.zone.reading.flat import Unflat, Zone, line_number, line_of, stamp_of, unreadable
from attestations.zone.reading.including import Inclusion
from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.soa import serial_of
from attestations.zone.reading.sorting import Sorter
from attestations.zone.reading.transfer import Key, Server, transferred

__all__ = ["Bounds", "is_flat", "place_of", "rewritten", "zone_from_bytes", "zone_from_file", "zone_from_transfer"]

_BEGINNING = 64 * 1024
_LONGEST_LINE = 1024 * 1024
_SHORTEST_RECORD = len(b". 0 IN A 1\n")


def zone_from_file(path: Path, name: str, bounds: Bounds = DEFAULT_BOUNDS, *, include: bool = False) -> Zone:
    """Return the zone in a master file, plain or packed with gzip; `include` allows $INCLUDE below the file's folder.

    Raises InputError: FILE, PATH, LIMIT, DNS-ZONEFILE.
    """
    inclusion = Inclusion(path.parent, bounds) if include else None
    return _zone(_plain(open_regular(path), str(path), bounds), str(path), name, bounds, inclusion)


def zone_from_bytes(raw: bytes, file_name: str, name: str, bounds: Bounds = DEFAULT_BOUNDS) -> Zone:
    """Return the zone in the bytes of a master file; raise InputError (LIMIT, DNS-ZONEFILE)."""
    with closed_on_error(temporary_file()) as descriptor:
        write_all(descriptor, raw)
    return _zone(_plain(descriptor, file_name, bounds), file_name, name, bounds, None)


def zone_from_transfer(server: Server, name: str, bounds: Bounds = DEFAULT_BOUNDS, key: Key | None = None) -> Zone:
    """Return the zone that a server gives by AXFR; raise InputError (DNS-TRANSFER, DNS-ZONEFILE, LIMIT)."""
    wire, label = wire_name(name.encode("ascii")), str(server)
    with closed_on_error(_written(transferred(server, wire, bounds, key))) as descriptor:
        return _sorted_zone(wire, descriptor, descriptor, label, Source(kind="axfr", server=label))


def rewritten(zone: Zone, bounds: Bounds = DEFAULT_BOUNDS) -> Zone:
    """Return the zone as a flat, canonically sorted file of its own; each of the two is to be closed.

    What the zone is known by (digest, original, source) stays. Raises InputError (DNS-ZONEFILE, LIMIT).
    """
    with closed_on_error(os.dup(zone.original)) as original:
        if zone.is_sorted:
            descriptor = original if zone.descriptor == zone.original else os.dup(zone.descriptor)
            return replace(zone, descriptor=descriptor, original=original)
        with closed_on_error(_sorted(original, zone.label, zone.name, bounds, None)) as descriptor:
            in_order = _sorted_zone(zone.wire, descriptor, original, zone.label, zone.source)
            if in_order.sha256 != zone.sha256:
                raise unreadable("the file changed while it was read", Location(file=zone.label))
            return in_order


def place_of(zone: Zone, offset: int) -> Location:
    """Return where a record of the flat file stands in the file that was given. Only for messages: it reads anew."""
    if zone.descriptor == zone.original:
        return Location(file=zone.label, line=None if zone.is_sorted else line_number(zone, offset))
    line = zone.read(offset, _LONGEST_LINE).partition(b"\n")[0]
    place = master.place_of(line, blocks_of(zone.original), zone.label, zone.name.encode("ascii"))
    return place or Location(file=zone.label)


def is_flat(beginning: bytes) -> bool:
    """Return whether the beginning of a file is in flat form, as far as its lines are whole; the rest may not be."""
    try:
        for line in beginning[: beginning.rfind(b"\n") + 1].split(b"\n"):
            if line and not line.startswith(b";"):
                line_of(line, 0)
    except Unflat:
        return False
    return True


def _plain(given: int, label: str, bounds: Bounds) -> int:
    """Return a descriptor of an open file's content, unpacked if it is packed; the file is taken over."""
    with closed_on_error(given):
        if _size(given) > bounds.max_bytes:
            raise too_many_bytes(bounds, Location(file=label))
        if not is_packed(given):
            return given
        plain = unpacked(given, label, bounds)
    os.close(given)
    return plain


def _zone(original: int, label: str, name: str, bounds: Bounds, inclusion: Inclusion | None) -> Zone:
    """Return the zone in an open file, which is taken over."""
    wire = wire_name(name.encode("ascii"))
    source = Source(kind="file")
    with closed_on_error(original):
        serial = serial_of(original, wire, label) if _seems_flat(original, bounds) else None
        if serial is not None:
            return _described(wire, serial, original, original, label, source)
        descriptor = _sorted(original, label, text_name(wire), bounds, inclusion)
        with closed_on_error(descriptor):
            zone = _sorted_zone(wire, descriptor, original, label, source)
    return zone if inclusion is None or not inclusion.count else _of_several_files(zone)


def _sorted_zone(wire: bytes, descriptor: int, original: int, label: str, source: Source) -> Zone:
    serial = serial_of(descriptor, wire, label)
    if serial is None:
        raise unreadable(f"no SOA record at {text_name(wire)}", Location(file=label))
    return replace(_described(wire, serial, descriptor, original, label, source), is_sorted=True)


def _described(wire: bytes, serial: int, descriptor: int, original: int, label: str, source: Source) -> Zone:
    stamp = stamp_of(original)
    return Zone(
        name=text_name(wire),
        wire=wire,
        descriptor=descriptor,
        size=_size(descriptor),
        sha256=digest_of(original),
        source=source,
        is_sorted=False,
        serial=serial,
        original=original,
        stamp=stamp,
        label=label,
    )


def _of_several_files(zone: Zone) -> Zone:
    """Return a zone that is known by its flat text, since no single file holds it."""
    os.close(zone.original)
    stamp = stamp_of(zone.descriptor)
    return replace(zone, original=zone.descriptor, stamp=stamp, sha256=digest_of(zone.descriptor))


def _seems_flat(descriptor: int, bounds: Bounds) -> bool:
    """Return whether a file can be used as it is; whether it may is known when all of it has been read."""
    if _size(descriptor) // _SHORTEST_RECORD > bounds.max_records:
        return False  # too many records, perhaps: the general reader counts them
    return is_flat(os.pread(descriptor, _BEGINNING, 0)) and not _has_directives(descriptor)


def _has_directives(descriptor: int) -> bool:
    before = b"\n"
    for block in blocks_of(descriptor):
        at = block.find(b"$")
        while at >= 0:
            if (block[at - 1 : at] if at else before) == b"\n":
                return True
            at = block.find(b"$", at + 1)
        before = block[-1:]
    return False


def _sorted(original: int, label: str, origin: str, bounds: Bounds, inclusion: Inclusion | None) -> int:
    """Return a descriptor of a temporary file with the records of a master file, flat and in order."""
    lines = master.flat_lines(blocks_of(original), label, origin.encode("ascii"), inclusion)
    return _written(_counted(lines, label, bounds))


def _counted(pieces: Iterable[list[bytes]], label: str, bounds: Bounds) -> Iterator[list[bytes]]:
    left = bounds.max_records
    for lines in pieces:
        left -= len(lines)
        if left < 0:
            raise too_many_records(bounds, Location(file=label))
        yield lines


def _written(pieces: Iterable[list[bytes]]) -> int:
    """Return a descriptor of a temporary file with lines in order."""
    with closed_on_error(temporary_file()) as descriptor, Sorter() as sorter:
        for lines in pieces:
            sorter.add(lines)
        sorter.write(descriptor)
    return descriptor


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size
