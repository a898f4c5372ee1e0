"""Zone transfer (AXFR, RFC 5936): complete, or an error.

A thread drains the socket while the main thread parses: a Knot server cuts clients off that do not read for
500 ms (tcp-io-timeout), and parsing takes longer than that.
"""

import queue
import secrets
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import dns.message
import dns.opcode
import dns.query
from dns.exception import DNSException
from dns.flags import Flag
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations.errors import InputError
from attestations.zone.master import Record

_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """A name server."""

    host: str
    port: int = 53

    @classmethod
    def parse(cls, text: str) -> "Server":
        """Return the server that `HOST` or `HOST@PORT` names; raise ValueError."""
        host, separator, port = text.partition("@")
        if not host or (separator and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
            raise ValueError(f"{text!a} is not HOST or HOST@PORT")
        return cls(host=host, port=int(port) if separator else 53)

    def __str__(self) -> str:
        return f"{self.host}@{self.port}"


@dataclass(frozen=True, kw_only=True)
class _End:
    """No more messages will come, and why."""

    reason: str


def transfer(server: Server, zone: Name, max_bytes: int, max_records: int, max_seconds: float) -> Iterator[Record]:
    """Yield the records of a whole zone, SOA once; raise InputError (DNS-TRANSFER): refused, cut, too long."""
    deadline = time.monotonic() + max_seconds
    query = dns.message.make_query(zone, RdataType.AXFR, id=secrets.randbelow(65536), flags=0)
    with closing(_messages(server, query, max_bytes, deadline)) as messages:
        for count, record in enumerate(_until_second_soa(messages, query, zone, server)):
            if count == max_records:
                raise _failed(server, f"more than {max_records} records")
            yield record


def _messages(server: Server, query: Message, max_bytes: int, deadline: float) -> Generator[bytes, None, None]:
    frames: queue.SimpleQueue[bytes | _End] = queue.SimpleQueue()
    wire = query.to_wire()
    try:
        stream = socket.create_connection((server.host, server.port), timeout=_CONNECT_SECONDS)
    except OSError as error:
        raise _failed(server, f"no connection: {error}") from None
    with stream:
        stream.sendall(len(wire).to_bytes(2, "big") + wire)
        drain = threading.Thread(target=_drain, args=(stream, frames, max_bytes, deadline), daemon=True)
        drain.start()
        try:
            yield from _received(frames, server)
        finally:
            _hang_up(stream)
            drain.join()


def _received(frames: "queue.SimpleQueue[bytes | _End]", server: Server) -> Iterator[bytes]:
    while isinstance(frame := frames.get(), bytes):
        yield frame
    raise _failed(server, frame.reason)


def _drain(stream: socket.socket, frames: "queue.SimpleQueue[bytes | _End]", max_bytes: int, deadline: float) -> None:
    """Move messages from the socket to the queue until the peer stops, the limits are reached, or we hang up."""
    left = max_bytes
    try:
        while left > 0:
            length = int.from_bytes(_exactly(stream, 2, deadline), "big")
            frames.put(_exactly(stream, length, deadline))
            left -= length + 2
        frames.put(_End(reason=f"more than {max_bytes} octets"))
    except TimeoutError:
        frames.put(_End(reason="the time limit was reached before the transfer was complete"))
    except (OSError, EOFError) as error:
        frames.put(_End(reason=str(error)))


def _exactly(stream: socket.socket, size: int, deadline: float) -> bytes:
    data = bytearray()
    while len(data) < size:
        if (remaining := deadline - time.monotonic()) <= 0:
            raise TimeoutError
        stream.settimeout(remaining)
        piece = stream.recv(size - len(data))
        if not piece:
            raise EOFError("the connection was closed before the transfer was complete")
        data += piece
    return bytes(data)


def _hang_up(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the peer was faster


def _until_second_soa(wires: Iterator[bytes], query: Message, zone: Name, server: Server) -> Iterator[Record]:
    """Yield records from the first SOA up to its repetition (RFC 5936, 2.2)."""
    first: Record | None = None
    for wire in wires:
        records = _records(wire, query, server)
        for position, record in enumerate(records):
            is_soa = record.rdata.rdtype == RdataType.SOA and record.owner == zone
            if first is None:
                if not is_soa:
                    raise _failed(server, "a transfer that does not begin with the SOA record")
                first = record
            elif is_soa:
                if record.rdata != first.rdata or position != len(records) - 1:
                    raise _failed(server, "two different SOA records, or records behind the last: two versions mixed")
                return
            yield record


def _records(wire: bytes, query: Message, server: Server) -> list[Record]:
    try:
        message = dns.message.from_wire(wire, xfr=True, one_rr_per_rrset=True, multi=True)
    except (DNSException, ValueError, IndexError) as error:
        raise _failed(server, f"a malformed message: {type(error).__name__} {error}") from None
    if message.id != query.id or not message.flags & Flag.QR or message.opcode() != dns.opcode.QUERY:
        raise _failed(server, "a message that does not answer the question")
    if message.rcode() != Rcode.NOERROR:
        raise _failed(server, f"the answer {Rcode.to_text(message.rcode())}")
    return [
        Record(owner=rrset.name, ttl=rrset.ttl, rdata=rdata)
        for rrset in message.answer
        if rrset.rdclass == RdataClass.IN
        for rdata in rrset
    ]


def _failed(server: Server, found: str) -> InputError:
    return InputError(
        "DNS-TRANSFER",
        found=f"{found!a:.300} from {server}",
        wanted="a complete zone transfer (AXFR)",
        fix=f"look at:  dig @{server.host} -p {server.port} ZONE AXFR",
    )
