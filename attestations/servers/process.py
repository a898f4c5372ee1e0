"""Real name servers as child processes. Each has a session of its own, and nothing of a session outlives its end."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attestations.errors import InputError
from attestations.servers.refusal import laboratory_error
from attestations.servers.waiting import wait_until
from attestations.tool import ToolError, find_tool

STOP_SECONDS = 10.0
READY_SECONDS = 60.0
LOG_FILE = "log"

_STATE, _SESSION = 0, 3
"""fields of /proc/PID/stat behind the name of the program (proc(5))"""
_ENDED = "ZX"
_LAST_LINES = 6
_CHATTER = " info: "


class ServerProcess:
    """A name server in the foreground, which can be started again. Its output goes to a log in its folder."""

    def __init__(self, name: str, folder: Path, command: Sequence[str], descriptors: Sequence[int] = ()) -> None:
        self.name = name
        self.folder = folder
        self._command = command
        self._descriptors = descriptors  # it may open them under /proc/self/fd
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> bytes:
        """What it has written since it was started for the first time."""
        return (self.folder / LOG_FILE).read_bytes()

    def start(self) -> None:
        """Start it; raise InputError (LABORATORY) where it is not installed or cannot be started.

        It is told to end when we do, even by SIGKILL, and does not hear the Ctrl-C that we hear.
        """
        program, *arguments = self._command
        try:
            command: list[str | Path] = [find_tool("setpriv"), "--pdeathsig", "TERM", find_tool(program), *arguments]
            with (self.folder / LOG_FILE).open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=self._descriptors,
                )
        except (ToolError, OSError) as error:
            raise laboratory_error(f"{self.name}: {error}", "name servers that can be started") from None

    def stop(self) -> None:
        """End it and all that it has started; nothing happens where it is not running."""
        if self._process is None:
            return
        session = self._process.pid
        _send(session, signal.SIGTERM)  # not by Popen, which would wait for it: then its number could be given away
        wait_until(self._ended, STOP_SECONDS)
        wait_until(lambda: _killed(session), STOP_SECONDS)
        self._process.wait()
        self._process = None

    def wait_until_ready(self, state: Callable[[], bool]) -> bool:
        """Return whether `state` came to hold in time; raise InputError (LABORATORY) where the server ends."""
        return wait_until(lambda: (self._alive() and state()) or None, READY_SECONDS) or False

    def failed(self, what: str) -> InputError:
        """Return the error for a server that does not do what it should, with the end of its log."""
        lines = self.log.decode("ascii", "backslashreplace").splitlines()
        last = " / ".join([line for line in lines if _CHATTER not in line][-_LAST_LINES:])
        return laboratory_error(f"{self.name} {what}; its log ends: {last}", "a name server that answers")

    def _alive(self) -> bool:
        if self._ended():
            raise self.failed("ended")
        return True

    def _ended(self) -> bool | None:
        if self._process is None:
            return True
        status = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return True if status else None


def session_members(session: int) -> Iterator[int]:
    """Yield the processes of a session that have not ended."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[_SESSION]) == session and fields[_STATE] not in _ENDED:
            yield int(stat.parent.name)


def _killed(session: int) -> bool | None:
    members = list(session_members(session))
    for pid in members:
        _send(pid, signal.SIGKILL)
    return None if members else True


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it was faster
