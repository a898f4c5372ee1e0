"""Name servers and resolvers of four projects on loopback, and an operator who does what runbooks say."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

from attestations.operations import knot
from attestations.records import ZoneName
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import ServerProcess
from attestations.servers.resolver import CHILD, CONFIGURATION
from attestations.servers.waiting import wait_until
from attestations.times import Instant
from attestations.tool import run_tool
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import HONEST, Hooks, practice_zone

PATIENCE = 60.0
PARENT, GOOD, BOGUS, EXPIRED = (
    ZoneName.parse(name) for name in ("test.", "good.test.", "bogus.test.", "expired.test.")
)
TTL = 2
RECORDS = f"www {TTL} A 192.0.2.80\nlong 3600 A 192.0.2.81\n"

KNOT = """\
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {folder}/control
database:
  storage: {folder}
log:
  - target: stderr
    any: info
remote:
  - id: other
    address: 127.0.0.1@{other}
acl:
  - id: all
    address: 127.0.0.1
    action: [transfer, notify]
zone:
{zones}"""
NSD = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  server-count: 1
  zonesdir: "{folder}"
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  cookie-secret-file: "{folder}/cookie"
  xfrd-reload-timeout: 0
remote-control:
  control-enable: yes
  control-interface: {folder}/control
zone:
  name: {zone}
  zonefile: "{folder}/zone"
{lines}"""
NAMED = """\
options {{
  directory "{folder}"; pid-file "{folder}/pid"; session-keyfile "{folder}/session.key"; lock-file none;
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  empty-zones-enable no; max-cache-size 16m;
  {options}
}};
{key}
controls {{ inet 127.0.0.1 port {channel} allow {{ 127.0.0.1; }} keys {{ control; }}; }};
{statements}
"""
KEY = 'key control { algorithm hmac-sha256; secret "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="; };\n'


# What can be seen from outside.


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One answer."""

    rcode: str
    validated: bool
    ttl: int | None
    errors: tuple[int, ...]


def ask(port, name, rtype="A", flags=0):
    """Return what is answered; a question that is lost is asked again."""
    message = dns.message.make_query(name, rtype, want_dnssec=True)
    message.flags |= flags

    def answered():
        with suppress(dns.exception.Timeout):
            return dns.query.udp(message, LOOPBACK, timeout=10.0, port=port)

    response = wait_until(answered, PATIENCE)
    ttls = [rrset.ttl for rrset in response.answer if rrset.rdtype == message.question[0].rdtype]
    return Seen(
        rcode=dns.rcode.to_text(response.rcode()),
        validated=bool(response.flags & dns.flags.AD),
        ttl=ttls[0] if ttls else None,
        errors=tuple(int(error.code) for error in response.extended_errors()),
    )


def comes_to(port, name, wanted):
    """Return the first answer that is as `wanted`, however long that takes within reason; None where none was."""

    def state():
        seen = ask(port, name)
        return seen if wanted(seen) else None

    return wait_until(state, PATIENCE)


def serial_at(port, zone):
    """Return the serial number that a server gives; None where it gives none."""
    with suppress(dns.exception.Timeout, OSError):
        response = dns.query.udp(dns.message.make_query(zone, "SOA"), LOOPBACK, timeout=5.0, port=port)
        return response.answer[0][0].serial if response.answer else None


def serves(port, zone, serial):
    """Return whether a server comes to give this version."""
    return wait_until(lambda: serial_at(port, zone) == serial or None, PATIENCE) is not None


def transfers(port, zone):
    """Return whether a server gives a transfer."""
    with suppress(dns.exception.DNSException, OSError, EOFError):
        messages = dns.query.xfr(LOOPBACK, zone, port=port, lifetime=PATIENCE, relativize=False)
        return any(message.answer for message in messages)
    return False


# Servers.


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """A server that runs, and the options by which its control program reaches it."""

    process: ServerProcess
    port: int
    control: tuple[str, ...]

    @property
    def folder(self):
        return self.process.folder

    def run(self, command):
        """Run a command as the operator of this host would, and return what it prints; it must succeed."""
        program, *arguments = command
        ran = run_tool(program, (*self.control, *arguments), self.folder, PATIENCE)
        assert ran.exit_code == 0, (command, ran.lines)
        return ran.lines

    def follow(self, runbook, step, server):
        """Run the commands that a step (counted from 1) has for a kind of server; return what the last one prints."""
        actions = [action for action in runbook.steps[step - 1].actions if action.server == server]
        (*_, last) = [
            self.run(command) for action in actions for command in action.commands if "checkconf" not in command[0]
        ]
        return last

    def restart(self):
        """Stop and start it, and wait until it obeys."""
        self.process.stop()
        self.start()

    def start(self):
        self.process.start()
        assert self.process.wait_until_ready(self.obeys)

    def obeys(self):
        status = {"knotd": "knotc", "nsd": "nsd-control", "unbound": "unbound-control", "named": "rndc"}[
            self.process.name
        ]
        return run_tool(status, (*self.control, "status"), self.folder, PATIENCE).exit_code == 0


def started(stack, name, folder, command, port, control):
    """Return a server that ends with the stack, as soon as it obeys."""
    daemon = Daemon(process=ServerProcess(name, folder, command), port=port, control=control)
    stack.callback(daemon.process.stop)
    daemon.start()
    return daemon


def knotd(stack, folder, port, zones, other=1):
    """Return a running Knot; `other` is the port of the remote `other`."""
    text = KNOT.format(folder=folder, port=port, zones=zones, other=other)
    (folder / "server.conf").write_text(text, encoding="utf-8")
    return started(stack, "knotd", folder, ("knotd", "-c", "server.conf"), port, ("-s", str(folder / "control")))


def nsd(stack, folder, zone, lines):
    """Return a running NSD with one zone that has these lines."""
    port = free_ports("nsd")["nsd"]
    configure_nsd(folder, port, zone, lines)
    control = ("-c", str(folder / "server.conf"))
    return started(stack, "nsd", folder, ("nsd", "-d", "-c", "server.conf"), port, control)


def configure_nsd(folder, port, zone, lines):
    """Write NSD's configuration; a running NSD learns of it by reconfig."""
    indented = "".join(f"  {line}\n" for line in lines.splitlines())
    text = NSD.format(folder=folder, port=port, zone=zone, lines=indented)
    (folder / "server.conf").write_text(text, encoding="utf-8")


def named(stack, folder, options, statements):
    """Return a running named."""
    ports = free_ports("named", "channel")
    (folder / "rndc.key").write_text(KEY, encoding="utf-8")
    configure_named(folder, ports["named"], ports["channel"], options, statements)
    control = ("-s", LOOPBACK, "-p", str(ports["channel"]), "-k", str(folder / "rndc.key"))
    command = ("named", "-g", "-n", "1", "-c", str(folder / "named.conf"))
    return started(stack, "named", folder, command, ports["named"], control)


def configure_named(folder, port, channel, options, statements):
    """Write named's configuration; a running named learns of it by reconfig."""
    values = {"folder": folder, "port": port, "channel": channel, "key": KEY}
    text = NAMED.format(options=options, statements=statements, **values)
    (folder / "named.conf").write_text(text, encoding="utf-8")


# A parent in order, with children that are good, bogus and expired.


def signed(keys, zone, serial, hooks=HONEST, *, further=RECORDS, age=timedelta(0)):
    """Return a version of a practice zone."""
    at = Instant.of(datetime.now(UTC) - age)
    return practice_zone(keys, at, name=zone, serial=serial, further=further, hooks=hooks)


def wrong_signer():
    """Return what signs everything but the keys with a private key that nobody published (INC-01)."""
    other = new_key(ZSK_FLAGS)
    return Hooks(signer=lambda _index, _rrset, key: key.sign if key.is_ksk else other.sign)


@dataclass(frozen=True, kw_only=True)
class World:
    """A server of parent and children."""

    daemon: Daemon
    keys: dict[ZoneName, tuple]

    @property
    def port(self):
        return self.daemon.port

    def anchor(self, zone):
        """Return the file with the DS records of a zone's KSK."""
        return self.daemon.folder / f"{zone}ds"

    def serve(self, zone, serial, hooks=HONEST):
        """Let the server give another version, and wait until it does."""
        (self.daemon.folder / f"{zone}zone").write_bytes(signed(self.keys[zone], zone, serial, hooks).text)
        self.daemon.run(knot.zone_reload(zone))
        assert serves(self.port, zone, serial)


def world(stack, folder, told=None):
    """Return a running world; `told` is a port that gets its NOTIFY messages."""
    port = free_ports("world")["world"]
    keys = {zone: (new_key(KSK_FLAGS), new_key(ZSK_FLAGS)) for zone in (PARENT, GOOD, BOGUS, EXPIRED)}
    versions = {
        GOOD: signed(keys[GOOD], GOOD, 1),
        BOGUS: signed(keys[BOGUS], BOGUS, 1, wrong_signer()),
        EXPIRED: signed(keys[EXPIRED], EXPIRED, 1, age=timedelta(days=30)),
    }
    cuts = [f"{zone} NS ns.{zone}\nns.{zone} A 127.0.0.1\n{version.ds.decode()}" for zone, version in versions.items()]
    versions[PARENT] = signed(keys[PARENT], PARENT, 1, further="".join(cuts))
    notify = "    notify: other\n" if told else ""
    lines = []
    for zone, version in versions.items():
        (folder / f"{zone}zone").write_bytes(version.text)
        (folder / f"{zone}ds").write_bytes(version.ds)
        settings = f"    acl: all\n    zonefile-load: whole\n    journal-content: none\n{notify}"
        lines.append(f"  - domain: {zone}\n    file: {folder}/{zone}zone\n{settings}")
    daemon = knotd(stack, folder, port, "".join(lines), told or 1)
    assert all(serves(port, zone, 1) for zone in versions)
    return World(daemon=daemon, keys=keys)


# Resolvers that ask it.


def unbound(stack, folder, asked, more="", anchor=PARENT):
    """Return a running Unbound that asks a world; `more` is added to its configuration."""
    port = free_ports("unbound")["unbound"]
    own = {"folder": folder, "port": port, "control": folder / "control", "anchor": asked.anchor(anchor)}
    text = CONFIGURATION.format(zone=PARENT, upstream=asked.port, **own)
    text += "".join(CHILD.format(name=zone, port=asked.port) for zone in (GOOD, BOGUS, EXPIRED))
    (folder / "server.conf").write_text(f"{text}{more}\n", encoding="utf-8")
    control = ("-c", str(folder / "server.conf"))
    return started(stack, "unbound", folder, ("unbound", "-d", "-c", "server.conf"), port, control)


def bind(stack, folder, asked, options="", anchor=PARENT, statements=""):
    """Return a running named that asks a world; `options` and `statements` are added to its configuration."""
    owner, _, _, _, *ds, digest = asked.anchor(anchor).read_text(encoding="ascii").split()
    forward = f"type forward; forward only; forwarders {{ 127.0.0.1 port {asked.port}; }};"
    zones = "".join(f'zone "{zone}" {{ {forward} }};\n' for zone in (PARENT, GOOD, BOGUS, EXPIRED))
    anchors = f'trust-anchors {{ "{owner}" static-ds {" ".join(ds)} "{digest}"; }};\n'
    validation = "" if "dnssec-validation" in options else "dnssec-validation yes;"
    return named(stack, folder, f"recursion yes; {validation} {options}", anchors + zones + statements)
