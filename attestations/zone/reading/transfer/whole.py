"""A whole zone from a name server (AXFR, RFC 5936)."""

from collections.abc import Iterator

from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.sorting import key_of
from attestations.zone.reading.transfer.exchange import AXFR, Exchange, query
from attestations.zone.reading.transfer.records import SOA
from attestations.zone.reading.transfer.server import Server
from attestations.zone.reading.transfer.tsig import Key


def transferred(server: Server, apex: bytes, bounds: Bounds, key: Key | None) -> Iterator[list[bytes]]:
    """Yield the records of a zone, given in wire form, as flat lines behind their sort keys; the SOA record once.

    Raises InputError (DNS-TRANSFER, LIMIT): refused, cut, mixed, too much. Lines count only when all have come.
    """
    apex_key = key_of(apex)
    begin: bytes | None = None
    with Exchange(server, query(apex, AXFR), bounds, key) as exchange:
        for records in exchange.answers():
            lines = []
            for number, (rtype, owner_key, line) in enumerate(records, 1):
                if rtype == SOA and owner_key == apex_key:
                    if begin is None:
                        begin = line
                        lines.append(owner_key + b"\0" + line)
                        continue
                    if line != begin or number != len(records):
                        raise exchange.failed("two different SOA records, or records behind the last: versions mixed")
                    exchange.end()
                    yield lines
                    return
                if begin is None:
                    raise exchange.failed("a transfer that does not begin with the SOA record")
                lines.append(owner_key + line)
            yield lines
