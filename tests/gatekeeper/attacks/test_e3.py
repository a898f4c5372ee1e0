"""E3 Unwanted retrieval: deciding, issuing and verifying use no socket, no name and no other program."""

import json
import socket
import threading

import pytest
from attacks.a9 import sigstore_world
from attacks.e3 import FAMILY
from attacks.limited import run
from attacks.model import BASE, CASES, EVALUATE
from world.gate import Gate
from world.host import Host
from world.registry import World

from gatekeeper.case_file import write_case_file
from gatekeeper.cli.reporting import report_of
from gatekeeper.report import FORMATS

COMMAND = (*EVALUATE, "--at", World().now)
FIRST_OF_EACH = sorted({path.parent.name: path for path in sorted(CASES.glob("*/*_deny"), reverse=True)}.values())


def offline(folder, *arguments, **environment):
    return run(folder, *arguments, prelude="no_network", env=environment)


def test_the_measuring_stick_finds_a_socket(tmp_path):
    (tmp_path / "caller.py").write_text("import no_network, socket\nsocket.socket().connect(('127.0.0.1', 9))\n")
    with pytest.raises(AssertionError, match="network or program used"):
        run(tmp_path, "--help", prelude="caller", env={"PYTHONPATH": f"{tmp_path}:{CASES.parent / 'attacks'}"})


@pytest.mark.parametrize("world", [World(), sigstore_world()], ids=["keys", "sigstore"])
def test_evaluation_in_every_format_needs_no_network(tmp_path, world):
    world.write(tmp_path)
    ended = offline(tmp_path, *COMMAND, *(f"--report={name}" for name in FORMATS))
    assert ended.exit == 0


@pytest.mark.parametrize("attack", FAMILY.attacks, ids=lambda attack: attack.variant)
def test_what_names_another_host_is_refused_without_asking_it(tmp_path, attack):
    attack.deny.world.write(tmp_path)
    ended = offline(tmp_path, *attack.deny.arguments(), "--report", "json")
    assert (ended.exit, ended.codes) == (attack.deny.exit, set(attack.deny.codes))


@pytest.mark.parametrize("folder", FIRST_OF_EACH, ids=lambda folder: folder.parent.name)
def test_an_attack_of_each_family_ends_the_same_without_a_network(tmp_path, folder):
    expected = json.loads((folder / "expect.json").read_text())
    for source in (CASES / BASE, folder):
        for path in source.rglob("*"):
            if path.is_file():
                target = tmp_path / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    for name in expected["without"]:
        (tmp_path / name).unlink()
    assert offline(tmp_path, *expected["command"]).exit == expected["exit"]


def test_issue_replay_and_verify_need_no_network(tmp_path):
    gate = Gate.make(tmp_path)
    issued = gate.issue(World().files())
    gate.write(World().without("hsm.json").files())
    assert offline(tmp_path, *gate.command(), "--case-file", "issued.zip").exit == 11
    (tmp_path / "case.zip").write_bytes(write_case_file(issued, report_of(issued.judgement, issued.index)))
    assert offline(tmp_path, "replay", "case.zip").exit == 0
    host = Host()
    for name, raw in host.files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(raw)
    assert offline(tmp_path, *host.command()).exit == 0


class Listener:
    """Counts who connects."""

    def __enter__(self):
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._count, daemon=True).start()
        return self

    def _count(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def test_proxies_of_the_environment_are_not_used(tmp_path):
    sigstore_world().write(tmp_path)
    with Listener() as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "TUF_MIRROR")
        ended = run(tmp_path, *COMMAND, env=dict.fromkeys(names, url))
        assert (ended.exit, proxy.connections) == (0, 0)
        with socket.create_connection(("127.0.0.1", proxy.port)):
            pass
        for _ in range(100):
            if proxy.connections:
                break
            threading.Event().wait(0.01)
        assert proxy.connections == 1, "the listener listens"
