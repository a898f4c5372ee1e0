"""What the configurations of all name servers here begin with: on loopback, in one folder, with the log on stderr."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attestations.operations import Command
from attestations.servers.files import write_file
from attestations.servers.process import ServerProcess

CONFIGURATION_FILE = "server.conf"
KNOTD, NSD = ("knotd", "-c", CONFIGURATION_FILE), ("nsd", "-d", "-c", CONFIGURATION_FILE)
"""commands that run a server in the foreground, in its folder"""

KNOT_SERVER = """\
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {socket}
database:
  storage: {folder}
log:
  - target: stderr
    any: info
"""

NSD_SERVER = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  server-count: 1
  verbosity: 1
  zonesdir: "{folder}"
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  cookie-secret-file: "{folder}/cookie"
  xfrd-reload-timeout: 0
"""


def configured(
    name: str,
    folder: Path,
    template: str,
    command: Command,
    values: Mapping[str, object],
    descriptors: Sequence[int] = (),
) -> ServerProcess:
    """Return a server, not started, whose configuration has these values; raise InputError (LABORATORY)."""
    write_file(folder / CONFIGURATION_FILE, template.format(folder=folder, **values).encode())
    return ServerProcess(name, folder, command, descriptors)
