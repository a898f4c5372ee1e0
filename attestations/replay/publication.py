"""Real servers that publish what was signed: a hidden primary, the guard with a secondary, a secondary without guard.

A validating resolver stands behind each of the two secondaries, and knows nothing but the DS records of the parent.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path

from attestations.drills.configuration import SERVERS, SINK, SINK_FILE, VERIFIER, VERIFIER_FILE, WRAPPER, guarding
from attestations.drills.probing import Vantage
from attestations.operations import Command
from attestations.predicates.halt_drill import Probe
from attestations.records import ZoneName
from attestations.replay.configuration import CHILD_ZONE, CHILDREN
from attestations.replay.registry import CHILD
from attestations.servers.asking import Answer, Question, serial_at
from attestations.servers.configuration import NSD, configured
from attestations.servers.files import write_file
from attestations.servers.knot_primary import HiddenPrimary, PrimaryPlan
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import READY_SECONDS, ServerProcess
from attestations.servers.refusal import laboratory_error
from attestations.servers.resolver import Resolver, Upstream
from attestations.servers.waiting import wait_until
from attestations.zone.reading.transfer import Server
from attestations.zone.validation.anchors import read_anchors

NAME_SERVERS = ("primary", "guard", "secondary", "plain")
"""the hidden primary, and those that others may ask"""
RESOLVERS = {"behind-the-guard": "secondary", "without-guard": "plain"}
"""each resolver and the server that it asks"""

VERIFIER_SECONDS = 120
"""time limit of the guard's verifier: a busy machine is no fault of a zone"""
ARRIVAL_SECONDS = 180.0
"""how long a version may take to every server that shall have it"""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What is published, and where."""

    folder: Path
    """absolute"""
    zone: ZoneName
    text: bytes = field(repr=False)
    """the version that is served first"""
    ds: Path
    children: tuple[str, ...]
    """unsigned zones below, with a name server of their own"""


class Publication:
    """The running servers and resolvers."""

    def __init__(self, parts: Parts, sockets: Path) -> None:
        self._parts = parts
        self._sockets = sockets
        self._ports = free_ports("primary", "guard", "secondary", "plain", "candidate", "children")
        file = self._folder("primary") / "zone"
        write_file(file, parts.text)
        self._primary = HiddenPrimary(self._primary_plan(file))
        self._servers = dict(self._made_servers())
        self._resolvers = {name: self._resolver(name, server) for name, server in RESOLVERS.items()}
        anchors = read_anchors(parts.ds.read_bytes(), str(parts.ds), parts.zone, "DS")
        self._vantages = {
            name: Vantage(
                name=name, server=Server(host=LOOPBACK, port=self._ports[name]), zone=parts.zone, anchors=anchors
            )
            for name in NAME_SERVERS
        }

    def start(self, serial: int, stack: ExitStack) -> None:
        """Start everything, each server when the one before serves the version of this serial number."""
        for name, server in self._servers.items():
            stack.callback(server.stop)
            server.start()
            if not server.wait_until_ready(partial(self._is_ready, name, serial)):
                raise server.failed(f"not ready within {READY_SECONDS:g} seconds")
        for resolver in self._resolvers.values():
            stack.callback(resolver.stop)
            resolver.start()

    def publish(self, text: bytes) -> None:
        """Let the hidden primary serve another version; it tells the guard and the plain secondary."""
        self._primary.publish(text)

    def settle(self, serial: int) -> None:
        """Wait until the plain secondary has the version, and the guard has let it through or refused it."""
        arrived = wait_until(lambda: self.serial_at("plain") == serial or None, ARRIVAL_SECONDS)
        decided = wait_until(lambda: self._has_decided(serial) or None, ARRIVAL_SECONDS)
        if not (arrived and decided):
            found = f"version {serial} offered for {ARRIVAL_SECONDS:g} seconds"
            raise laboratory_error(found, "a secondary without guard that has it, and a guard that decides")

    def has_refused(self) -> bool:
        """Return whether the guard has put a version away."""
        return b"continuing with old database" in self._servers["guard"].log

    def probes(self) -> tuple[Probe | None, ...]:
        """Return what each name server serves, transferred and validated whole."""
        return tuple(vantage.probe() for vantage in self._vantages.values())

    def serial_at(self, name: str) -> int | None:
        """Return the serial number that a server serves; None where it serves nothing."""
        return serial_at(LOOPBACK, self._ports[name], self._parts.zone)

    def ask(self, questions: Iterable[Question]) -> dict[str, tuple[Answer, ...]]:
        """Return by resolver what it answers once it has forgotten everything."""
        questions = tuple(questions)
        for resolver in self._resolvers.values():
            resolver.flush()
        return {name: resolver.ask(questions) for name, resolver in self._resolvers.items()}

    def _is_ready(self, name: str, serial: int) -> bool:
        if name == "children":
            return serial_at(LOOPBACK, self._ports[name], self._parts.children[0]) is not None
        return self.serial_at(name) == serial

    def _has_decided(self, serial: int) -> bool:
        return self.serial_at("secondary") == serial or self.has_refused()

    def _primary_plan(self, file: Path) -> PrimaryPlan:
        return PrimaryPlan(
            folder=self._folder("primary"),
            zone=self._parts.zone,
            zone_file=file,
            port=self._ports["primary"],
            socket=self._sockets / "primary",
            notify=(self._ports["guard"], self._ports["plain"]),
        )

    def _made_servers(self) -> Iterator[tuple[str, ServerProcess]]:
        """Yield the servers in the order in which a version reaches them, that of the children first."""
        values = {**self._ports, **_guarding(self._parts, self._ports["candidate"])}
        yield "children", self._server("children", CHILDREN, NSD, {"zones": self._children()})
        yield "primary", self._primary.server
        for name, (template, command) in SERVERS.items():
            yield name, self._server(name, template, command, values)
        template, command = SERVERS["secondary"]
        yield "plain", self._server("plain", template, command, values | {"guard": self._ports["primary"]})

    def _server(self, name: str, template: str, command: Command, values: dict[str, object]) -> ServerProcess:
        own = {"port": self._ports[name], "socket": self._sockets / name}
        return configured(name, self._folder(name), template, command, values | own)

    def _children(self) -> str:
        file = self._folder("children") / "zone"
        write_file(file, CHILD)
        return "".join(CHILD_ZONE.format(name=name, file=file) for name in self._parts.children)

    def _resolver(self, name: str, server: str) -> Resolver:
        upstream = Upstream(
            zone=self._parts.zone,
            port=self._ports[server],
            anchor=self._parts.ds,
            children=self._parts.children,
            children_port=self._ports["children"],
        )
        return Resolver(name, self._folder(name), self._sockets, upstream)

    def _folder(self, name: str) -> Path:
        return self._parts.folder / name


@contextmanager
def running(parts: Parts, serial: int) -> Iterator[Publication]:
    """Run servers that all serve `parts.text`, the version of this serial number; in the end none is left.

    Raises InputError (LABORATORY): a program is missing or does not start, a full disk.
    """
    with tempfile.TemporaryDirectory(prefix="attest-") as sockets, ExitStack() as stack:
        publication = Publication(parts, Path(sockets))
        publication.start(serial, stack)
        yield publication


def _guarding(parts: Parts, candidate: int) -> dict[str, object]:
    """Return what stands in the guard's configuration, its wrapper and verifier written."""
    values = guarding(parts.folder, parts.zone, parts.ds, candidate, VERIFIER_SECONDS)
    scripts = {
        WRAPPER: (files("attestations.drills") / WRAPPER).read_bytes(),
        VERIFIER_FILE: VERIFIER.format(**values).encode(),
        SINK_FILE: SINK.format(**values).encode(),
    }
    for name, script in scripts.items():
        write_file(parts.folder / name, script, executable=True)
    return values
