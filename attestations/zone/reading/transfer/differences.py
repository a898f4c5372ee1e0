"""What changed in a zone since a serial number, from a name server (IXFR, RFC 1995)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from attestations.errors import InputError
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.sorting import key_of
from attestations.zone.reading.transfer.exchange import IXFR, Exchange, query
from attestations.zone.reading.transfer.records import SOA, Record
from attestations.zone.reading.transfer.server import Server
from attestations.zone.reading.transfer.tsig import Key

DIFFERENCE_BOUNDS = Bounds(max_bytes=512 * 1024 * 1024, max_records=5_000_000, max_seconds=900.0)
"""differences are held in memory; whoever needs more asks for the zone"""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What leads from one version to a later one: flat lines, the SOA records among them."""

    old: int
    new: int
    deleted: tuple[bytes, ...] = field(repr=False)
    added: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Differences:
    """A server's answer to the question what changed."""

    answer: Literal["differences", "nothing newer", "whole zone"]
    """`whole zone`: the server has no differences to offer; ask for a transfer of the zone"""
    serial: int
    """of the server's version"""
    steps: tuple[Difference, ...] = ()
    """in order, without a gap, from the serial number that was asked about to that of the server"""


def differences_from_transfer(
    server: Server, name: str, from_serial: int, bounds: Bounds = DIFFERENCE_BOUNDS, key: Key | None = None
) -> Differences:
    """Return what changed in a zone since a version; raise InputError (DNS-TRANSFER): refused, cut, mixed, a gap."""
    apex = wire_name(name.encode("ascii"))
    with Exchange(server, query(apex, IXFR, from_serial), bounds, key) as exchange:
        answer = _Answer(exchange, key_of(apex))
        first = answer.soa()
        if not is_newer(_serial(first), from_serial):
            exchange.end()
            return Differences(answer="nothing newer" if answer.is_at_end else "whole zone", serial=_serial(first))
        second = answer.record()
        if not answer.is_soa(second) or second.line == first.line:
            return Differences(answer="whole zone", serial=_serial(first))
        steps = tuple(_steps(answer, from_serial, first, second))
        if not answer.is_at_end:
            raise exchange.failed("records behind the last: versions mixed")
        exchange.end()
        return Differences(answer="differences", serial=_serial(first), steps=steps)


def is_newer(serial: int, than: int) -> bool:
    """Return whether a serial number is later than another (RFC 1982, 3.2)."""
    return 0 < (serial - than) % 2**32 < 2**31


class _Answer:
    """The records of an answer, one by one, across its messages."""

    def __init__(self, exchange: Exchange, apex_key: bytes) -> None:
        self._exchange = exchange
        self._apex_key = apex_key
        self._messages = exchange.answers()
        self._waiting: list[Record] = []
        """of the present message, the next one last"""

    @property
    def is_at_end(self) -> bool:
        """Whether the record that was returned last is the last of its message."""
        return not self._waiting

    def record(self) -> Record:
        """Return the next record."""
        while not self._waiting:
            self._waiting = next(self._messages)[::-1]
        return self._waiting.pop()

    def is_soa(self, record: Record) -> bool:
        """Return whether a record is a SOA record of the zone."""
        return record.rtype == SOA and record.key == self._apex_key

    def soa(self) -> Record:
        """Return the next record, a SOA record."""
        record = self.record()
        if not self.is_soa(record):
            raise self._exchange.failed("an answer that does not begin with the SOA record")
        return record

    def until_soa(self) -> tuple[tuple[bytes, ...], Record]:
        """Return the lines up to the next SOA record, and that."""
        lines = []
        while not self.is_soa(record := self.record()):
            lines.append(record.line)
        return tuple(lines), record

    def failed(self, found: str) -> InputError:
        """Return the error for an answer that makes no sense."""
        return self._exchange.failed(found)


def _steps(answer: _Answer, from_serial: int, last: Record, old: Record) -> Iterator[Difference]:
    """Yield the steps: SOA, what is deleted, SOA, what is added; until the server's SOA record comes again."""
    expected = from_serial
    while True:
        if _serial(old) != expected:
            raise answer.failed(f"a gap: differences from {_serial(old)} where those from {expected} are due")
        deleted, new = answer.until_soa()
        if not is_newer(_serial(new), _serial(old)):
            raise answer.failed(f"differences from {_serial(old)} back to {_serial(new)}")
        added, following = answer.until_soa()
        expected = _serial(new)
        yield Difference(old=_serial(old), new=expected, deleted=(old.line, *deleted), added=(new.line, *added))
        if following.line == last.line:
            break
        old = following
    if new.line != last.line:
        raise answer.failed(f"differences that end with {expected}, not with {_serial(last)}: versions mixed")


def _serial(soa: Record) -> int:
    return int(soa.line.split()[6])
