"""Sets up a laboratory in a folder: HSMs, keys, a signed practice zone, an inventory, and exercised rollovers."""

import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from attestations.digest import canonical_json
from attestations.dnskey import ECDSAP256SHA256
from attestations.errors import InputError
from attestations.hsm.documents import Unit
from attestations.laboratory import hsm_switch, rollover_agent
from attestations.laboratory.agent import PracticeAgent, RolloverAgent
from attestations.laboratory.documents import dnskey_lines, environment
from attestations.laboratory.places import (
    AGENT_FILE,
    AWAY_FILE,
    BACK_FILE,
    DNSKEY_FILE,
    DS_FILE,
    ENVIRONMENT_FILE,
    EXERCISES_FILE,
    SOFTHSM_FOLDER,
    SOFTWARE_FOLDER,
    ZONE_FILE,
)
from attestations.laboratory.rollover_agent import DEFECT
from attestations.laboratory.signer import published_key, sign_in_turn
from attestations.laboratory.softhsm import softhsm_units
from attestations.laboratory.software_hsm import software_hsm
from attestations.laboratory.units import LaboratoryHsm, Rack, RackSwitch
from attestations.laboratory.wanted_tag import key_with_tag
from attestations.predicates.hsm_key_coverage import Exercise
from attestations.records import ZoneName, plain
from attestations.rollover.course import Bench
from attestations.rollover.evidence import exercise
from attestations.rollover.keys import FLAGS, KeyName
from attestations.rollover.scenarios import possible, run_scenarios
from attestations.rollover.signing import SignedZone, ZoneKey
from attestations.times import Instant

KSK = KeyName(key_id="b2", label="practice-ksk")
ZSK = KeyName(key_id="a1", label="practice-zsk")


_NO_TELLING = """\
# The practice signer needs no telling: it takes its keys from the HSMs.
case "$1" in publish | activate | retire) exit 0 ;; esac
"""


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
    exercises = _exercises(plan, rack, agent)
    _roll_keys(plan, rack, agent)
    keys = (
        ZoneKey(name=KSK, published=published_key(KSK, FLAGS["ksk"], rack)),
        ZoneKey(name=ZSK, published=published_key(ZSK, FLAGS["zsk"], rack)),
    )
    signed = sign_in_turn(plan.zone, keys, rack, Instant.of(datetime.now(UTC)))
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


def _exercises(plan: Plan, rack: Rack, agent: RolloverAgent) -> tuple[Exercise, ...]:
    bench = Bench(
        zone=plan.zone,
        units=tuple(Unit(serial=hsm.serial, site=site) for hsm, site in zip(rack.hsms, rack.sites, strict=True)),
        tokens=rack,
        agent=PracticeAgent(hsms=rack.hsms, maker=agent),
        algorithm=ECDSAP256SHA256,
        switch=RackSwitch(rack=rack),
    )
    return tuple(exercise(run) for run in run_scenarios(bench, possible(bench)))


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
    folder, zone, signed = laboratory.plan.folder, laboratory.plan.zone, laboratory.signed.whole
    (folder / ZONE_FILE).write_bytes(signed.text)
    (folder / DS_FILE).write_bytes(signed.ds)
    (folder / DNSKEY_FILE).write_text(dnskey_lines(zone, laboratory.keys), encoding="ascii")
    (folder / EXERCISES_FILE).write_bytes(canonical_json(plain(laboratory.exercises)))
    inventory = environment(zone, laboratory.rack, signed.ds)
    (folder / ENVIRONMENT_FILE).write_text(inventory, encoding="utf-8")
    defect = ("--defect", DEFECT) if laboratory.plan.one_key_pair_per_hsm else ()
    _write_script(folder / AGENT_FILE, rollover_agent.__name__, *defect, before=_NO_TELLING)
    for file, way in ((AWAY_FILE, "away"), (BACK_FILE, "back")):
        _write_script(folder / file, hsm_switch.__name__, way, str(folder.absolute()))


def _write_script(file: Path, module: str, *arguments: str, before: str = "") -> None:
    call = shlex.join([sys.executable, "-m", module, *arguments])
    file.write_text(f'#!/bin/sh\n{before}exec {call} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
