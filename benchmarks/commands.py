"""Whole processes: the commands that people and hosts wait for, beside what no Python command can be faster than."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from world.gate import Gate
from world.host import Host
from world.registry import World

from gatekeeper.case_file import write_case_file
from gatekeeper.cli.reporting import report_of

BARE, PEER = "python, bare", "sigstore --help"
TARGETS = {"gatekeeper --help": 120.0, "gatekeeper evaluate": 400.0, "gatekeeper verify": 250.0}
"""CPU milliseconds that the median stays under"""

_BIN = Path(sys.executable).parent


def commands() -> Mapping[str, Sequence[str]]:
    """Return the commands by name, each to be run where `prepare` has written its files."""
    python, gatekeeper = str(_BIN / "python"), str(_BIN / "gatekeeper")
    documents = [f"--{name}=case/{name}.yaml" for name in ("request", "environment", "policy", "trust")]
    return {
        BARE: (python, "-c", ""),
        "python, click imported": (python, "-c", "import click"),
        PEER: (str(_BIN / "sigstore"), "--help"),
        "attest --help": (str(_BIN / "attest"), "--help"),
        "gatekeeper --help": (gatekeeper, "--help"),
        "gatekeeper evaluate": (gatekeeper, "evaluate", *documents, f"--at={World().now}"),
        "gatekeeper verify": (gatekeeper, *Host().command()),
        "gatekeeper replay": (gatekeeper, "replay", "case.zip"),
    }


def prepare(folder: Path) -> None:
    """Write a request with ten attestations, its case file, and what lies on a host; all of it is approved."""
    world = World()
    world.write(folder / "case")
    issued = Gate.make(folder).issue(world.files())
    (folder / "case.zip").write_bytes(write_case_file(issued, report_of(issued.judgement)))
    for name, raw in Host().files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
