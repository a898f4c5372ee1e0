"""Runs the real commands as a user would, shows them, and insists on the exit code that the story needs."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from attestations.errors import InputError

TIME_LIMIT = 60.0
"""seconds for a command, where the story does not give more"""

STOP_SECONDS = 30.0
"""how long a command has for stopping what it has started, before it is killed"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that ended as it should."""

    exit_code: int
    output: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Started:
    """A command that is running, or has ended and was not asked yet."""

    text: str
    """as it is shown"""
    process: subprocess.Popen[bytes]
    printed: IO[bytes]
    complained: IO[bytes]

    def stop(self) -> None:
        """End it, and let it end what it has started; nothing happens where it has ended."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs commands in one folder and tells what it does. As a context, it leaves no command running."""

    folder: Path
    say: Callable[[str], None]
    variables: Mapping[str, str]
    """environment variables that the commands need beside the caller's, shown before each command"""
    time_limit: float = TIME_LIMIT
    _running: list[Started] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for started in self._running:
            started.process.terminate()  # all at once, so that they end side by side
        for started in self._running:
            started.stop()
            started.printed.close()
            started.complained.close()

    def run(
        self,
        *command: str,
        ends: Sequence[int] = (0,),
        show: Callable[[str], str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Ran:
        """Return what the command printed; raise InputError (DEMO) if it ended otherwise than in one of `ends`."""
        started = self.start(*command, variables=variables or {})
        self.say(f"  $ {started.text}")
        return self.show(started, ends=ends, show=show)

    def show(self, started: Started, *, ends: Sequence[int] = (0,), show: Callable[[str], str] | None = None) -> Ran:
        """Wait for a command that was started, show what it printed, and return it; otherwise as `run`."""
        ran = self.finish(started, ends=ends)
        if show is not None:
            for line in show(ran.output).splitlines():
                self.say(f"    {line}")
        self.say(f"    exit code {ran.exit_code}\n")
        return ran

    def quietly(self, *command: str, ends: Sequence[int] = (0,)) -> Ran:
        """Run a command without a word; otherwise as `run`."""
        return self.finish(self.start(*command), ends=ends)

    def start(self, *command: str, variables: Mapping[str, str] | None = None) -> Started:
        """Start a command, which runs beside others until `finish`."""
        own = variables or {}
        printed, complained = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115  # closed when it was asked
        process = subprocess.Popen(
            self._call(command),
            cwd=self.folder,
            env={**os.environ, **self.variables, **own},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complained,
            process_group=0,  # Ctrl-C is heard by us alone, and we end it then
        )
        text = " ".join([*(f"{name}={_in_shell(value)}" for name, value in own.items()), *command])
        started = Started(text=text, process=process, printed=printed, complained=complained)
        self._running.append(started)
        return started

    def finish(self, started: Started, *, ends: Sequence[int] = (0,)) -> Ran:
        """Wait for a command and return what it printed; raise InputError (DEMO) if it ended otherwise than wanted."""
        try:
            exit_code: int | None = started.process.wait(self.time_limit)
        except subprocess.TimeoutExpired:
            exit_code = None
            started.stop()
        self._running.remove(started)
        output, complaint = _text(started.printed), _text(started.complained)
        if exit_code is None or exit_code not in ends:
            ended = f"no end within {self.time_limit:g} s" if exit_code is None else f"exit code {exit_code}"
            raise InputError(
                "DEMO",
                found=f"{ended} from:  {started.text}\n{output}{complaint}",
                wanted=f"exit code {' or '.join(map(str, ends))}",
                fix="run the command in the demo's folder and report what it prints",
            )
        return Ran(exit_code=exit_code, output=output)

    def invitation(self) -> str:
        """Return the shell command after which the commands that were shown can be run again."""
        exports = {"PATH": f"{Path(sys.executable).parent}:$PATH", **self.variables}
        words = (f'{name}="{value}"' for name, value in exports.items())
        return f"cd {shlex.quote(str(self.folder))} && export {' '.join(words)}"

    def _call(self, command: Sequence[str]) -> list[str]:
        module = {"attest": "attestations", "gatekeeper": "gatekeeper"}.get(command[0])
        program = [sys.executable, "-m", module] if module else [str(self.folder / command[0])]
        return [*program, *command[1:]]


def last_lines(count: int) -> Callable[[str], str]:
    """Show the last lines only."""
    return lambda output: "\n".join(output.rstrip().splitlines()[-count:])


def everything(output: str) -> str:
    """Show all that a command printed."""
    return output.rstrip()


def first_lines(count: int) -> Callable[[str], str]:
    """Show the first lines only."""
    return lambda output: "\n".join(output.splitlines()[:count])


def _in_shell(value: str) -> str:
    return "$'" + value.replace("\n", "\\n") + "'" if "\n" in value else value


def _text(printed: IO[bytes]) -> str:
    with printed:
        printed.seek(0)
        return printed.read().decode("utf-8", "replace")
