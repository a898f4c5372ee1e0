"""Which processes are there: for tests that nothing was left running."""

from pathlib import Path


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
