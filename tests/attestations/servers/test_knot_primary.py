"""A real hidden primary, and receivers that are loading at first: each comes to know of every version."""

import socket
import struct
import tempfile
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import dns.message
import pytest

from attestations.drills.faults import Signer
from attestations.drills.probing import now
from attestations.errors import InputError
from attestations.servers.asking import serial_at
from attestations.servers.files import write_file
from attestations.servers.knot_primary import HiddenPrimary, PrimaryPlan
from attestations.servers.ports import LOOPBACK, free_ports

pytestmark = pytest.mark.needs("knotd", "knotc", "setpriv")
ZONE = "test."
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing resets the connection, as an NSD does that is loading"""


class Receiver:
    """A server on loopback that answers NOTIFY, unless it is loading."""

    def __init__(self, stack):
        self.heard, self.loading = 0, 0
        self._listener = stack.enter_context(closing(socket.create_server((LOOPBACK, 0))))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return  # the test has ended
            with channel:
                self._answer(channel)

    def _answer(self, channel):
        if self.loading:
            self.loading -= 1
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return
        with channel.makefile("rwb") as stream:
            (length,) = struct.unpack("!H", stream.read(2))
            answer = dns.message.make_response(dns.message.from_wire(stream.read(length))).to_wire()
            self.heard += 1  # before anybody can see that it was answered
            stream.write(struct.pack("!H", len(answer)) + answer)


@pytest.fixture
def stack():
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def receivers(stack):
    return Receiver(stack), Receiver(stack)


@pytest.fixture
def signer():
    return Signer(ZONE)


@pytest.fixture
def primary(tmp_path, stack, receivers, signer):
    """A hidden primary that serves its first version, of which both receivers know."""
    sockets = stack.enter_context(tempfile.TemporaryDirectory(prefix="primary-"))
    plan = PrimaryPlan(
        folder=tmp_path / "primary",
        zone=ZONE,
        zone_file=tmp_path / "zone",
        port=free_ports("primary")["primary"],
        socket=Path(sockets) / "primary",
        notify=tuple(receiver.port for receiver in receivers),
    )
    write_file(plan.zone_file, signer.good(1, now()).text)
    made = HiddenPrimary(plan)
    stack.callback(made.server.stop)
    made.server.start()
    assert made.server.wait_until_ready(lambda: serial_at(LOOPBACK, plan.port, ZONE) == 1)
    assert made.server.wait_until_ready(lambda: made.server.log.count(b"notify, outgoing") == len(receivers))
    return made


@pytest.mark.parametrize("loading", [(0, 0), (2, 0), (0, 1)])
def test_each_receiver_knows_of_a_version_however_long_it_was_loading(primary, receivers, signer, loading):
    before = [receiver.heard for receiver in receivers]
    for receiver, times in zip(receivers, loading, strict=True):
        receiver.loading = times
    primary.publish(signer.good(2, now()).text)
    assert serial_at(LOOPBACK, primary.plan.port, ZONE) == 2
    sent = max(loading) + 1
    assert [receiver.heard - old for receiver, old in zip(receivers, before, strict=True)] == [
        sent - times for times in loading
    ]


def test_the_receivers_can_be_told_once_more(primary, receivers):
    before = [receiver.heard for receiver in receivers]
    receivers[1].loading = 1
    primary.notify()
    assert [receiver.heard - old for receiver, old in zip(receivers, before, strict=True)] == [2, 1]


def test_a_zone_that_cannot_be_loaded_is_told_in_the_words_of_knot(primary):
    with pytest.raises(InputError) as refusal:
        primary.publish(b"no zone")
    assert refusal.value.code == "LABORATORY"
    assert "zone-reload test." in refusal.value.found
