"""Runs a validator that is another program: absolute path, clean environment, bounded time and output."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = (Path("/usr/bin"), Path("/usr/sbin"))
"""where distributions install; PATH is not asked, so that nobody slips in another tool"""
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/usr/sbin"}
_MAX_OUTPUT = 32 * 1024 * 1024


class ToolError(Exception):
    """The tool did not come to a result; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A tool that ran to its end."""

    exit_code: int
    lines: tuple[str, ...]
    """what it printed to standard output and standard error"""


def run_tool(program: str, arguments: Sequence[str], folder: Path, seconds: float) -> Ran:
    """Return what `program` printed and its exit code; raise ToolError: not installed, time limit, killed."""
    path = find_tool(program)
    with tempfile.TemporaryFile(dir=folder) as output:
        try:
            done = subprocess.run(
                [path, *arguments],
                cwd=folder,
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ToolError(f"{program} did not finish within {seconds:g} seconds") from None
        output.seek(0)
        text = output.read(_MAX_OUTPUT).decode("ascii", "backslashreplace")
    if done.returncode < 0:
        raise ToolError(f"{program} was ended by signal {-done.returncode}")
    return Ran(exit_code=done.returncode, lines=tuple(text.splitlines()))


def find_tool(program: str) -> Path:
    """Return the absolute path of an installed tool; raise ToolError."""
    for folder in _FOLDERS:
        if (path := folder / program).is_file():
            return path
    raise ToolError(f"{program} is not installed in {' or '.join(map(str, _FOLDERS))}")


def version_of(program: str, option: str) -> str:
    """Return the version that a tool prints; raise ToolError."""
    with tempfile.TemporaryDirectory() as folder:
        lines = run_tool(program, [option], Path(folder), 10.0).lines
    found = re.search(r"\d+\.\d+\S*", lines[0] if lines else "")
    if found is None:
        raise ToolError(f"{program} {option} does not print a version")
    return found[0]
