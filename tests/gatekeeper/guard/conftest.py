"""Real servers that give a zone away, and `gatekeeper guard` as people call it."""

import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from world.documents import dump
from world.host import Host

from attestations.drills.faults import Signer
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import ServerProcess
from attestations.servers.waiting import wait_until
from attestations.times import Instant
from gatekeeper.cli import main
from gatekeeper.guard.configuration import KnotServer
from gatekeeper.guard.probe import probe

ZONE = "example."
PATIENCE = 60

KNOT = """\
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {sockets}/knot
database:
  storage: {folder}
log:
  - target: stderr
    any: info
acl:
  - id: transfer
    address: 127.0.0.1
    action: transfer
zone:
  - domain: example.
    file: {folder}/zone
    acl: transfer
"""

BIND = """\
key "rndc-key" {{ algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"; }};
controls {{ inet 127.0.0.1 port {control} allow {{ 127.0.0.1; }} keys {{ "rndc-key"; }}; }};
options {{
    directory "{folder}";
    pid-file "{folder}/pid";
    session-keyfile "{folder}/session.key";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    allow-transfer {{ none; }};
    notify no;
}};
zone "example." {{
    type primary;
    file "{folder}/zone";
    include "{folder}/outflow.conf";
}};
"""

RNDC = """\
key "rndc-key" {{ algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"; }};
options {{ default-server 127.0.0.1; default-port {control}; default-key "rndc-key"; }};
"""

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
remote-control:
  control-enable: yes
  control-interface: "{sockets}/nsd"
zone:
  name: example.
  zonefile: "{folder}/zone"
  include: "{folder}/outflow.conf"
"""

SOFTWARE = {
    "knot": (KNOT, ("knotd", "-c", "server.conf"), ("", "")),
    "nsd": (NSD, ("nsd", "-d", "-c", "server.conf"), ("    provide-xfr: 127.0.0.1 NOKEY\n", "# nobody\n")),
    "bind": (
        BIND,
        ("named", "-g", "-c", "server.conf"),
        ("allow-transfer { 127.0.0.1; };\n", "allow-transfer { none; };\n"),
    ),
}


class Running:
    """One server of the zone that the guard can stop."""

    def __init__(self, software, folder, sockets):
        template, command, (opened, closed) = SOFTWARE[software]
        self.software, self.folder, self.port = software, folder, free_ports("port", "control")
        values = {"folder": folder, "sockets": sockets, **self.port}
        self.control = {"knot": f"-s {sockets}/knot", "nsd": "-c server.conf", "bind": "-c rndc.conf"}[software].split()
        self.control[1] = str(folder / self.control[1])
        folder.mkdir()
        (folder / "server.conf").write_text(template.format(**values))
        (folder / "rndc.conf").write_text(RNDC.format(**values))
        (folder / "zone").write_bytes(Signer(ZONE).good(1, Instant.of(datetime.now(UTC))).text)
        for name, text in {"outflow.conf": opened, "open": opened, "closed": closed}.items():
            (folder / name).write_text(text)
        self.process = ServerProcess(software, folder, command)

    def entry(self):
        """What stands in the guard's configuration."""
        files = {"file": "outflow.conf", "open": "open", "closed": "closed"}
        outflow = {name: str(self.folder / file) for name, file in files.items()}
        common = {"name": self.software, "software": self.software, "address": LOOPBACK, "port": self.port["port"]}
        return {**common, "control": self.control, **({} if self.software == "knot" else {"outflow": outflow})}

    def outflow(self):
        """What a transfer comes to now."""
        return probe(KnotServer(name="it", address=LOOPBACK, port=self.port["port"]), ZONE)

    def start(self):
        """Start it and wait until it answers transfers, one way or the other."""
        self.process.start()
        assert wait_until(lambda: self.outflow() != "unclear" or None, PATIENCE), self.process.log

    def restart(self):
        """Stop and start it."""
        self.process.stop()
        self.start()


@pytest.fixture
def server(tmp_path):
    """Run servers of the zone; in the end none is left."""
    with tempfile.TemporaryDirectory(prefix="guard-") as sockets, ExitStack() as stack:

        def run(software):
            one = Running(software, tmp_path / software, sockets)
            stack.callback(one.process.stop)
            one.start()
            return one

        yield run


@dataclass(frozen=True)
class Ended:
    """A call of `gatekeeper guard` that ran to its end."""

    code: int
    document: dict
    talk: str

    def states(self):
        """How each server of the first zone was seen."""
        zone = self.document["zones"][0] if "zones" in self.document else self.document["zone"]
        return {one["server"]: one["state"] for one in zone["servers"]}

    def halt(self):
        """The halt of the first zone; None where none stands."""
        return (self.document["zones"][0] if "zones" in self.document else self.document["zone"])["halt"]


class Guard:
    """A guard with a folder of halts and a configuration of its own, on a host that has something installed."""

    def __init__(self, folder, call):
        self._call = call
        self.latch, self.config, self._folder = folder / "halts", folder / "guard.yaml", folder
        self.latch.mkdir()
        self.configure({"name": "nobody", "software": "knot", "address": LOOPBACK, "port": 1})

    def configure(self, *servers):
        """Write the configuration."""
        spec = {
            "environment": "example-production",
            "stage": "canary",
            "zones": [{"name": ZONE, "servers": [*servers]}],
        }
        header = {"apiVersion": "gatekeeper/v1", "kind": "GuardConfiguration", "metadata": {"name": "guard"}}
        self.config.write_bytes(dump({**header, "spec": spec}))

    def __call__(self, name, *options):
        """Call a sub-command with the options that most of them take."""
        zone = [] if name == "assert" else ["--zone", ZONE]
        words = ["guard", name, *zone, "--latch", self.latch, "--config", self.config, *options, "--output=json"]
        return self._call(*map(str, words))

    def halt(self, reason="two thirds of the signatures are wrong"):
        """Halt the zone."""
        return self("halt", "--reason", reason)

    def resume(self, halt, approval, *options, installed=None):
        """End a halt with an approval."""
        host = Host(approval=approval)
        for name, raw in host.files().items():
            path = self._folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(raw)
        files = {name: f"components/{name}" for name in host.installed} | (installed or {})
        components = [f"--component={name}={file}" for name, file in files.items()]
        return self("resume", "--halt", halt, "--approval=approval.json", "--trust=trust.yaml", *components, *options)


@pytest.fixture
def guard(tmp_path, monkeypatch, capsys):
    """A guard that has no server yet; its calls run in this process, from their entry point to their exit."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["gatekeeper", *words])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return Ended(end.value.code, json.loads(told.out), told.err)

    return Guard(tmp_path, call)
