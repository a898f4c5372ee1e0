"""Runs the program of another project: absolute path, clean environment, bounded time and output."""

import os
import re
import selectors
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_OUTPUT = 32 * 1024 * 1024
"""bytes that are kept of what a tool prints"""

_FOLDERS = (Path("/usr/bin"), Path("/usr/sbin"))
"""where distributions install; PATH is not asked, so that nobody slips in another tool"""
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/usr/sbin"}
_CHUNK = 64 * 1024


class ToolError(Exception):
    """The tool did not come to a result; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A tool that ran to its end."""

    exit_code: int
    lines: tuple[str, ...]
    """what it printed to standard output and standard error"""
    is_whole: bool = True
    """False: it printed more than is kept"""


def run_tool(
    program: str, arguments: Sequence[str], folder: Path, seconds: float, descriptors: Sequence[int] = ()
) -> Ran:
    """Return what `program` printed and its exit code; it may open `descriptors` under /proc/self/fd.

    Raises ToolError: not installed, cannot be started, time limit, killed.
    """
    path = find_tool(program)
    try:
        process = subprocess.Popen(
            [path, *arguments],
            cwd=folder,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
        )
    except OSError as error:
        raise ToolError(f"{program} cannot be started: {error.strerror}") from None
    with process:
        try:
            printed, is_whole = _printed(process, time.monotonic() + seconds)
        except TimeoutError:
            process.kill()
            raise ToolError(f"{program} did not finish within {seconds:g} seconds") from None
    if process.returncode < 0:
        raise ToolError(f"{program} was ended by signal {-process.returncode}")
    lines = tuple(printed.decode("ascii", "backslashreplace").splitlines())
    return Ran(exit_code=process.returncode, lines=lines, is_whole=is_whole)


def path_of(descriptor: int) -> str:
    """Return the path under which a tool opens a descriptor that it was given, an unlinked file as well."""
    return f"/proc/self/fd/{descriptor}"


def find_tool(program: str) -> Path:
    """Return the absolute path of an installed tool; raise ToolError."""
    for folder in _FOLDERS:
        if (path := folder / program).is_file():
            return path
    raise ToolError(f"{program} is not installed in {' or '.join(map(str, _FOLDERS))}")


def version_of(program: str, *arguments: str) -> str:
    """Return the version that a tool prints; raise ToolError."""
    with tempfile.TemporaryDirectory() as folder:
        lines = run_tool(program, arguments, Path(folder), 10.0).lines
    found = re.search(r"\d+\.\d+\S*", lines[0] if lines else "")
    if found is None:
        raise ToolError(f"{program} {' '.join(arguments)} does not print a version")
    return found[0]


def _printed(process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bool]:
    """Return what the process prints until it ends, and whether that is all; raise TimeoutError."""
    kept, is_whole = bytearray(), True
    with selectors.DefaultSelector() as selector:
        output = selector.register(process.stdout or -1, selectors.EVENT_READ).fd
        while selector.select(max(deadline - time.monotonic(), 0)):
            if not (chunk := os.read(output, _CHUNK)):
                break
            is_whole = is_whole and len(kept) + len(chunk) <= MAX_OUTPUT
            kept += chunk if is_whole else b""
    try:
        process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return bytes(kept), is_whole
