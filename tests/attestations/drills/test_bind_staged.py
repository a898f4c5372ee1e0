"""BIND that releases in stages, as docs/halt-integrations.md configures it."""

import subprocess
from pathlib import Path

import pytest
from halt_chain import ZONE, Chain, block, put

from attestations.drills import configuration
from attestations.servers.asking import serial_at
from attestations.servers.files import write_file
from attestations.servers.ports import LOOPBACK

RNDC_KEY = 'key "rndc-key" { algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"; };\n'
WORLD = """\
options {{
    directory "{folder}";
    pid-file "{folder}/pid";
    session-keyfile "{folder}/session.key";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
}};
controls {{ inet 127.0.0.1 port {control} allow {{ 127.0.0.1; }} keys {{ "rndc-key"; }}; }};
"""
GUARD = """apiVersion: gatekeeper/v1
kind: GuardConfiguration
metadata: {name: guard}
spec:
  environment: example-production
  stage: canary
  zones: [{name: example., servers: [{name: ns1, software: knot, address: 127.0.0.1}]}]
"""


class Staged:
    """The two BINDs of the page, its timer in our hands."""

    def __init__(self, chain):
        self.chain, self.intake, self.folder = chain, chain.folder / "intake", chain.folder / "guard"
        self._scripts()
        write_file(self.folder / "example.released", (chain.folder / "zone").read_bytes())
        write_file(chain.folder / "rndc.key", RNDC_KEY.encode())
        write_file(chain.folder / "rndc.conf", RNDC_KEY.encode() + b'options { default-key "rndc-key"; };\n')
        self.servers = [
            chain.run(name, text, "named", "-g", "-c", "server.conf")
            for name, text in (("intake", self._intake()), ("guard", self._world()))
        ]
        chain.wait_for(lambda: chain.served() == (1, True))

    def _intake(self):
        changes = {
            "/var/lib/bind-intake": self.intake,
            "/run/named": self.intake,
            "listen-on {": f"dnssec-validation no;\n    listen-on port {self.chain.ports['candidate']} {{",
            "198.51.100.10;": f"{LOOPBACK};",
            "primaries { 198.51.100.1;": f"primaries {{ {LOOPBACK} port {self.chain.ports['primary']};",
            "port 954": f"port {self.chain.ports['intake']}",
            "/etc/bind/rndc.key": self.chain.folder / "rndc.key",
        }
        return put(block("bind-intake"), changes)

    def _world(self):
        changes = {
            "/var/lib/bind": self.folder,
            "also-notify { 192.0.2.20; };": "",
            "192.0.2.20;": f"{LOOPBACK};",
        }
        ports = {"port": self.chain.ports["guard"], "control": self.chain.ports["control"]}
        return RNDC_KEY + WORLD.format(folder=self.folder, **ports) + put(block("type primary"), changes)

    def _scripts(self):
        self.latch = self.chain.folder / "halts"
        self.latch.mkdir()
        config = self.chain.folder / "guard.yaml"
        config.write_text(GUARD, encoding="utf-8")
        changes = {
            "/var/lib/gatekeeper/halts": self.latch,
            "/etc/signer-gatekeeper/guard.yaml": config,
            "/etc/bind/example.ds": self.chain.folder / "ds",
        }
        verifier = self.chain.script("verify-file", put(block("--file"), changes))
        rndc, ports = f"rndc -c {self.chain.folder}/rndc.conf -s {LOOPBACK} -p", self.chain.ports
        changes = {
            "rndc -p 954": f"{rndc} {ports['intake']}",
            "rndc reload": f"{rndc} {ports['control']} reload",
            "/var/lib/bind-intake": self.intake,
            "/var/lib/bind/": f"{self.folder}/",
            "/usr/local/libexec/verify-file": verifier,
            "staged_release.sh": f"sh {Path(configuration.__file__).parent}/staged_release.sh",
        }
        self.timer = self.chain.script("timer", put(block("rndc -p 954 sync"), changes))

    def restart(self):
        """Restart both servers, and wait until they serve."""
        for server in self.servers:
            server.stop()
            server.start()
        self.chain.wait_for(lambda: self.chain.served() is not None and self.candidate() is not None)

    def candidate(self):
        """The serial number that the world does not see."""
        return serial_at(LOOPBACK, self.chain.ports["candidate"], ZONE)

    def tick(self):
        """Run what the timer runs."""
        return subprocess.run([self.timer], capture_output=True, check=False, text=True)


@pytest.fixture
def staged(tmp_path, stack):
    return Staged(Chain(tmp_path, stack, told="candidate"))


@pytest.mark.needs("named", "rndc", "knotd", "setpriv")
def test_bind_gives_the_world_only_what_was_verified_over_a_restart_too(staged):
    chain = staged.chain
    chain.bad(2)
    chain.wait_for(lambda: "SIG_WRONG_KEY" in staged.tick().stdout)
    assert chain.served() == (1, True)
    staged.restart()
    chain.wait_for(lambda: staged.candidate() == 2)
    assert (staged.tick().returncode != 0, chain.served()) == (True, (1, True))
    chain.good(3)
    chain.wait_for(lambda: staged.candidate() == 3)
    assert chain.served() == (1, True)
    chain.wait_for(lambda: staged.tick().returncode == 0 and chain.served() == (3, True))


@pytest.mark.needs("named", "rndc", "knotd", "setpriv")
def test_bind_gives_the_world_nothing_new_while_a_halt_stands_or_the_verifier_is_killed(staged):
    chain = staged.chain
    chain.good(2)
    staged.latch.rename(chain.folder / "elsewhere")  # halts that cannot be read stand
    chain.wait_for(lambda: "HALTED" in staged.tick().stderr)
    assert chain.served() == (1, True)
    (chain.folder / "elsewhere").rename(staged.latch)
    verifier = chain.folder / "verify-file"
    sound = verifier.read_bytes()
    write_file(verifier, b"#!/bin/sh\nkill -KILL $$\n", executable=True)
    assert (staged.tick().returncode, chain.served()) == (128 + 9, (1, True))
    write_file(verifier, sound, executable=True)
    chain.wait_for(lambda: staged.tick().returncode == 0 and chain.served() == (2, True))


@pytest.mark.needs("named-checkconf")
def test_bind_understands_the_configurations(tmp_path):
    write_file(tmp_path / "rndc.key", RNDC_KEY.encode())
    for beginning in ("bind-intake", "type primary"):
        text = block(beginning).replace("/etc/bind/rndc.key", str(tmp_path / "rndc.key"))
        text = text.replace("/var/lib/bind-intake", str(tmp_path)).replace("/run/named", str(tmp_path))
        write_file(tmp_path / "named.conf", text.encode())
        check = subprocess.run(
            ["named-checkconf", tmp_path / "named.conf"], capture_output=True, check=False, text=True
        )
        assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
