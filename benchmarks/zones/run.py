"""Measures `attest zone` beside the validators of other projects, on the same files in the same rounds.

Prints one table in Markdown, and one line of JSON for each zone to --out. How and why: README.md beside it.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from composition import SIZES
from machine import machine, openssl_speed
from rounds import Measured, measure
from signing import VARIANTS, SignedZone, signed_zone
from tools import OTHER, OURS, PEERS, commands, versions

TABLE = (
    ("10k", "p256"),
    *(("100k", variant) for variant in VARIANTS),
    ("1M", "p256"),
    ("1M", "p256-optout"),
)
"""what is measured unless sizes or variants are named"""
_ROUNDS = {"10k": 5, "100k": 5, "1M": 3}
_HEAD = (
    "| zone | load | validator | wall s (least-most) | CPU s | own MB | signatures/s | of the limit | / ours |",
    "|---|---|---|---|---|---|---|---|---|",
)


def main() -> int:
    """Make the zones, measure, print; return 1 where a tool failed on a zone: that zone has no figures."""
    asked = _arguments()
    chosen = [(size, variant) for size, variant in TABLE if not asked.size or size in asked.size]
    if asked.variant:
        chosen = [(size, variant) for size in asked.size or ["100k"] for variant in asked.variant]
    zones = [signed_zone(asked.cache, size, variant) for size, variant in chosen]
    if asked.only_make:
        return 0
    told = {"machine": machine(), "versions": versions()}
    print(json.dumps(told), "", *_HEAD, sep="\n", flush=True)
    failed = False
    with tempfile.TemporaryDirectory() as bytecode:
        for zone in zones:
            try:
                _measure(zone, asked, _environment(bytecode), told)
            except RuntimeError as error:
                print(error, file=sys.stderr, flush=True)
                failed = True
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the zones; made once")
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--variant", action="append", choices=VARIANTS)
    parser.add_argument("--rounds", type=int, help="5, and 3 at 1M")
    parser.add_argument("--out", type=Path, help="file that the lines of JSON are appended to")
    parser.add_argument(
        "--other", type=Path, help="another `attest`, an earlier release for one, measured in the same rounds"
    )
    parser.add_argument("--leave-out", action="append", default=[], choices=PEERS, help="a validator that is not run")
    parser.add_argument("--only-make", action="store_true", help="make the zones and stop")
    return parser.parse_args()


def _environment(bytecode: str) -> dict[str, str]:
    """Bytecode is compiled once, as an installed package has it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONPYCACHEPREFIX": bytecode}


def _measure(
    zone: SignedZone, asked: argparse.Namespace, environment: Mapping[str, str], told: Mapping[str, object]
) -> None:
    algorithm = VARIANTS[zone.variant].algorithm
    before = openssl_speed(algorithm)
    chosen = {name: one for name, one in commands(zone, asked.other).items() if name not in asked.leave_out}
    found, loads = measure(chosen, environment, asked.rounds or _ROUNDS[zone.size])
    limit = max(before, openssl_speed(algorithm))
    print(*_rows(zone, found, max(loads), limit), sep="\n", flush=True)
    if asked.out:
        line = {"zone": f"{zone.size} {zone.variant}", "records": zone.records, "signatures": zone.signatures}
        line |= {"opensslVerifies": limit, "loads": loads, **told}
        line["tools"] = {name: one.to_json() for name, one in found.items()}
        with asked.out.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")


def _rows(zone: SignedZone, found: Mapping[str, Measured], load: float, limit: float) -> Iterator[str]:
    """Yield one row for each tool; the fastest of the others is in bold."""
    fastest = min((name for name in found if name not in (OURS, OTHER)), key=lambda name: found[name].wall)
    for name, one in found.items():
        walls = [run.wall for run in one.runs]
        rate = zone.signatures / one.wall
        ratio = f"{one.wall / found[OURS].wall:.2f}"
        first = (f"{zone.size} {zone.variant}", f"{load:.1f}") if name == OURS else ("", "")
        cells = (
            *first,
            name,
            f"{one.wall:.2f} ({min(walls):.2f}-{max(walls):.2f})",
            f"{one.cpu:.2f}",
            f"{one.own_memory:.0f}",
            f"{rate:,.0f}",
            f"{rate / limit:.0%}",
            f"**{ratio}**" if name == fastest else ratio,
        )
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
