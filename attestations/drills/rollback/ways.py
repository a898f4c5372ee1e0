"""The ways back from a bad version that is out, each as an operator walks it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from attestations.drills.probing import now
from attestations.drills.rollback.archive import BIG_STEP, raised
from attestations.drills.rollback.world import World
from attestations.operations import knot, nsd
from attestations.servers.refusal import laboratory_error
from attestations.zone.engines import ENGINES
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import Zone


@dataclass(frozen=True, kw_only=True)
class Archive:
    """The good version as it was served, and the serial number of the bad one after it."""

    text: bytes
    bad_serial: int


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """One way."""

    meaning: str
    walk: Callable[[World, Archive], None]
    """does it; raises InputError (LABORATORY) or TokenError where a step fails"""


def _archived_zone(world: World, archive: Archive) -> None:
    """Needs one signature of the old key in any HSM, and the old key still published; the signer is not needed."""
    bench, zone = world.plan.bench, world.plan.zone
    serial = (archive.bad_serial + BIG_STEP) % 2**32
    text = raised(archive.text, zone, serial, bench.keys[1], bench.rack.hsms)
    with zone_from_bytes(text, "archive", zone) as version:
        _insist_on_valid(version, world, "an archived version")
    world.serve_by_break_glass(text)
    world.run(nsd.transfer(zone, world.control))


def _old_key(world: World, _archive: Archive) -> None:
    """Needs the old key in the signer's HSM, and time for signing everything anew; judged before anybody gets it."""
    signer, zone = world.signer, world.plan.zone
    back = {"retire": "0", "remove": "0"}
    signer.run(knot.keymgr_set(zone, world.plan.bench.old.key_id, back, signer.control))
    signer.run(knot.keymgr_set(zone, world.plan.bench.successor.key_id, {"retire": "+0"}, signer.control))
    with signer.heard():
        signer.run(knot.zone_keys_load(zone, signer.control))
    with world.signed() as version:
        _insist_on_valid(version, world, "a version by the old key")
    signer.run(knot.zone_xfr_thaw(zone, signer.control))
    with signer.heard():
        signer.run(knot.zone_notify(zone, signer.control))


def _forced_transfer(world: World, archive: Archive) -> None:
    """Needs no key at all, but a command on every secondary: the others never take a lower serial number."""
    world.serve_by_break_glass(archive.text)
    world.run(nsd.force_transfer(world.plan.zone, world.control))


def _insist_on_valid(version: Zone, world: World, what: str) -> None:
    if ENGINES["native"].validate(version, world.anchors, now(), jobs=1).verdict != "valid":
        raise laboratory_error(f"{what} that does not validate", "a valid version before it is served to anybody")


WAYS: Mapping[str, WayBack] = MappingProxyType(
    {
        "archived-zone": WayBack(
            meaning="the archived version with a higher serial number and one new signature", walk=_archived_zone
        ),
        "old-key": WayBack(meaning="the old key signs again at the signer", walk=_old_key),
        "forced-transfer": WayBack(
            meaning="the archived version as it was, forced upon the secondary", walk=_forced_transfer
        ),
    }
)
