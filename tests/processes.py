"""Which processes are there: for tests that nothing was left running."""

import time
from pathlib import Path

PATIENCE_SECONDS = 60


def processes_about(folder):
    """Return the command lines of the processes that name something in a folder, or work there."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode("ascii", "replace")
            where = (file.parent / "cwd").readlink()
        except OSError:
            continue  # it ended meanwhile
        if str(folder) in line or where.is_relative_to(folder):
            lines.append(line)
    return lines


def left_about(folder):
    """Return what is still there of them after a while: who is told to end by our end needs a moment for it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := processes_about(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
