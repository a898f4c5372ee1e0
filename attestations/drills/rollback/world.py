"""The servers of one way back, and what is done to them.

Signer (Knot, keys in an HSM) -> secondary (NSD) -> two resolvers (Unbound), of which one is flushed after the restore.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from attestations.drills.probing import Vantage
from attestations.drills.rollback import configuration
from attestations.drills.rollback.hsms import Bench
from attestations.drills.rollback.practice import questions, zone_text
from attestations.hsm.published import published_keys
from attestations.operations import Command, knot, nsd
from attestations.predicates.rollback_drill import Answers
from attestations.records import ZoneName
from attestations.servers.configuration import CONFIGURATION_FILE, NSD, configured
from attestations.servers.files import write_file
from attestations.servers.knot_signer import KnotSigner, SignerPlan
from attestations.servers.operating import obeyed, versions
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import READY_SECONDS, ServerProcess
from attestations.servers.refusal import laboratory_error
from attestations.servers.resolver import Resolver, Upstream
from attestations.servers.waiting import wait_until
from attestations.zone.reading import zone_from_file, zone_from_transfer
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.transfer import Server
from attestations.zone.validation.anchors import read_anchors

SPREAD_SECONDS = 90.0
"""how long the bad version may take on its way to the secondary"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is drilled."""

    folder: Path
    """absolute"""
    zone: ZoneName
    bench: Bench
    delegations: int
    """of the practice zone; at least one"""
    old_key_stays: str
    """how long the rollover leaves the old key published, as keymgr takes it: +30d, or +0"""


class World:
    """The running servers: what is done to them, and what can be seen of them."""

    def __init__(self, plan: Plan, folder: Path, sockets: Path, stack: ExitStack) -> None:
        self.plan = plan
        self._folder = folder
        self._sockets = sockets
        self._stack = stack
        self._ports = free_ports("signer", "secondary", "break-glass")
        write_file(folder / "unsigned", zone_text(plan.zone, plan.delegations).encode())
        self.signer = KnotSigner(self._signer_plan())
        self.signer.import_key(plan.bench.ksk.key_id, ksk=True)
        self.signer.import_key(plan.bench.old.key_id, ksk=False)
        self.ds = self.signer.ds(plan.bench.ksk.key_id)
        write_file(folder / "ds", self.ds)
        self.anchors = read_anchors(self.ds, "ds", plan.zone, "DS")
        self._secondary = self._nsd("secondary", configuration.SECONDARY, primary=self._ports["signer"])
        self.secondary = self._vantage("secondary")
        self.resolvers = tuple(
            Resolver(name, folder / name, sockets, self._upstream()) for name in ("unflushed", "flushed")
        )

    def start(self) -> None:
        """Start the servers one after another, each when the one before serves the zone."""
        self._run(self.signer.server, self._vantage("signer"))
        self._run(self._secondary, self.secondary)
        for resolver in self.resolvers:
            self._stack.callback(resolver.stop)
            resolver.start()

    def archived(self) -> bytes:
        """Return the version that the secondary serves, as a master file."""
        with zone_from_transfer(self.secondary.server, self.plan.zone) as zone:
            return zone.read(0, zone.size)

    def spoil(self) -> float:
        """Let the signer roll to a key that its HSM does not hold; return the seconds that signing everything took.

        Returns when the secondary serves the bad version, transfers are frozen, and the caches are empty, as they are
        everywhere sooner or later. Raises InputError (LABORATORY) where no bad version comes out.
        """
        zone, control = self.plan.zone, self.signer.control
        good = self._serial()
        self.plan.bench.make_successor()
        self.signer.import_key(self.plan.bench.successor.key_id, ksk=False)
        self.plan.bench.mix_up_successor()
        times = {"retire": "+0", "remove": self.plan.old_key_stays}
        self.signer.run(knot.keymgr_set(zone, self.plan.bench.old.key_id, times, control))
        with self.signer.heard():
            began = time.monotonic()
            self.signer.run(knot.zone_keys_load(zone, control))
            seconds = time.monotonic() - began
        if wait_until(partial(self._is_spoiled, good), SPREAD_SECONDS) is None:
            raise laboratory_error("a secondary that never served the bad version", "a bad version to go back from")
        self.signer.run(knot.zone_xfr_freeze(zone, control))
        for resolver in self.resolvers:
            resolver.flush()
        return seconds

    def signed(self) -> Zone:
        """Return the version that the signer holds, whether or not it gives it to anybody; it is to be closed."""
        folder = self._folder / "held"
        self.signer.run(knot.zone_flush(self.plan.zone, folder, self.signer.control))
        return zone_from_file(folder / self.signer.plan.zone_file.name, self.plan.zone)

    def ask(self, resolver: Resolver) -> Answers:
        """Return how many of the questions about the zone a resolver refuses to answer."""
        answers = resolver.ask(questions(self.plan.zone, self.plan.delegations))
        return Answers(asked=len(answers), servfail=sum(answer.outcome == "servfail" for answer in answers))

    def published(self) -> frozenset[str]:
        """Return the fingerprints of the keys that the secondary publishes."""
        keys = published_keys(f"{LOOPBACK}@{self._ports['secondary']}", self.plan.zone)
        return frozenset(key.fingerprint for key in keys)

    def serve_by_break_glass(self, text: bytes) -> None:
        """Serve a version from a primary of its own, and point the secondary there; it does not take it yet."""
        write_file(self._folder / "break-glass" / "zone", text)
        primary = self._nsd("break-glass", configuration.BREAK_GLASS, secondary=self._ports["secondary"])
        self._run(primary, self._vantage("break-glass"))
        self._nsd("secondary", configuration.SECONDARY, primary=self._ports["break-glass"])
        self.run(nsd.reconfig(self.control))

    def run(self, command: Command) -> None:
        """Run an operator's command on the secondary; raise InputError (LABORATORY) where it fails."""
        obeyed(command, self._folder)

    @property
    def control(self) -> Command:
        """What names the secondary in the commands of attestations.operations.nsd."""
        return ("-c", str(self._folder / "secondary" / CONFIGURATION_FILE))

    def _serial(self) -> int:
        """Return the serial number that the secondary serves; raise InputError (DNS-TRANSFER)."""
        with zone_from_transfer(self.secondary.server, self.plan.zone) as zone:
            return zone.serial

    def _signer_plan(self) -> SignerPlan:
        return SignerPlan(
            folder=self._folder / "signer",
            zone=self.plan.zone,
            zone_file=self._folder / "unsigned",
            keystore=self.plan.bench.keystore,
            port=self._ports["signer"],
            socket=self._sockets / "signer",
            notify=(self._ports["secondary"],),
        )

    def _upstream(self) -> Upstream:
        return Upstream(zone=self.plan.zone, port=self._ports["secondary"], anchor=self._folder / "ds")

    def _nsd(self, name: str, template: str, **upstream: int) -> ServerProcess:
        """Return an NSD whose configuration is written; one that runs learns of it by reconfig."""
        values = {"control": self._sockets / name, "zone": self.plan.zone, "port": self._ports[name], **upstream}
        return configured(name, self._folder / name, template, NSD, values)

    def _vantage(self, name: str) -> Vantage:
        server = Server(host=LOOPBACK, port=self._ports[name])
        return Vantage(name=name, server=server, zone=self.plan.zone, anchors=self.anchors)

    def _run(self, server: ServerProcess, vantage: Vantage) -> None:
        """Start a server that is stopped in the end; raise InputError (LABORATORY) unless it serves a valid version."""
        self._stack.callback(server.stop)
        server.start()
        if not server.wait_until_ready(lambda: (probe := vantage.probe()) is not None and probe.validates):
            raise server.failed(f"serves no valid version within {READY_SECONDS:g} seconds")

    def _is_spoiled(self, good: int) -> bool | None:
        """Return True once the secondary serves another version, which does not validate."""
        probe = self.secondary.probe()
        return True if probe is not None and probe.serial != good and not probe.validates else None


@contextmanager
def running(plan: Plan, folder: Path, sockets: Path) -> Iterator[World]:
    """Run servers that all serve the good version; in the end none is left.

    Raises InputError (LABORATORY): a program is missing or does not start, a full disk, keys that are not there.
    """
    with ExitStack() as stack:
        world = World(plan, folder, sockets, stack)
        world.start()
        yield world


def server_versions() -> dict[str, str]:
    """Return the versions of the servers that a drill runs; raise InputError (LABORATORY)."""
    return versions({"knotd": "--version", "nsd": "-v", "unbound": "-V"})
