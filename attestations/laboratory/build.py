"""Sets up a laboratory in a folder: HSMs, keys, a signed practice zone, an inventory, and exercised rollovers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from attestations.digest import canonical_json
from attestations.errors import InputError
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.documents import dnskey_lines, environment
from attestations.laboratory.exercises import Bench, run_exercises
from attestations.laboratory.signer import SignedZone, ZoneKey, published_key, sign_zone
from attestations.laboratory.softhsm import softhsm_units
from attestations.laboratory.software_hsm import software_hsm
from attestations.laboratory.units import KeyName, LaboratoryHsm, Rack
from attestations.laboratory.wanted_tag import key_with_tag
from attestations.predicates.hsm_key_coverage import Exercise
from attestations.records import ZoneName, plain
from attestations.times import Instant
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS

KSK = KeyName(key_id="b2", label="practice-ksk")
ZSK = KeyName(key_id="a1", label="practice-zsk")

SOFTWARE_FOLDER, SOFTHSM_FOLDER = "tokens", "softhsm"
ZONE_FILE, DNSKEY_FILE, DS_FILE = "zone.signed", "dnskey.zone", "ds.zone"
ENVIRONMENT_FILE, EXERCISES_FILE = "environment.yaml", "exercises.json"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What laboratory is wanted."""

    folder: Path
    zone: ZoneName
    tokens: Literal["software", "softhsm"]
    hsms: tuple[tuple[str, str], ...]
    """name and site of each; the name is the serial number of a stand-in, and the label of a SoftHSM token"""
    one_key_pair_per_hsm: bool
    key_tag: int | None


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """What was set up."""

    plan: Plan
    rack: Rack
    keys: tuple[ZoneKey, ...]
    signed: SignedZone
    exercises: tuple[Exercise, ...]


def set_up(plan: Plan) -> Laboratory:
    """Return a laboratory in `plan.folder`. HSMs and KSK that are there already stay; the agent rolls the ZSK.

    Raises InputError (LABORATORY) where the folder holds something else or SoftHSM is missing.
    """
    _check_folder(plan)
    rack = Rack(hsms=_hsms(plan), sites=tuple(site for _, site in plan.hsms))
    agent = RolloverAgent(one_key_pair_per_hsm=plan.one_key_pair_per_hsm)
    exercises = run_exercises(Bench(zone=plan.zone, rack=rack, agent=agent))
    _roll_keys(plan, rack, agent)
    keys = tuple(
        ZoneKey(name=name, published=published_key(name, flags, rack))
        for name, flags in ((KSK, KSK_FLAGS), (ZSK, ZSK_FLAGS))
    )
    signed = sign_zone(plan.zone, keys, rack, Instant.of(datetime.now(UTC)))
    laboratory = Laboratory(plan=plan, rack=rack, keys=keys, signed=signed, exercises=exercises)
    _write(laboratory)
    return laboratory


def _check_folder(plan: Plan) -> None:
    wanted = {"software": SOFTWARE_FOLDER, "softhsm": SOFTHSM_FOLDER}[plan.tokens]
    if plan.folder.exists() and any(plan.folder.iterdir()) and not (plan.folder / wanted).is_dir():
        raise InputError(
            "LABORATORY",
            found=f"{plan.folder}, which holds something else",
            wanted="a new or empty folder, or a laboratory with HSMs of the same kind",
            fix="name another folder",
        )


def _hsms(plan: Plan) -> tuple[LaboratoryHsm, ...]:
    names = [name for name, _ in plan.hsms]
    if plan.tokens == "softhsm":
        return softhsm_units(plan.folder.absolute() / SOFTHSM_FOLDER, names)
    folder = plan.folder / SOFTWARE_FOLDER
    return tuple(software_hsm(folder / name, name, slot) for slot, name in enumerate(names))


def _roll_keys(plan: Plan, rack: Rack, agent: RolloverAgent) -> None:
    """The KSK was there before the defect (INC-01: the DNSKEY RRset stayed secure); only the ZSK is the agent's."""
    if any(hsm.token.holds(KSK.selector).private_keys == 0 for hsm in rack.hsms):
        for hsm in rack.hsms:
            hsm.destroy(KSK)
        RolloverAgent().make_key(KSK, rack.hsms)
    for hsm in rack.hsms:
        hsm.destroy(ZSK)
    agent.make_key(ZSK, rack.hsms, None if plan.key_tag is None else key_with_tag(plan.key_tag))


def _write(laboratory: Laboratory) -> None:
    folder, zone = laboratory.plan.folder, laboratory.plan.zone
    (folder / ZONE_FILE).write_bytes(laboratory.signed.zone.text)
    (folder / DS_FILE).write_bytes(laboratory.signed.zone.ds)
    (folder / DNSKEY_FILE).write_text(dnskey_lines(zone, laboratory.keys), encoding="ascii")
    (folder / EXERCISES_FILE).write_bytes(canonical_json(plain(laboratory.exercises)))
    inventory = environment(zone, laboratory.rack, laboratory.signed.zone.ds)
    (folder / ENVIRONMENT_FILE).write_text(inventory, encoding="utf-8")
