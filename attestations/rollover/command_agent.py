"""An operator's rollover agent: any command. Bounded in time and talk, and nothing of it outlives a call."""

import os
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from attestations.errors import InputError
from attestations.inert import visible
from attestations.rollover.agent import Claim, Order
from attestations.rollover.orphans import adopting, end_orphans, is_killed
from attestations.servers.process import session_members
from attestations.servers.waiting import wait_until
from attestations.tool import ToolError, find_tool

AGENT_SECONDS = 120
MAX_OUTPUT = 64 * 1024
"""octets that a call may print"""

_FAREWELL_SECONDS = 3.0
"""for what it started to end by itself"""
_SHOWN = 160
_CHUNK = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of the operator's, as words, and what it is run with."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """in addition to ours"""
    seconds: float = AGENT_SECONDS
    secret: Callable[[], str] | None = field(default=None, repr=False)
    """gives the PIN, which is never shown, even where the command prints it"""

    def run(self, *arguments: str) -> Claim:
        """Return what the command claims with these arguments; it and all that it started are gone afterwards."""
        with adopting() as children:
            process = self._start(arguments)
            try:
                printed, is_ended = _printed(process, time.monotonic() + self.seconds)
                if is_ended:
                    wait_until(lambda: not list(session_members(process.pid)) or None, _FAREWELL_SECONDS)
            finally:
                left = _end_session(process)
                _reap(process)
                left += end_orphans(children)
        return self._claim(process.returncode if is_ended else None, printed, left)

    def _start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, where it does not hear our Ctrl-C; it is told to end when we do."""
        return subprocess.Popen(
            [find_tool("setpriv"), "--pdeathsig", "KILL", *self.words, *arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _claim(self, exit_code: int | None, printed: bytes, left: int) -> Claim:
        if len(printed) > MAX_OUTPUT:
            return _disorderly(f"it printed more than {MAX_OUTPUT} octets")
        if exit_code is None:
            return _disorderly(f"it did not end within {self.seconds:g} seconds")
        if exit_code < 0:
            return _disorderly(f"it was ended by {signal.Signals(-exit_code).name}")
        if left:
            return _disorderly(f"it left {left} processes behind, which were ended")
        if exit_code:
            return Claim(done=False, said=f"exit {exit_code}{self._last_line(printed)}")
        return Claim(done=True)

    def _last_line(self, printed: bytes) -> str:
        text = printed.decode("utf-8", "backslashreplace").strip()
        if self.secret is not None and (secret := self.secret()):
            text = text.replace(secret, "(the PIN)")
        return f": {visible(text.splitlines()[-1])[:_SHOWN]}" if text else ""


@dataclass(frozen=True, kw_only=True)
class CommandAgent:
    """A command that is called once for each step, with STEP ROLE CKA_ID LABEL as its last arguments."""

    command: Command

    def perform(self, order: Order) -> Claim:
        """Call the command. Exit code 0 is its claim that all is done."""
        return self.command.run(order.action, order.role, order.name.key_id, order.name.label)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a command line, the program found; raise InputError (ROLLOVER-COMMAND)."""
    try:
        words = shlex.split(text)
        find_tool("setpriv")
    except (ValueError, ToolError) as error:
        raise _unusable(text, str(error)) from None
    program = shutil.which(words[0]) if words else None
    if program is None:
        raise _unusable(text, "no such program, or not executable")
    return (str(Path(program).absolute()), *words[1:])


def _unusable(text: str, why: str) -> InputError:
    return InputError(
        "ROLLOVER-COMMAND",
        found=f"{text!a:.200}: {why}",
        wanted="a command that can be started",
        fix="give a program and its arguments in one word of the call:  --agent '/opt/agent --for laboratory'",
    )


def _disorderly(said: str) -> Claim:
    return Claim(done=False, said=said, orderly=False)


def _printed(process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bool]:
    """Return what it prints, at most one chunk over the limit, and whether it ended by itself before `deadline`.

    What it left behind may hold the pipe open: its own end counts, not that of its output.
    """
    kept, output, life = bytearray(), process.stdout, os.pidfd_open(process.pid)
    watched: list[IO[bytes] | int] = [life, *([output] if output else [])]
    try:
        while readable := select.select(watched, [], [], max(deadline - time.monotonic(), 0))[0]:
            if output in readable:
                chunk = os.read(output.fileno(), _CHUNK)
                kept += chunk
                watched = watched if chunk else [life]
            elif life in readable:
                return bytes(kept), True
            if len(kept) > MAX_OUTPUT:
                return bytes(kept), False
    finally:
        os.close(life)
    return bytes(kept), False


def _end_session(process: subprocess.Popen[bytes]) -> int:
    """End what is left in the session of the process; return how many there were."""
    found: set[int] = set()
    while members := set(session_members(process.pid)) - found:
        for pid in members:
            is_killed(pid)
        found |= members
    return len(found)


def _reap(process: subprocess.Popen[bytes]) -> None:
    if process.stdout:
        process.stdout.close()
    try:
        process.wait(_FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        return  # it became another user's, and is beyond our reach
