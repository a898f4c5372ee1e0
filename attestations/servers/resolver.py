"""A validating resolver (Unbound) on loopback that knows one zone: its trust anchor, and the server that gives it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from attestations.operations import Command, unbound
from attestations.records import ZoneName
from attestations.servers.asking import Answer, Question, ask_all
from attestations.servers.configuration import CONFIGURATION_FILE
from attestations.servers.files import write_file
from attestations.servers.operating import obeyed, ran
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import READY_SECONDS, ServerProcess

CONFIGURATION = """\
server:
  interface: 127.0.0.1@{port}
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/pid"
  use-syslog: no
  verbosity: 1
  num-threads: 1
  do-ip6: no
  root-hints: ""
  module-config: "validator iterator"
  trust-anchor-file: "{anchor}"
  ede: yes
  do-not-query-localhost: no
  local-zone: "{zone}" nodefault
  unknown-server-time-limit: 4000
  infra-cache-min-rtt: 4000
remote-control:
  control-enable: yes
  control-interface: "{control}"
  control-use-cert: no
stub-zone:
  name: "{zone}"
  stub-addr: 127.0.0.1@{upstream}
"""
"""By default Unbound answers for some names by itself, test. for one, asks no server on loopback, and gives up on one
that is only busy (times in milliseconds)."""

CHILD = """\
stub-zone:
  name: "{name}"
  stub-addr: 127.0.0.1@{port}
"""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """Whom the resolver asks, and what it believes."""

    zone: ZoneName
    port: int
    """of the authoritative server, on loopback"""
    anchor: Path
    """file with the DS records of the zone's KSKs"""
    children: tuple[str, ...] = ()
    """zones below that are served at `children_port`: their name servers' port would be 53"""
    children_port: int | None = None


class Resolver:
    """An Unbound; `folder` must be new, and `sockets` a folder with a short path, for a UNIX socket."""

    def __init__(self, name: str, folder: Path, sockets: Path, upstream: Upstream) -> None:
        self.name = name
        self._upstream = upstream
        self._port = free_ports(name)[name]
        self._folder = folder.absolute()
        self._control = sockets / f"{name}.sock"
        self._process = ServerProcess(name, self._folder, ("unbound", "-d", "-c", CONFIGURATION_FILE))

    def start(self) -> None:
        """Start it and wait until it answers; raise InputError (LABORATORY) where it does not."""
        write_file(self._folder / CONFIGURATION_FILE, self._configuration().encode())
        self._process.start()
        if not self._process.wait_until_ready(self._control_answers):
            raise self._process.failed(f"not ready within {READY_SECONDS:g} seconds")

    def stop(self) -> None:
        """End it; nothing happens where it is not running."""
        self._process.stop()

    def ask(self, questions: Iterable[Question]) -> tuple[Answer, ...]:
        """Return what it answers to each question."""
        return tuple(ask_all(LOOPBACK, self._port, questions))

    def flush(self) -> None:
        """Let it forget what it knows of the zone, and what it took for bogus; raise InputError (LABORATORY).

        Both are needed: after a way back 8 to 16 percent of the answers were still SERVFAIL until then (INC-01).
        """
        for command in (unbound.flush_zone(self._upstream.zone, self._options), unbound.flush_bogus(self._options)):
            obeyed(command, self._folder)

    def _control_answers(self) -> bool:
        return not ran(unbound.list_insecure(self._options), self._folder).exit_code

    @property
    def _options(self) -> Command:
        return ("-c", str(self._folder / CONFIGURATION_FILE))

    def _configuration(self) -> str:
        upstream = self._upstream
        values = {"zone": upstream.zone, "upstream": upstream.port, "anchor": upstream.anchor.absolute()}
        own = {"folder": self._folder, "port": self._port, "control": self._control}
        children = (CHILD.format(name=name, port=upstream.children_port) for name in upstream.children)
        return CONFIGURATION.format(**values, **own) + "".join(children)
