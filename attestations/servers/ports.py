"""Ports of loopback that nobody uses at the moment."""

import secrets
import socket
from contextlib import ExitStack, suppress

LOOPBACK = "127.0.0.1"

_PORTS = range(15_000, 32_000)
"""below those that Linux gives out by itself: none of these is taken while a server is restarted"""


def free_ports(*names: str) -> dict[str, int]:
    """Return a port for each name, different and free for TCP and UDP. Somebody may still be faster than a server."""
    with ExitStack() as held:
        return {name: _free_port(held) for name in names}


def _free_port(held: ExitStack) -> int:
    while True:
        port = secrets.choice(_PORTS)
        with suppress(OSError):
            held.enter_context(socket.create_server((LOOPBACK, port)))
            held.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind((LOOPBACK, port))
            return port
