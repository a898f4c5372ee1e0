"""The real command in a process of its own, under limits, with what it cost."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MAX_CPU_SECONDS, MAX_MIB = 5.0, 256
HARD_CPU_SECONDS, HARD_ADDRESS_SPACE = 20, 2 << 30


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a run ended. Without `cost` the process did not end by itself: it was killed or it crashed."""

    exit: int
    out: str
    err: str
    cpu_seconds: float
    peak_mib: float

    @property
    def codes(self) -> set[str]:
        """Reason codes, or codes of errors, of a run whose standard output is JSON."""
        told = json.loads(self.out)
        return set(told["reasonCodes"]) if "reasonCodes" in told else {each["code"] for each in told["errors"]}

    @property
    def bounded(self) -> bool:
        """Whether it cost no more than any input may."""
        return self.cpu_seconds < MAX_CPU_SECONDS and self.peak_mib < MAX_MIB


def run(folder: Path, *arguments: str, env: dict[str, str] | None = None, prelude: str = "") -> Run:
    """Run `gatekeeper` in `folder`; `prelude` names a module to import first."""
    cost = folder / ".cost.json"
    command = [sys.executable, __file__, str(cost), prelude, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), **(env or {})}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stdout + ended.stderr, ended.stderr
    assert cost.exists(), f"killed or crashed: {ended.returncode}: {ended.stderr[-2000:]}"
    spent = json.loads(cost.read_text())
    cost.unlink()
    return Run(exit=ended.returncode, out=ended.stdout, err=ended.stderr, **spent)


def _measured(cost: str, prelude: str, arguments: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (HARD_CPU_SECONDS, HARD_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (HARD_ADDRESS_SPACE, HARD_ADDRESS_SPACE))
    sys.argv = ["gatekeeper", *arguments]
    if prelude:
        __import__(prelude)
    from gatekeeper.cli import main

    try:
        main()
    finally:
        used = resource.getrusage(resource.RUSAGE_SELF)
        # Not ru_maxrss: that is the parent's where the parent was larger (getrusage(2), fork and exec).
        status = Path("/proc/self/status").read_text(encoding="ascii")
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        spent = {"cpu_seconds": used.ru_utime + used.ru_stime, "peak_mib": peak / 1024}
        Path(cost).write_text(json.dumps(spent), encoding="ascii")


if __name__ == "__main__":
    _measured(sys.argv[1], sys.argv[2], sys.argv[3:])
