"""How each software is told to stop giving a zone away, and to go on: the very commands that runbooks print."""

import tempfile
from pathlib import Path

from attestations.durable import write_durably
from attestations.errors import InputError
from attestations.operations import Command, bind, knot, nsd
from attestations.records import ZoneName
from attestations.strict import read_file
from attestations.strict.limits import CONFIGURATION
from attestations.tool import ToolError, run_tool
from gatekeeper.guard.configuration import AnyServer, BindServer, KnotServer, NsdServer, Outflow

COMMAND_SECONDS = 10.0
_LONGEST = 1000


def close(server: AnyServer, zone: ZoneName, *, is_closed: bool) -> str | None:
    """Tell a server to give the zone to nobody; return why it could not be told, None where it was.

    Whether it obeyed is for the probe to say. Where it `is_closed`, nothing is loaded again that need not be.
    """
    if isinstance(server, KnotServer):
        return _run(knot.zone_xfr_freeze(zone, server.control))
    if is_closed and _is_put(server.outflow, server.outflow.closed):
        return None
    return _put(server.outflow, server.outflow.closed) or _run(_reconfig(server))


def reopen(server: AnyServer, zone: ZoneName) -> str | None:
    """Tell a server to give the zone as before; return why it could not be told, None where it was."""
    if isinstance(server, KnotServer):
        return _run(knot.zone_xfr_thaw(zone, server.control))
    return _put(server.outflow, server.outflow.open) or _run(_reconfig(server))


def _reconfig(server: NsdServer | BindServer) -> Command:
    return bind.reconfig(server.control) if isinstance(server, BindServer) else nsd.reconfig(server.control)


def _is_put(outflow: Outflow, source: str) -> bool:
    try:
        return _read(outflow.file) == _read(source)
    except InputError:
        return False


def _put(outflow: Outflow, source: str) -> str | None:
    """Let the server include what is in `source` from its next start or `reconfig` on."""
    try:
        write_durably(Path(outflow.file), _read(source))
    except InputError as error:
        return error.found
    return None


def _read(path: str) -> bytes:
    return read_file(Path(path), CONFIGURATION.max_bytes)


def _run(command: Command) -> str | None:
    program, *arguments = command
    try:
        with tempfile.TemporaryDirectory() as folder:
            ran = run_tool(program, arguments, Path(folder), COMMAND_SECONDS)
    except ToolError as error:
        return str(error)
    return f"{program} ended with {ran.exit_code}: {' '.join(ran.lines)}"[:_LONGEST] if ran.exit_code else None
