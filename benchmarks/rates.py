"""How fast the ledger grows and is verified."""

from pathlib import Path
from statistics import median

from measuring import cpu_of, wall_of
from world.gate import Gate
from world.keys import signer
from world.registry import World

from attestations.digest import canonical_json
from gatekeeper.record import DECISION

ENTRIES, SECOND = 1000, 1000.0
"""ledger entries; milliseconds"""


def ledger_rates(folder: Path, rounds: int) -> dict[str, float]:
    """Return decisions appended a second of wall time, each synced to disk, and entries verified a second of CPU."""
    folder.mkdir()
    content = canonical_json(World().judge().decision.to_json())
    key = signer("ledger")
    with Gate.make(folder).ledger() as ledger:
        seconds = [wall_of(lambda: ledger.append(content, DECISION, key)) for _ in range(ENTRIES)]
        cpu = median(cpu_of(ledger.verify, 1) for _ in range(rounds))
    return {
        "appended a second (wall, durable)": 1 / median(seconds),
        "entries verified a second (CPU)": ENTRIES / cpu * SECOND,
        "bytes of an entry": float(len(content)),
    }
