"""Zone transfer: the whole zone, or an error. The servers are real sockets with real DNS messages."""

import contextlib
import socket
import struct
import threading
import time

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from attestations.errors import InputError
from attestations.zone.practice.signing import practice_zone
from attestations.zone.source import Bounds, zone_from_bytes, zone_from_transfer
from attestations.zone.transfer import Server


@contextlib.contextmanager
def server(answer):
    """Serve one connection; `answer` gets the socket and the query."""
    listener = socket.create_server(("127.0.0.1", 0))
    failures = []

    def serve():
        connection, _ = listener.accept()
        with connection:
            length = struct.unpack("!H", connection.recv(2))[0]
            query = dns.message.from_wire(connection.recv(length))
            try:
                answer(connection, query)
            except OSError as error:
                failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Server(host="127.0.0.1", port=listener.getsockname()[1]), failures
    finally:
        thread.join()
        listener.close()


def send(connection, query, rrsets, rcode=dns.rcode.NOERROR, identity=None):
    message = dns.message.make_response(query)
    message.set_rcode(rcode)
    message.answer = list(rrsets)
    if identity is not None:
        message.id = identity
    wire = message.to_wire(max_size=65535)
    connection.sendall(struct.pack("!H", len(wire)) + wire)


@pytest.fixture
def records(ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now)
    zone = zone_from_bytes(practice.text, "z", dns.name.from_text(practice.name))
    plain = [dns.rrset.from_rdata(r.owner, min(r.ttls), rdata) for r in zone.rrsets for rdata in r.rdatas]
    signed = [dns.rrset.from_rdata(r.owner, min(r.ttls), sig) for r in zone.rrsets for sig in r.signatures]
    soa = next(rrset for rrset in plain if rrset.rdtype.name == "SOA")
    return practice, soa, [rrset for rrset in plain if rrset is not soa] + signed


def fetch(at, zone, **bounds):
    return zone_from_transfer(at, dns.name.from_text(zone.name), Bounds(**bounds))


def test_a_transfer_in_many_messages_is_the_zone(records):
    practice, soa, others = records

    def answer(connection, query):
        everything = [soa, *others, soa]
        for start in range(0, len(everything), 5):
            send(connection, query, everything[start : start + 5])
        connection.recv(1)  # as a real server: wait for the client to hang up

    with server(answer) as (at, _):
        zone = fetch(at, practice)
    assert zone.source.kind == "axfr"
    assert zone.rrsets == zone_from_bytes(practice.text, "z", dns.name.from_text(practice.name)).rrsets
    assert zone.master == practice.text


def test_a_server_with_a_short_write_timeout_is_not_kept_waiting(records):
    practice, soa, others = records

    def answer(connection, query):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connection.settimeout(0.5)  # knotd's tcp-io-timeout
        for index in range(200):
            many = [dns.rrset.from_text(f"n{index}-{n}.test.", 60, "IN", "TXT", "x" * 200) for n in range(40)]
            send(connection, query, [soa, *many] if index == 0 else many)
        send(connection, query, [*others, soa])

    with server(answer) as (at, failures):
        zone = fetch(at, practice)
    assert not failures
    assert len(zone.rrsets) > 8_000


BROKEN = {
    "refused": lambda c, q, *_: send(c, q, [], rcode=dns.rcode.REFUSED),
    "cut": lambda c, q, soa, others: send(c, q, [soa, *others]),
    "cut-inside-a-message": lambda c, *_: c.sendall(b"\x10\x00abc"),
    "nothing": lambda *_: None,
    "no-soa-first": lambda c, q, soa, others: send(c, q, [*others, soa]),
    "two-versions": lambda c, q, soa, others: send(
        c,
        q,
        [soa, *others, dns.rrset.from_text("test.", 3600, "IN", "SOA", "ns1. hostmaster. 2 7200 3600 1209600 3600")],
    ),
    "records-behind-the-end": lambda c, q, soa, others: send(c, q, [soa, *others, soa, others[0]]),
    "another-id": lambda c, q, soa, _: send(c, q, [soa, soa], identity=q.id ^ 1),
    "garbage": lambda c, *_: c.sendall(b"\x00\x05hello"),
}


@pytest.mark.parametrize("variant", BROKEN)
def test_a_transfer_that_is_not_complete_and_clean_is_an_error(records, variant):
    practice, soa, others = records
    with (
        server(lambda c, q: BROKEN[variant](c, q, soa, others)) as (at, _),
        pytest.raises(InputError, match="DNS-TRANSFER"),
    ):
        fetch(at, practice)


def test_a_slow_server_is_given_up_at_the_time_limit(records):
    practice, soa, _ = records

    def answer(connection, query):
        send(connection, query, [soa])
        connection.recv(1)

    started = time.perf_counter()
    with server(answer) as (at, _), pytest.raises(InputError, match="time limit"):
        fetch(at, practice, max_seconds=0.3)
    assert time.perf_counter() - started < 3


def test_a_transfer_without_end_is_given_up_at_the_byte_limit(records):
    practice, soa, others = records

    def answer(connection, query):
        send(connection, query, [soa])
        for _ in range(10_000):
            send(connection, query, others)

    with server(answer) as (at, _), pytest.raises(InputError, match="octets"):
        fetch(at, practice, max_bytes=100_000)


def test_a_transfer_of_too_many_records_is_given_up(records):
    practice, soa, others = records
    with (
        server(lambda c, q: send(c, q, [soa, *others, soa])) as (at, _),
        pytest.raises(InputError, match="more than 10 records"),
    ):
        fetch(at, practice, max_records=10)


def test_nobody_listening_is_an_error(records):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="no connection"):
        fetch(Server(host="127.0.0.1", port=port), records[0])


@pytest.mark.parametrize(
    ("text", "host", "port"), [("ns1.example", "ns1.example", 53), ("::1@5353", "::1", 5353), ("h@65535", "h", 65535)]
)
def test_a_server_is_host_or_host_at_port(text, host, port):
    assert Server.parse(text) == Server(host=host, port=port)


@pytest.mark.parametrize("text", ["", "@53", "h@", "h@0", "h@65536", "h@five", "h@\u0665"])
def test_anything_else_is_no_server(text):
    with pytest.raises(ValueError, match="HOST"):
        Server.parse(text)
