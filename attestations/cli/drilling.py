"""What the drills' commands share: which zone, in which folder, and an end that stops the servers."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attestations.errors import InputError
from attestations.hsm.documents import Inventory
from attestations.records import ZoneName


def zone_of(inventory: Inventory, wanted: ZoneName | None) -> ZoneName:
    """Return the zone to drill; raise InputError (ENVIRONMENT) unless the environment leaves no doubt about it."""
    zone = wanted or inventory.zones[0]
    if zone not in inventory.zones or (wanted is None and len(inventory.zones) > 1):
        raise InputError(
            "ENVIRONMENT",
            found=f"zone {wanted}" if wanted else f"{len(inventory.zones)} zones, and no --zone",
            wanted=f"a zone of environment {inventory.name!a}: {', '.join(inventory.zones)}",
            fix="give --zone, and drill once for each zone",
        )
    return zone


@contextmanager
def folder_or_temporary(named: Path | None) -> Iterator[Path]:
    """Give the folder that was named, or one that is removed in the end."""
    if named:
        yield named.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="attest-drill-") as folder:
        yield Path(folder)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Take SIGTERM and SIGHUP as Ctrl-C, so that the servers are stopped before we end."""
    before = {one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
