"""One question to a name server, and the messages that answer it: each one whole, to the point, and signed if asked."""

import secrets
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Self

from attestations.errors import InputError
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.transfer.connection import messages
from attestations.zone.reading.transfer.records import Reader, Record, rcode_text
from attestations.zone.reading.transfer.server import Server, failed
from attestations.zone.reading.transfer.tsig import Key, Session, error_of

AXFR, IXFR = 252, 251

_IN, _SOA = 1, 6
_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_POINTER_TO_QUESTION = b"\xc0\x0c"


def query(apex: bytes, rtype: int, serial: int | None = None) -> bytes:
    """Return a question about a zone; with the serial number that we have, if that is asked for (RFC 1995, 3)."""
    header = _HEADER.pack(secrets.randbelow(65536), 0, 1, 0, 0 if serial is None else 1, 0)
    question = apex + struct.pack("!HH", rtype, _IN)
    if serial is None:
        return header + question
    rdata = b"\0\0" + struct.pack("!IIIII", serial, 0, 0, 0, 0)
    return header + question + _POINTER_TO_QUESTION + _RECORD.pack(_SOA, _IN, 0, len(rdata)) + rdata


class Exchange:
    """The answers to one query. A context manager: it holds a connection."""

    def __init__(self, server: Server, query: bytes, bounds: Bounds, key: Key | None) -> None:
        self._server = server
        self._reader = Reader(query)
        self._session = Session(key) if key else None
        self._bounds = bounds
        self._messages = messages(server, self._session.signed(query) if self._session else query, bounds)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(closing(self._messages))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def answers(self) -> Iterator[list[Record]]:
        """Yield the records of each message until the caller has enough; raise InputError (DNS-TRANSFER, LIMIT)."""
        left = self._bounds.max_records
        for wire in self._messages:
            records = self._checked(wire)
            left -= len(records)
            if left < 0:
                raise self.failed(f"more than {self._bounds.max_records} records")
            yield records

    def end(self) -> None:
        """Raise InputError (DNS-TRANSFER) unless the last message was signed, if we sign."""
        try:
            if self._session:
                self._session.end()
        except ValueError as error:
            raise self.failed(str(error)) from None

    def failed(self, found: str) -> InputError:
        """Return the error for an answer that is not what it should be."""
        return failed(self._server, found)

    def _checked(self, wire: bytes) -> list[Record]:
        try:
            answer = self._reader.answer(wire)
            if answer.rcode:
                raise ValueError(f"{error_of(wire, answer.signature_at)}the answer {rcode_text(answer.rcode)}")
            if self._session:
                self._session.check(wire, answer.signature_at)
        except (IndexError, struct.error):
            raise self.failed("a malformed message: it ends too early") from None
        except ValueError as error:
            raise self.failed(str(error)) from None
        return answer.records
