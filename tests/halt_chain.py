"""What stands on docs/halt-integrations.md, and a hidden primary that feeds real servers which run it."""

import re
import sys
import tempfile
from pathlib import Path

from attestations.drills.faults import Signer
from attestations.drills.probing import Vantage, now
from attestations.servers.asking import serial_at
from attestations.servers.files import write_file
from attestations.servers.knot_primary import HiddenPrimary, PrimaryPlan
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import ServerProcess
from attestations.servers.waiting import wait_until
from attestations.zone.reading.transfer import Server
from attestations.zone.validation.anchors import read_anchors

PAGE = (Path(__file__).parents[1] / "docs" / "halt-integrations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:sh)?\n(.*?)```", PAGE, re.DOTALL)
ZONE = "example."
PATIENCE = 100


def block(beginning):
    return next(text for text in BLOCKS if beginning in text)


def put(text, changes):
    """The text of the page with the addresses and paths of the test: each must be there."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, str(new))
    return text


class Chain:
    """A hidden primary (Knot) that tells the server under test of each version."""

    def __init__(self, folder, stack, told="guard"):
        self.folder, self._stack = folder, stack
        self.ports = free_ports("primary", "guard", "candidate", "control", "intake")
        self.signer = Signer(ZONE)
        first = self.signer.good(1, now())
        write_file(folder / "zone", first.text)
        write_file(folder / "ds", first.ds)
        self.anchors = read_anchors(first.ds, "ds", ZONE, "DS")
        plan = PrimaryPlan(
            folder=folder / "primary",
            zone=ZONE,
            zone_file=folder / "zone",
            port=self.ports["primary"],
            socket=Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chain-"))) / "primary",
            notify=(self.ports[told],),
        )
        self._primary = HiddenPrimary(plan)
        self._stack.callback(self._primary.server.stop)
        self._primary.server.start()
        self.wait_for(lambda: serial_at(LOOPBACK, self.ports["primary"], ZONE) == 1)

    def run(self, name, text, *command):
        """Start a server; in the end it is stopped."""
        write_file(self.folder / name / "server.conf", text.encode())
        server = ServerProcess(name, self.folder / name, command)
        self._stack.callback(server.stop)
        server.start()
        return server

    def publish(self, zone):
        """Let the hidden primary serve another version, and wait until the server under test knows."""
        self._primary.publish(zone.text)

    def good(self, serial):
        self.publish(self.signer.good(serial, now()))

    def bad(self, serial, kind="wrong-key"):
        self.publish(self.signer.bad(kind, serial, now()))

    def served(self):
        """What the world is served: the serial number, and whether it validates; None for nothing."""
        server = Server(host=LOOPBACK, port=self.ports["guard"])
        probe = Vantage(name="guard", server=server, zone=ZONE, anchors=self.anchors).probe()
        return probe and (probe.serial, probe.validates)

    def wait_for(self, state):
        """Wait for a state, which must come."""
        assert wait_until(lambda: state() or None, PATIENCE)

    def script(self, name, text):
        """Write an executable file whose commands are those of this work tree."""
        for program, package in (("attest", "attestations"), ("gatekeeper", "gatekeeper")):
            text = re.sub(rf"(^|\s){program} ", rf"\1{sys.executable} -m {package} ", text)
        write_file(self.folder / name, text.encode(), executable=True)
        return self.folder / name
