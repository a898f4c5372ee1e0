"""Processes that a command leaves behind outside of its session: they become our children, and are ended."""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2)
_STATE, _PARENT = 0, 1
"""fields of /proc/PID/stat behind the name of the program (proc(5))"""
_ENDED = "ZX"


@contextmanager
def adopting() -> Iterator[frozenset[int]]:
    """Let orphans of our descendants become our children for the length of a `with`; give the children we have."""
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield frozenset(_children())
    finally:
        libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def end_orphans(known: frozenset[int]) -> int:
    """End all children that are not `known`, and theirs; return how many there were that had not ended."""
    running, seen = 0, set(known)
    while orphans := {pid: state for pid, state in _children().items() if pid not in seen}:
        for pid, state in orphans.items():
            if is_killed(pid):
                os.waitpid(pid, 0)
            seen.add(pid)
            running += state not in _ENDED
    return running


def is_killed(pid: int) -> bool:
    """Kill a process; return False for one that became another user's, which is beyond our reach."""
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:
        return False
    except ProcessLookupError:
        pass  # it was faster
    return True


def _children() -> dict[int, str]:
    """Return the state of each of our children."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[_PARENT]) == os.getpid():
            found[int(stat.parent.name)] = fields[_STATE]
    return found
