"""A transfer is the whole zone or an error, whatever a server sends (threat family C4)."""

import os
import socket
import struct
import threading
import time
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone.reading import zone_from_transfer
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.transfer import Server, connection
from attestations.zone.reading.transfer.records import Reader

SOA = dns.rrset.from_text("test.", 60, "IN", "SOA", "ns. host. 1 1 1 1 1")
SOA_2 = dns.rrset.from_text("test.", 60, "IN", "SOA", "ns. host. 2 1 1 1 1")
A = dns.rrset.from_text("a.test.", 60, "IN", "A", "192.0.2.1")
TEXT = dns.rrset.from_text("t.test.", 60, "IN", "TXT", "x" * 200)
CHAOS = dns.rrset.from_text("a.test.", 60, "CH", "TXT", "x")


def send(stream, wire):
    stream.sendall(struct.pack("!H", len(wire)) + wire)


def answer_with(*rrsets, **changes):
    """Return a server's part: one message with these records."""

    def answer(stream, query):
        send(stream, message_of(query, rrsets, **changes))
        stream.recv(1)  # as a real server: wait for the client to hang up

    return answer


def message_of(query, rrsets, *, rcode=0, flags=0, identity=0, other=None, question=None):
    message = dns.message.make_response(dns.message.from_wire(query))
    message.set_rcode(rcode)
    message.flags ^= flags
    message.id ^= identity
    message.answer = list(rrsets)
    message.additional = [other] if other else []
    if question:
        message.question = [dns.rrset.RRset(dns.name.from_text(question), 1, 252)] if question != "none" else []
    return message.to_wire(max_size=65535)


@pytest.fixture
def transfer(answering, text_in):
    def transferred(answer, **bounds):
        with answering(answer) as (server, _), zone_from_transfer(server, "test.", Bounds(**bounds)) as zone:
            return text_in(zone).splitlines()

    return transferred


WHOLE = ["test. 60 IN SOA ns. host. 1 1 1 1 1", "a.test. 60 IN A 192.0.2.1"]


@pytest.mark.parametrize(
    "changes", [{}, {"question": "none"}, {"question": "TEST."}, {"other": A}, {"flags": dns.flags.AA}]
)
def test_a_complete_transfer_is_the_zone(transfer, changes):
    assert transfer(answer_with(SOA, A, SOA, **changes)) == WHOLE


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_messages_may_come_in_any_pieces(transfer, size):
    def answer(stream, query):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        messages = [message_of(query, [rrset]) for rrset in (SOA, A, SOA)]
        octets = b"".join(struct.pack("!H", len(wire)) + wire for wire in messages)
        for at in range(0, len(octets), size):
            stream.sendall(octets[at : at + size])
        stream.recv(1)

    assert transfer(answer) == WHOLE


BROKEN = {
    "refused": answer_with(rcode=dns.rcode.REFUSED),
    "nothing in it": answer_with(),
    "no SOA first": answer_with(A, SOA),
    "two versions": answer_with(SOA, A, SOA_2),
    "records behind the end": answer_with(SOA, A, SOA, A),
    "another id": answer_with(SOA, A, SOA, identity=1),
    "a query": answer_with(SOA, A, SOA, flags=dns.flags.QR),
    "truncated": answer_with(SOA, A, SOA, flags=dns.flags.TC),
    "an update": answer_with(SOA, A, SOA, flags=0x2800),
    "another question": answer_with(SOA, A, SOA, question="tset."),
    "another class": answer_with(SOA, CHAOS, SOA),
    "another zone's SOA last": answer_with(SOA, A, dns.rrset.from_text("a.test.", 60, "IN", "SOA", ". . 1 1 1 1 1")),
    "garbage": lambda stream, _: send(stream, b"hello"),
    "an empty message": lambda stream, _: send(stream, b""),
    "no message": lambda *_: None,
    "cut": lambda stream, query: send(stream, message_of(query, [SOA, A])),
    "cut inside a message": lambda stream, _: stream.sendall(b"\x10\x00abc"),
    "cut inside a length": lambda stream, _: stream.sendall(b"\x10"),
}


@pytest.mark.parametrize("variant", BROKEN)
def test_a_transfer_that_is_not_complete_and_clean_is_an_error(transfer, variant):
    with pytest.raises(InputError, match="DNS-TRANSFER"):
        transfer(BROKEN[variant], idle_seconds=0.2)


# Messages that lie, octet by octet. The first record is the SOA, so that a reader that believes them goes on.


def lying(record, answers=1, behind=b""):
    """Return a server's part: a message with one record of these octets behind the header and question."""

    def answer(stream, query):
        soa = message_of(query, [SOA])
        send(stream, soa)
        send(stream, query[:2] + struct.pack("!HHHHH", 0x8400, 0, answers, 0, 0) + record + behind)
        send(stream, soa)
        stream.recv(1)

    return answer


def record(owner, rtype, rdata, size=None):
    return owner + struct.pack("!HHIH", rtype, 1, 60, len(rdata) if size is None else size) + rdata


NAME = b"\1a\4test\0"
AT = 12
"""where the owner of the record stands"""
RRSIG_HEAD = struct.pack("!HBBIIIH", 1, 13, 2, 60, 2, 1, 1)

LIES = {
    "a pointer to itself": record(b"\xc0\x0c", 1, bytes(4)),
    "a pointer forward": record(b"\xc0\x0e", 1, bytes(4)),
    "a pointer out of the message": record(b"\xff\xff", 1, bytes(4)),
    "a label and a pointer back to it": record(b"\1a\xc0\x0c", 1, bytes(4)),
    "pointers in a circle": record(b"\1a\xc0\x0c", 2, b"\xc0\x0c"),
    "a label of another kind": record(b"\x41a\0", 1, bytes(4)),
    "a label that is cut": NAME[:-3],
    "no end of a name": b"\1a" * 20,
    "a name of more than 255 octets": record(b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 3 + b"\0", 1, bytes(4)),
    "a name of 200 labels": record(b"\1a" * 200 + b"\0", 1, bytes(4)),
    "only half of the fixed fields": NAME + b"\0\1\0\1",
    "RDATA that end behind the message": record(NAME, 1, bytes(4), size=5),
    "RDATA of 65,535 octets that are not there": record(NAME, 16, bytes(4), size=65535),
    "an address of three octets": record(NAME, 1, bytes(3)),
    "an address of five octets": record(NAME, 1, bytes(5)),
    "a short IPv6 address": record(NAME, 28, bytes(15)),
    "a name server and more": record(NAME, 2, b"\0\0"),
    "a name server that ends behind its RDATA": record(NAME, 2, NAME, size=3) + bytes(4),
    "no name server": record(NAME, 2, b""),
    "a short SOA record": record(NAME, 6, b"\0\0" + bytes(19)),
    "a text that ends behind its RDATA": record(NAME, 16, b"\5ab"),
    "no text": record(NAME, 16, b""),
    "a DS record without digest": record(NAME, 43, bytes(4)),
    "half a DS record": record(NAME, 43, bytes(2)),
    "a DNSKEY record without key": record(NAME, 48, b"\1\1\3\x0d"),
    "a compressed signer": record(NAME, 46, RRSIG_HEAD + b"\xc0\x0c" + b"x"),
    "no signature": record(NAME, 46, RRSIG_HEAD + NAME),
    "a compressed next name": record(NAME, 47, b"\xc0\x0c\0\1\x40"),
    "an empty bitmap window": record(NAME, 47, NAME + b"\0\0"),
    "a bitmap window of 33 octets": record(NAME, 47, NAME + b"\0\x21" + b"\1" * 33),
    "a bitmap with a zero at its end": record(NAME, 47, NAME + b"\0\2\x40\0"),
    "a bitmap that is cut": record(NAME, 47, NAME + b"\0\2\x40"),
    "bitmap windows out of order": record(NAME, 47, NAME + b"\1\1\x40\0\1\x40"),
    "a salt that is longer than the record": record(NAME, 50, b"\1\0\0\0\xff" + b"x" * 9),
    "a hash that is longer than the record": record(NAME, 50, b"\1\0\0\0\0\x14" + b"x" * 9),
    "parameters and more": record(NAME, 51, b"\1\0\0\0\0x"),
    "a service that ends behind its RDATA": record(NAME, 33, bytes(6) + NAME, size=8) + bytes(5),
    "an option": record(b"\0", 41, b""),
    "a query type": record(NAME, 255, b""),
    "type zero": record(NAME, 0, b""),
}


@pytest.mark.parametrize("variant", LIES)
def test_a_message_that_lies_is_an_error(transfer, variant):
    with pytest.raises(InputError, match="DNS-TRANSFER"):
        transfer(lying(LIES[variant]), idle_seconds=0.2)


def test_the_twin_of_those_is_read(transfer):
    found = transfer(lying(record(NAME, 47, NAME + b"\0\2\x40\1\1\1\x40") + record(b"\xc0\x0c", 2, b"\1b\xc0\x0e"), 2))
    assert found[1:] == ["a.test. 60 IN NS b.test.", "a.test. 60 IN NSEC a.test. A MX CAA"]


@pytest.mark.parametrize(("answers", "behind"), [(2, b""), (65535, b""), (0, b""), (1, b"\0")])
def test_counts_that_do_not_fit_are_an_error(transfer, answers, behind):
    with pytest.raises(InputError, match="DNS-TRANSFER"):
        transfer(lying(record(NAME, 1, bytes(4)), answers, behind), idle_seconds=0.2)


@given(st.data())
def test_any_change_of_a_message_gives_records_or_one_of_three_errors(data):
    query = dns.message.make_query("test.", "AXFR", flags=0).to_wire()
    rrsets = [
        SOA,
        A,
        dns.rrset.from_text("b.a.test.", 60, "IN", "NSEC3", "1 1 10 ab 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S NS DS"),
        dns.rrset.from_text("b.test.", 60, "IN", "NAPTR", '1 2 "a" "b" "c" d.test.'),
        dns.rrset.from_text("b.test.", 60, "IN", "RRSIG", "A 13 2 60 20300101000000 20200101000000 1 test. AAEC"),
    ]
    wire = bytearray(message_of(query, rrsets))
    for _ in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(2, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        answer = Reader(query).answer(bytes(wire[: data.draw(st.integers(len(wire) - 3, len(wire)))]))
    except (ValueError, IndexError, struct.error):
        return
    assert all(b"\n" not in record.line for record in answer.records)


# Too slow, too much, too fast.


def test_a_server_that_falls_silent_is_given_up(transfer):
    started = time.perf_counter()
    with pytest.raises(InputError, match="silence for"):
        transfer(answer_with(SOA), idle_seconds=0.2)
    assert time.perf_counter() - started < 3


def test_a_server_that_drips_is_given_up_at_the_time_limit(transfer):
    def answer(stream, query):
        for octet in message_of(query, [SOA, A] * 1000):
            stream.sendall(bytes([octet]))
            time.sleep(0.02)

    started = time.perf_counter()
    with pytest.raises(InputError, match="time limit"):
        transfer(answer, max_seconds=0.4, idle_seconds=30)
    assert time.perf_counter() - started < 20


def endless(stream, query):
    send(stream, message_of(query, [SOA]))
    wire = message_of(query, [A] * 1000)
    while True:
        send(stream, wire)


@pytest.mark.parametrize(
    ("bounds", "found"), [({"max_bytes": 300_000}, "300000 octets"), ({"max_records": 5000}, "more than 5000 records")]
)
def test_a_transfer_without_end_is_given_up(transfer, bounds, found):
    with pytest.raises(InputError, match=found):
        transfer(endless, **bounds)


@pytest.fixture
def slow_reader(monkeypatch):
    """Take a long time for the first message."""
    read = Reader.answer
    pauses = [0.8]

    def slowly(self, wire):
        if pauses:
            time.sleep(pauses.pop())
        return read(self, wire)

    monkeypatch.setattr(Reader, "answer", slowly)


def test_a_server_with_a_short_write_timeout_is_not_kept_waiting(answering, slow_reader):
    def answer(stream, query):
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        stream.settimeout(0.5)  # knotd's tcp-io-timeout
        send(stream, message_of(query, [SOA]))
        wire = message_of(query, [TEXT] * 250)
        for _ in range(300):  # 17 MB, more than the buffers of the kernel hold
            send(stream, wire)
        send(stream, message_of(query, [SOA]))
        stream.settimeout(None)
        stream.recv(1)

    with answering(answer) as (server, failures):
        zone_from_transfer(server, "test.").close()
    assert not failures


def test_what_does_not_fit_into_memory_waits_on_disk(transfer, slow_reader, monkeypatch):
    monkeypatch.setattr(connection, "MAX_WAITING", 3000)
    many = [dns.rrset.from_text(f"n{n:04}.test.", 60, "IN", "TXT", f"{n}") for n in range(2000)]

    def answer(stream, query):
        for part in ([SOA], *(many[at : at + 20] for at in range(0, 2000, 20)), [SOA]):
            send(stream, message_of(query, part))
        stream.recv(1)

    assert transfer(answer)[1:] == [f'n{n:04}.test. 60 IN TXT "{n}"' for n in range(2000)]


def test_a_full_disk_is_bad_input_that_says_what_to_do(transfer, monkeypatch):
    monkeypatch.setattr(connection, "MAX_WAITING", 0)
    monkeypatch.setattr(connection, "temporary_file", lambda: os.open("/dev/full", os.O_WRONLY))
    with pytest.raises(InputError, match=r"LIMIT.*no room"):
        transfer(answer_with(SOA, A, SOA))


def test_nobody_listening_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="no connection"):
        zone_from_transfer(Server(host="127.0.0.1", port=port), "test.")


def test_neither_threads_nor_files_are_left_behind(transfer):
    def count():
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    for answer in (BROKEN["refused"], BROKEN["cut"], BROKEN["two versions"], answer_with(SOA, A, SOA)):
        try:
            transfer(answer)
        except InputError:
            continue
    assert count() == before


@pytest.mark.parametrize(
    ("text", "host", "port"), [("ns1.example", "ns1.example", 53), ("::1@5353", "::1", 5353), ("h@65535", "h", 65535)]
)
def test_a_server_is_host_or_host_at_port(text, host, port):
    assert Server.parse(text) == Server(host=host, port=port)


@pytest.mark.parametrize("text", ["", "@53", "h@", "h@0", "h@65536", "h@five", "h@\u0665"])
def test_anything_else_is_no_server(text):
    with pytest.raises(ValueError, match="HOST"):
        Server.parse(text)
