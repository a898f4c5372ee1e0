"""Processes that a command leaves behind outside of its session: they become our children, and are ended."""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2)
_PARENT = 1
"""field of /proc/PID/stat behind the name of the program (proc(5))"""


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
    """End all children that are not `known`, and theirs; return how many there were."""
    ended = 0
    while orphans := [pid for pid in _children() if pid not in known]:
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        ended += len(orphans)
    return ended


def _children() -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[_PARENT]) == os.getpid():
            yield int(stat.parent.name)
