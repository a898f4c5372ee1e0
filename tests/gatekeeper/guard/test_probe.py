"""The probe: what counts as a zone that is given away, and what as one that is refused."""

import socket
import threading
from contextlib import suppress

import dns.message
import dns.rcode
import dns.rrset
import pytest

from attestations.servers.ports import LOOPBACK
from gatekeeper.guard import probe as module
from gatekeeper.guard.configuration import KnotServer
from gatekeeper.guard.probe import probe

ZONE = "example."
SOA = dns.rrset.from_text(ZONE, 3600, "IN", "SOA", "ns1.example. hostmaster.example. 1 7200 3600 1209600 3600")


@pytest.fixture
def server():
    """A server that says one thing to everybody who asks over TCP."""
    with socket.create_server((LOOPBACK, 0)) as listening:

        def saying(answer):
            threading.Thread(target=serve, args=(listening, answer), daemon=True).start()
            return KnotServer(name="it", address=LOOPBACK, port=listening.getsockname()[1])

        yield saying


def serve(listening, answer):
    with suppress(OSError):  # the probe may have gone
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as stream:
            query = dns.message.from_wire(stream.read(int.from_bytes(stream.read(2))))
            raw = answer(query)
            connection.sendall(len(raw).to_bytes(2) + raw)


def answered(rcode=dns.rcode.NOERROR, *records):
    def answer(query):
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        response.answer.extend(records)
        return response.to_wire()

    return answer


@pytest.mark.parametrize(
    ("answer", "outflow"),
    [
        (answered(dns.rcode.NOERROR, SOA), "given"),
        (answered(dns.rcode.REFUSED), "refused"),
        (answered(dns.rcode.NOTAUTH), "refused"),
        (answered(dns.rcode.SERVFAIL), "unclear"),
        (answered(dns.rcode.NOERROR), "unclear"),
        (answered(dns.rcode.REFUSED, SOA), "given"),
        (lambda _: b"no message", "unclear"),
        (lambda _: b"", "unclear"),
        (lambda _: dns.message.make_response(dns.message.make_query("other.", "A")).to_wire(), "unclear"),
    ],
    ids=["zone", "refused", "not here", "failure", "nothing", "refused, and given", "garbage", "empty", "another id"],
)
def test_what_an_answer_means(server, answer, outflow):
    assert probe(server(answer), ZONE) == outflow


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(server, monkeypatch):
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.2)
    silent = threading.Event()
    assert probe(server(lambda _: (silent.wait(5) and b"") or b""), ZONE) == "unclear"
    silent.set()


@pytest.mark.parametrize("address", [LOOPBACK, "no address", "2001:db8::1"])
def test_a_server_that_is_not_there_refuses_nothing(address, monkeypatch):
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.2)
    assert probe(KnotServer(name="it", address=address, port=1), ZONE) == "unclear"
