"""An operator's commands to the servers of a laboratory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attestations.operations import Command
from attestations.servers.refusal import laboratory_error
from attestations.tool import Ran, ToolError, run_tool, version_of

_SECONDS = 60.0


def obeyed(
    command: Command, folder: Path, environment: Command = (), descriptors: Sequence[int] = ()
) -> tuple[str, ...]:
    """Return the lines that a command prints; raise InputError (LABORATORY) where it cannot be run or fails.

    `environment` stands before it (programs of others are run with an empty one: `env`, `NAME=value`); it may open
    `descriptors` under /proc/self/fd.
    """
    ended = ran(command, folder, environment, descriptors)
    if ended.exit_code:
        raise laboratory_error(f"{' '.join(command)}: {' '.join(ended.lines)}", "OK")
    return ended.lines


def ran(command: Command, folder: Path, environment: Command = (), descriptors: Sequence[int] = ()) -> Ran:
    """Return how a command ended, as `obeyed`; raise InputError (LABORATORY) only where it cannot be run."""
    program, *arguments = (*environment, *command)
    try:
        return run_tool(program, arguments, folder, _SECONDS, descriptors)
    except ToolError as error:
        raise laboratory_error(str(error), f"a server that obeys {command[0]}") from None


def versions(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the version that each program prints, asked with its option; raise InputError (LABORATORY)."""
    try:
        return {program: version_of(program, option) for program, option in asked.items()}
    except ToolError as error:
        raise laboratory_error(str(error), " and ".join(asked)) from None
