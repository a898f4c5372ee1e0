"""How fast the ledger grows and is verified, and how fast the native engine validates a small zone."""

from pathlib import Path
from statistics import median

import dns.name
from measuring import cpu_of, wall_of
from world.gate import Gate
from world.keys import signer
from world.registry import World

from attestations.digest import canonical_json
from attestations.times import Instant
from attestations.zone.anchors import read_anchors
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone
from attestations.zone.source import zone_from_bytes
from attestations.zone.validation import validate
from gatekeeper.record import DECISION

ENTRIES, DELEGATIONS, SECOND = 1000, 1000, 1000.0
"""ledger entries; delegations of the zone; milliseconds"""


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


def zone_rates(rounds: int) -> dict[str, float]:
    """Return what the native engine reads and validates a second of CPU on a small zone."""
    at = Instant.parse("2026-04-10T12:00:00Z")
    practice = practice_zone((new_key(KSK_FLAGS), new_key(ZSK_FLAGS)), at, delegations=DELEGATIONS)
    name = dns.name.from_text(practice.name)
    anchors = read_anchors(practice.ds, "ds", name, "DS")
    zone = zone_from_bytes(practice.text, "zone", name)
    checked = validate(zone, anchors, at).counts.ok
    reading = median(cpu_of(lambda: zone_from_bytes(practice.text, "zone", name), 1) for _ in range(rounds))
    judging = median(cpu_of(lambda: validate(zone, anchors, at), 1) for _ in range(rounds))
    return {
        "signatures in the zone": float(checked),
        "bytes read a second (CPU)": len(practice.text) / reading * SECOND,
        "signatures verified a second (CPU), after reading": checked / judging * SECOND,
        "signatures verified a second (CPU), in all": checked / (reading + judging) * SECOND,
    }
