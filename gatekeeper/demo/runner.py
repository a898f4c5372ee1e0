"""Runs the real commands as a user would, shows them, and insists on the exit code that the story needs."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attestations.errors import InputError

TIME_LIMIT = 60


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that ended as it should."""

    exit_code: int
    output: str


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs commands in one folder and tells what it does."""

    folder: Path
    say: Callable[[str], None]
    variables: Mapping[str, str]
    """environment variables that the commands need beside the caller's, shown before each command"""

    def run(self, *command: str, ends: Sequence[int] = (0,), show: Callable[[str], str] | None = None) -> Ran:
        """Return what the command printed; raise InputError (DEMO) if it ended otherwise than in one of `ends`."""
        self.say(f"  $ {' '.join(command)}")
        ended = self._end(command)
        if ended.returncode not in ends:
            raise InputError(
                "DEMO",
                found=f"exit code {ended.returncode} from:  {' '.join(command)}\n{ended.stdout}{ended.stderr}",
                wanted=f"exit code {' or '.join(map(str, ends))}",
                fix="run the command in the demo's folder and report what it prints",
            )
        if show is not None:
            for line in show(ended.stdout).splitlines():
                self.say(f"    {line}")
        self.say(f"    exit code {ended.returncode}\n")
        return Ran(exit_code=ended.returncode, output=ended.stdout)

    def quietly(self, *command: str) -> None:
        """Run a command that must end in 0, without a word."""
        Runner(folder=self.folder, say=lambda _: None, variables=self.variables).run(*command)

    def _end(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        program = {"attest": "attestations", "gatekeeper": "gatekeeper"}[command[0]]
        return subprocess.run(
            [sys.executable, "-m", program, *command[1:]],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )


def last_lines(count: int) -> Callable[[str], str]:
    """Show the last lines only."""
    return lambda output: "\n".join(output.rstrip().splitlines()[-count:])


def everything(output: str) -> str:
    """Show all that a command printed."""
    return output.rstrip()


def first_lines(count: int) -> Callable[[str], str]:
    """Show the first lines only."""
    return lambda output: "\n".join(output.splitlines()[:count])
