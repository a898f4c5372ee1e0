"""The TCP connection of a transfer: messages are taken from it as fast as they come, and wait until they are read.

A Knot server cuts clients off that do not read for 500 ms (tcp-io-timeout), and reading a message takes longer than
receiving it. So a thread drains the socket; what does not fit into memory waits in a temporary file.
"""

import os
import queue
import socket
import threading
import time
from collections.abc import Generator, Iterator

from attestations.errors import InputError
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.files import temporary_file, write_all
from attestations.zone.reading.transfer.server import Server, failed

CONNECT_SECONDS = 10.0
MAX_WAITING = 64 * 1024 * 1024
"""octets of messages that wait in memory; more wait on disk"""

_RECEIVED_AT_ONCE = 256 * 1024
_OBJECT = 128
"""what a waiting message costs besides its octets, about"""

_Waiting = bytes | tuple[int, int] | Exception


def messages(server: Server, query: bytes, bounds: Bounds) -> Generator[bytes, None, None]:
    """Send a query and yield the messages that come back, without an end of its own: close it after the last.

    Raises InputError: DNS-TRANSFER for no connection, a closed one, silence, too much time or too many octets; LIMIT
    for a full disk.
    """
    deadline = time.monotonic() + bounds.max_seconds
    try:
        stream = socket.create_connection((server.host, server.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise failed(server, f"no connection: {error}") from None
    with stream:
        spool = _Spool()
        drain = threading.Thread(target=_drain, args=(stream, spool, bounds, deadline), daemon=True)
        try:
            stream.sendall(len(query).to_bytes(2, "big") + query)
            drain.start()
            yield from spool.messages()
        except OSError as error:
            raise failed(server, str(error)) from None
        except _StoppedError as stop:
            raise failed(server, str(stop)) from None
        finally:
            _hang_up(stream)
            if drain.ident:
                drain.join()
            spool.close()


class _StoppedError(Exception):
    """No more messages will come, and why."""


class _Spool:
    """Messages on their way from one thread to another, in order."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._held = 0
        self._disk = temporary_file()
        self._written = 0

    def put(self, message: bytes) -> None:
        """Take a message."""
        cost = len(message) + _OBJECT
        with self._lock:
            fits = self._held + cost <= MAX_WAITING
            self._held += cost if fits else 0
        if fits:
            self._queue.put(message)
            return
        write_all(self._disk, message)
        self._queue.put((self._written, len(message)))
        self._written += len(message)

    def stop(self, reason: Exception) -> None:
        """Take the reason why nothing follows."""
        self._queue.put(reason)

    def messages(self) -> Iterator[bytes]:
        """Yield the messages; then raise the reason."""
        while not isinstance(waiting := self._queue.get(), Exception):
            if isinstance(waiting, tuple):
                yield os.pread(self._disk, waiting[1], waiting[0])
                continue
            with self._lock:
                self._held -= len(waiting) + _OBJECT
            yield waiting
        raise waiting

    def close(self) -> None:
        """Forget what nobody wants."""
        os.close(self._disk)


def _drain(stream: socket.socket, spool: _Spool, bounds: Bounds, deadline: float) -> None:
    """Move messages to the spool until the peer stops, a bound is reached, or we hang up."""
    try:
        for message in _framed(_received(stream, bounds, deadline)):
            spool.put(message)
        spool.stop(_StoppedError("the connection was closed before the transfer was complete"))
    except (OSError, _StoppedError, InputError) as error:
        spool.stop(error)


def _received(stream: socket.socket, bounds: Bounds, deadline: float) -> Iterator[bytes]:
    left = bounds.max_bytes
    while True:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise _StoppedError("the time limit was reached before the transfer was complete")
        stream.settimeout(min(remaining, bounds.idle_seconds))
        try:
            octets = stream.recv(_RECEIVED_AT_ONCE)
        except TimeoutError:
            if remaining > bounds.idle_seconds:
                raise _StoppedError(f"silence for {bounds.idle_seconds:g} seconds") from None
            continue
        if not octets:
            return
        left -= len(octets)
        if left < 0:
            raise _StoppedError(f"more than {bounds.max_bytes} octets")
        yield octets


def _framed(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a stream into messages, each behind its length (RFC 1035, 4.2.2); what is left at the end is none."""
    waiting = bytearray()
    for octets in stream:
        waiting += octets
        at = 0
        while len(waiting) - at >= 2:
            end = at + 2 + int.from_bytes(waiting[at : at + 2], "big")
            if end > len(waiting):
                break
            yield bytes(waiting[at + 2 : end])
            at = end
        del waiting[:at]


def _hang_up(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the peer was faster
