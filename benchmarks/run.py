"""Measures what docs and issues promise about speed; prints tables, then one line of JSON. How: README.md beside it."""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import commands
import decisions
import rates
from cryptography.hazmat.backends.openssl.backend import backend
from measuring import MILLISECONDS, Figure, measure_functions, measure_processes

ROUNDS, REPEAT = 21, 10
MADE_WITH = ("click", "cryptography", "msgspec", "pyyaml", "sigstore")


def main() -> int:
    """Measure everything; return 1 where a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands.prepare(folder)
        processes = measure_processes(commands.commands(), folder, _environment(folder), ROUNDS)
        functions = measure_functions(decisions.functions(), ROUNDS, REPEAT)
        ledger = rates.ledger_rates(folder / "ledger", ROUNDS)
    stages = decisions.stages(functions)
    held = [*_print_processes(processes), _print_decisions(functions, stages)]
    _print_rates("Ledger", ledger)
    result = {"machine": _machine(), "processes": _plain(processes), "decisions": _plain(functions), "stages": stages}
    print(json.dumps(result | {"ledger": ledger, "targetsHeld": all(held)}))
    return 0 if all(held) else 1


def _environment(folder: Path) -> dict[str, str]:
    """Bytecode is compiled once, as an installed package has it, wherever this environment keeps Python from that."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _print_processes(figures: Mapping[str, Figure]) -> list[bool]:
    bare, peer = figures[commands.BARE].median, figures[commands.PEER].median
    print(f"Processes: CPU ms, {ROUNDS} interleaved rounds")
    print(f"  {'':<24}{'median':>8}{'least':>8}{'most':>8}{'/ bare':>8}{'/ sigstore':>12}{'target':>8}")
    held = []
    for name, figure in figures.items():
        target = commands.TARGETS.get(name)
        row = f"  {name:<24}{figure.median:8.1f}{figure.least:8.1f}{figure.most:8.1f}"
        print(f"{row}{figure.median / bare:8.1f}{figure.median / peer:12.2f}{_shown(target, figure.median)}")
        held.append(target is None or figure.median < target)
    return held


def _shown(target: float | None, found: float) -> str:
    return "" if target is None else f"{target:8.0f} {'held' if found < target else 'MISSED'}"


def _print_decisions(figures: Mapping[str, Figure], stages: Mapping[str, float]) -> bool:
    print(f"\nDecisions in one process, {decisions.ATTESTATIONS} attestations: CPU ms, with the decision's digest")
    for name in (decisions.ANEW, decisions.SERVICE, decisions.LIBRARY):
        figure = figures[name]
        print(f"  {name:<48}{figure.median:8.3f}{figure.least:8.3f}{MILLISECONDS / figure.median:8.0f}/s")
    print("  where the time of the second goes:")
    for name, ms in stages.items():
        print(f"    {name:<46}{ms:8.3f}{ms / sum(stages.values()):8.0%}")
    rate = MILLISECONDS / figures[decisions.SERVICE].median
    print(f"  {rate:.0f} a second, target {decisions.TARGET:.0f}: {'held' if rate >= decisions.TARGET else 'MISSED'}")
    return rate >= decisions.TARGET


def _print_rates(title: str, found: Mapping[str, float]) -> None:
    print(f"\n{title}")
    for name, value in found.items():
        print(f"  {name:<52}{value:12,.0f}")


def _plain(figures: Mapping[str, Figure]) -> dict[str, dict[str, float]]:
    return {
        name: {"median": figure.median, "least": figure.least, "most": figure.most} for name, figure in figures.items()
    }


def _machine() -> dict[str, object]:
    return {
        "measuredOn": datetime.now(UTC).date().isoformat(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "openssl": backend.openssl_version_text(),
        "packages": {name: version(name) for name in MADE_WITH},
    }


if __name__ == "__main__":
    sys.exit(main())
