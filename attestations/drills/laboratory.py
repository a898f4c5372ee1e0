"""Three real servers on loopback: a hidden primary (Knot), the guard with its verifier (NSD), a secondary (Knot)."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from attestations.drills import configuration
from attestations.drills.configuration import SINK_FILE, TOLD_FILE, VERIFIER_FILE, WRAPPER
from attestations.drills.faults import Signer, SinkState, VerifierState
from attestations.drills.probing import Vantage, now
from attestations.records import ZoneName
from attestations.servers.configuration import configured
from attestations.servers.files import insist_on_empty, insist_on_usable, write_file
from attestations.servers.knot_primary import HiddenPrimary, PrimaryPlan
from attestations.servers.operating import versions
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import READY_SECONDS
from attestations.servers.refusal import laboratory_error
from attestations.zone.practice.signing import PracticeZone
from attestations.zone.reading.transfer import Server
from attestations.zone.validation.anchors import read_anchors

VERIFIER_SECONDS = 30
ZONE_FILE, DS_FILE = "zone", "ds"

_REFUSED = re.compile(rb"verify: (verifier for zone \S+ \(pid \d+\) (exited with [1-9]|timed out)|could not start)")
_DROPPED = b"continuing with old database"
_SCRIPTS = {"killed": "#!/bin/sh\nkill -KILL $$\n", "hanging": "#!/bin/sh\nexec sleep 3600\n"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What laboratory is wanted."""

    folder: Path
    """new or empty"""
    zone: ZoneName
    wrapper: Path | None = None
    """what NSD calls with `--notify`, a program to notify, a time limit and the verifier; None: the shipped one"""
    verifier_seconds: int = VERIFIER_SECONDS
    """time limit of the verifier"""


@dataclass(frozen=True, kw_only=True)
class GuardLog:
    """What the guard has said so far about versions that it was given."""

    refused: int
    """versions whose verifier did not say yes"""
    dropped: int
    """versions that it has put away for good"""


class Laboratory:
    """The running servers: everything that a drill does to them, and what can be seen of them."""

    def __init__(self, plan: Plan, ports: dict[str, int], sockets: Path) -> None:
        self.plan = plan
        folder = plan.folder.absolute()
        self._values = configuration.guarding(
            folder, plan.zone, folder / DS_FILE, ports["candidate"], plan.verifier_seconds
        )
        self._primary = HiddenPrimary(_primary_plan(plan, ports, sockets))
        self._servers = {"primary": self._primary.server}
        for name, (template, command) in configuration.SERVERS.items():
            values = {**self._values, **ports, "port": ports[name], "socket": sockets / name}
            self._servers[name] = configured(name, folder / name, template, command, values)
        anchors = read_anchors((plan.folder / DS_FILE).read_bytes(), DS_FILE, plan.zone, "DS")
        self._vantages = {
            name: Vantage(name=name, server=Server(host=LOOPBACK, port=ports[name]), zone=plan.zone, anchors=anchors)
            for name in self._servers
        }

    @property
    def vantages(self) -> tuple[Vantage, ...]:
        """The servers that the world could ask: all but the hidden primary."""
        return self._vantages["guard"], self._vantages["secondary"]

    def start(self, stack: ExitStack) -> None:
        """Start the servers one after another, each when the one before serves the zone; `stack` stops them."""
        for name, server in self._servers.items():
            stack.callback(server.stop)
            if not self._start(name):
                raise server.failed(f"not ready within {READY_SECONDS:g} seconds")

    def restart(self) -> bool:
        """Restart the servers that the world could ask; return whether they serve the zone again."""
        for vantage in self.vantages:
            self._servers[vantage.name].stop()
        served = [self._start(vantage.name) for vantage in self.vantages]
        return all(served)

    def publish(self, zone: PracticeZone) -> None:
        """Let the hidden primary serve another version; it tells the guard."""
        self._primary.publish(zone.text)

    def notify(self) -> None:
        """Let the hidden primary tell the guard once more."""
        self._primary.notify()

    def set_verifier(self, state: VerifierState) -> None:
        """Change what becomes of the verifier that the wrapper calls."""
        script = self.plan.folder / VERIFIER_FILE
        if state == "missing":
            script.unlink()
        else:
            text = _SCRIPTS.get(state) or configuration.VERIFIER.format(**self._values)
            write_file(script, text.encode(), executable=True)

    def set_sink(self, state: SinkState) -> None:
        """Change what becomes of the program that the wrapper notifies: it notes each call, then ends or hangs."""
        text = configuration.SINK.format(**self._values) + ("exec sleep 3600\n" if state == "hanging" else "")
        write_file(self.plan.folder / SINK_FILE, text.encode(), executable=True)

    def times_told(self) -> int:
        """Return how often the wrapper has called the program that it notifies."""
        told = self.plan.folder / TOLD_FILE
        return len(told.read_bytes().splitlines()) if told.exists() else 0

    def guard_log(self) -> GuardLog:
        """Return what the guard has said so far."""
        log = self._servers["guard"].log
        return GuardLog(refused=len(_REFUSED.findall(log)), dropped=log.count(_DROPPED))

    def on_disk(self, serial: int) -> bool:
        """Return whether the guard has put the version of this serial number on its disk, which a restart reads."""
        file = self._servers["guard"].folder / ZONE_FILE
        return file.exists() and re.search(rb"\(\s+%d " % serial, file.read_bytes()) is not None

    def _start(self, name: str) -> bool:
        server, vantage = self._servers[name], self._vantages[name]
        server.start()
        return server.wait_until_ready(lambda: vantage.probe() is not None)


@contextmanager
def running(plan: Plan, signer: Signer, serial: int) -> Iterator[Laboratory]:
    """Run a laboratory whose servers all serve the good version of this serial number; in the end none is left.

    Raises InputError (LABORATORY): a program is missing or does not start, a folder in use, a full disk.
    """
    _check(plan)
    with tempfile.TemporaryDirectory(prefix="attest-") as sockets, ExitStack() as stack:
        write_file(plan.folder / WRAPPER, _wrapper(plan), executable=True)
        zone = signer.good(serial, now())
        write_file(plan.folder / ZONE_FILE, zone.text)
        write_file(plan.folder / DS_FILE, zone.ds)
        laboratory = Laboratory(plan, free_ports("primary", "guard", "secondary", "candidate"), Path(sockets))
        laboratory.set_verifier("sound")
        laboratory.set_sink("sound")
        laboratory.start(stack)
        yield laboratory


def server_versions() -> dict[str, str]:
    """Return the versions of the servers that a laboratory runs; raise InputError (LABORATORY)."""
    return versions({"nsd": "-v", "knotd": "--version"})


def _check(plan: Plan) -> None:
    insist_on_usable(plan.folder)
    if plan.wrapper:
        insist_on_usable(plan.wrapper)
    insist_on_empty(plan.folder)


def _wrapper(plan: Plan) -> bytes:
    source = plan.wrapper or files("attestations.drills") / WRAPPER
    try:
        return source.read_bytes()
    except OSError as error:
        raise laboratory_error(f"{source}: {error.strerror}", "a wrapper that can be read") from None


def _primary_plan(plan: Plan, ports: dict[str, int], sockets: Path) -> PrimaryPlan:
    folder = plan.folder.absolute()
    return PrimaryPlan(
        folder=folder / "primary",
        zone=plan.zone,
        zone_file=folder / ZONE_FILE,
        port=ports["primary"],
        socket=sockets / "primary",
        notify=(ports["guard"],),
    )
