"""Servers as child processes: ready when they say so, told with their log where they fail, none left behind."""

import socket

import pytest

from attestations.errors import InputError
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.process import ServerProcess, session_members


def test_ports_are_different_and_free_for_both_protocols():
    ports = free_ports(*"abcdefgh")
    assert len(set(ports.values())) == len(ports)
    for port in ports.values():
        socket.create_server((LOOPBACK, port)).close()
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind((LOOPBACK, port))


@pytest.fixture
def process(tmp_path):
    """Make a process that is treated as a server, and end it."""
    made = []

    def served(*command):
        made.append(ServerProcess("guard", tmp_path, command))
        return made[-1]

    yield served
    for one in made:
        one.stop()


@pytest.mark.needs("setpriv")
def test_a_server_that_is_not_installed_is_named(process):
    with pytest.raises(InputError) as refusal:
        process("no-such-server").start()
    assert refusal.value.code == "LABORATORY"
    assert "guard: no-such-server is not installed in /usr/bin or /usr/sbin" in refusal.value.found


@pytest.mark.needs("setpriv")
def test_a_server_that_ends_is_told_with_the_end_of_its_log(process):
    server = process("sh", "-c", "echo one; echo the reason >&2; exit 3")
    server.start()
    with pytest.raises(InputError) as refusal:
        server.wait_until_ready(lambda: False)
    assert refusal.value.found == "guard ended; its log ends: one / the reason"


@pytest.mark.needs("setpriv")
def test_what_a_server_has_started_does_not_outlive_it(process, tmp_path):
    server = process("sh", "-c", "sleep 600 & (trap '' TERM; echo $$ >pid; sleep 600) & wait")
    server.start()
    assert server.wait_until_ready(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    session = int((tmp_path / "pid").read_text())
    assert len(list(session_members(session))) > 1
    server.stop()
    assert list(session_members(session)) == []
