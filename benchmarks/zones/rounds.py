"""Interleaved rounds: wall, CPU and memory of whole processes, from the kernel's accounting at their exit."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_MEGABYTE = 1_000_000
_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one tool."""

    wall: float
    """seconds"""
    cpu: float
    """user and system seconds of all its processes"""
    rss: float
    """MB: the largest of its processes, mapped pages of files included"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """All runs of one tool on one zone."""

    runs: tuple[Run, ...]
    own_memory: float
    """MB at the peak: anonymous memory of all its processes together, from one more run that is not timed"""

    @property
    def wall(self) -> float:
        """Median of the seconds."""
        return median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """Median of the CPU seconds."""
        return median(run.cpu for run in self.runs)

    def to_json(self) -> dict[str, object]:
        """Return medians, least and most, and every run."""
        walls, rss = [run.wall for run in self.runs], max(run.rss for run in self.runs)
        summary = {"wall": self.wall, "least": min(walls), "most": max(walls), "cpu": self.cpu}
        runs = [[run.wall, run.cpu, run.rss] for run in self.runs]
        return summary | {"rssMB": rss, "ownMB": self.own_memory, "runs": runs}


def measure(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], rounds: int
) -> tuple[dict[str, Measured], list[float]]:
    """Return what each tool took, and the load average before each round.

    A round runs every tool once. Before the first, one run of each, watched for its memory, warms caches and
    compiles bytecode. Raises RuntimeError where a tool does not end with exit code 0.
    """
    memory = {name: _own_memory(command, environment) for name, command in commands.items()}
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    loads = []
    for _ in range(rounds):
        loads.append(os.getloadavg()[0])
        for name, command in commands.items():
            runs[name].append(_timed(command, environment))
    return {name: Measured(runs=tuple(runs[name]), own_memory=memory[name]) for name in commands}, loads


def _timed(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    start = time.perf_counter()
    process = _started(command, environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    _must_be_well(command, process.returncode)
    return Run(wall=wall, cpu=usage.ru_utime + usage.ru_stime, rss=usage.ru_maxrss * 1024 / _MEGABYTE)


def _own_memory(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return the most anonymous memory that the tool's processes, all of one session, had at one time."""
    most = 0
    process = _started(command, environment)
    while process.poll() is None:
        most = max(most, sum(_anonymous(pid) for pid in _pids_of_session(process.pid)))
        time.sleep(_SAMPLE_SECONDS)
    _must_be_well(command, process.returncode)
    return most / _MEGABYTE


def _pids_of_session(session: int) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended since the folder was listed
            continue
        if int(fields[3]) == session:
            found.append(folder.name)
    return found


def _anonymous(pid: str) -> int:
    """Return the bytes of memory that belong to a process and to no file; pages that n processes share count 1/n."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # ended since it was listed
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def _must_be_well(command: Sequence[str], exit_code: int | None) -> None:
    if exit_code != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {exit_code}: a tool that failed is not a fast tool")
