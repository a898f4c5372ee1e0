"""CPU time of whole processes and of functions: rounds in which every variant runs once, and their medians."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MILLISECONDS = 1000


@dataclass(frozen=True, kw_only=True)
class Figure:
    """CPU milliseconds of one variant over all rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Figure":
        """Return the figure of these samples."""
        return cls(median=median(samples), least=min(samples), most=max(samples))


def measure_processes(
    commands: Mapping[str, Sequence[str]], folder: Path, environment: Mapping[str, str], rounds: int
) -> dict[str, Figure]:
    """Return the user and system CPU time of each command, run in `folder`; each must end with exit code 0.

    The first round warms up, bytecode and page cache, and is not counted.
    """
    samples: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            samples[name].append(_cpu_of_process(command, folder, environment))
    return {name: Figure.of(found[1:]) for name, found in samples.items()}


def measure_functions(functions: Mapping[str, Callable[[], object]], rounds: int, repeat: int) -> dict[str, Figure]:
    """Return the CPU time of one call of each function, called `repeat` times a round; the first is not counted."""
    samples: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds + 1):
        for name, function in functions.items():
            samples[name].append(cpu_of(function, repeat))
    return {name: Figure.of(found[1:]) for name, found in samples.items()}


def cpu_of(function: Callable[[], object], repeat: int) -> float:
    """Return the CPU milliseconds of one call, averaged over `repeat` calls."""
    start = time.process_time()
    for _ in range(repeat):
        function()
    return (time.process_time() - start) / repeat * MILLISECONDS


def wall_of(function: Callable[[], object]) -> float:
    """Return the seconds that pass while `function` runs once."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _cpu_of_process(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        told = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {told.decode(errors='replace')}")
    return (usage.ru_utime + usage.ru_stime) * MILLISECONDS
