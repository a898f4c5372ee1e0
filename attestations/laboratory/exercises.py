"""Rollovers that are really performed on the laboratory's HSMs, and what was seen at each step (R06).

Each exercise rolls keys of its own, from generation to destruction; one that is completed leaves nothing behind.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from attestations.hsm.documents import Unit
from attestations.hsm.probe import Question, probe
from attestations.hsm.selection import Selected
from attestations.hsm.token import TokenError
from attestations.hsm.verdict import Answer, rows
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.signer import ZoneKey, published_key, sign_zone
from attestations.laboratory.units import KeyName, LaboratoryHsm, Rack
from attestations.predicates.hsm_key_coverage import Event, Exercise, Scenario
from attestations.times import Instant
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS

RETIRING = KeyName(key_id="e1", label="exercise-retiring")
SUCCESSOR = KeyName(key_id="e2", label="exercise-successor")
PARTNER = KeyName(key_id="e3", label="exercise-partner")
"""the key of the other role, which stays"""

Role = Literal["zsk", "ksk"]
_FLAGS: dict[Role, int] = {"zsk": ZSK_FLAGS, "ksk": KSK_FLAGS}
_PARTNER: dict[Role, Role] = {"zsk": "ksk", "ksk": "zsk"}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where an exercise takes place."""

    zone: str
    rack: Rack
    agent: RolloverAgent


class Log:
    """The steps of one exercise as they happen."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.all_well = True

    def note(self, step: str, observed: str, *, well: bool = True) -> None:
        """Record a step that has just happened, and whether it showed what it should."""
        self.events.append(Event(step=step, at=_now(), observed=observed[:250]))
        self.all_well = self.all_well and well


def run_exercises(bench: Bench) -> tuple[Exercise, ...]:
    """Return the exercises that this laboratory can do: a loss needs at least two HSMs."""
    lost = bench.rack.hsms[-1]
    exercises = (
        _exercise(bench, "zsk-rollover", (), lambda log: _roll(bench, log, "zsk")),
        _exercise(bench, "ksk-rollover", (), lambda log: _roll(bench, log, "ksk")),
    )
    if len(bench.rack.hsms) == 1:
        return exercises
    return (
        *exercises,
        _exercise(bench, "hsm-loss-during-rollover", (lost.serial,), lambda log: _roll_with_loss(bench, log, lost)),
    )


def _exercise(bench: Bench, scenario: Scenario, down: tuple[str, ...], run: Callable[[Log], None]) -> Exercise:
    log = Log()
    try:
        _clear(bench)  # of keys that an abandoned exercise left
        run(log)
        _clear(bench)
    except TokenError as error:
        log.note("abandon", str(error), well=False)
    serials = tuple(hsm.serial for hsm in bench.rack.hsms)
    return Exercise(
        scenario=scenario, completed=log.all_well, serials=serials, serials_down=down, events=tuple(log.events)
    )


def _roll(bench: Bench, log: Log, role: Role) -> None:
    _begin(bench, log, role)
    _make(bench, log, SUCCESSOR, role, bench.rack.hsms)
    _finish(bench, log, role)


def _roll_with_loss(bench: Bench, log: Log, lost: LaboratoryHsm) -> None:
    """A successor made while an HSM is away must not be used before that HSM has it, too."""
    _begin(bench, log, "zsk")
    lost.disconnect()
    log.note("lose an HSM", f"{lost.serial} is disconnected")
    try:
        _make(bench, log, SUCCESSOR, "zsk", bench.rack.hsms[:-1])
        proved = _count_proofs(bench, SUCCESSOR, "zsk")
        everywhere = proved == len(bench.rack.hsms)
        log.note(
            "hold the rollover", f"{_of_all(bench, proved)} hold the successor: not activated", well=not everywhere
        )
    finally:
        lost.reconnect()
    log.note("bring the HSM back", f"{lost.serial} is connected")
    bench.agent.bring_key(SUCCESSOR, bench.rack.hsms[0], lost)
    _finish(bench, log, "zsk")


def _begin(bench: Bench, log: Log, role: Role) -> None:
    _make(bench, log, PARTNER, _PARTNER[role], bench.rack.hsms)
    _make(bench, log, RETIRING, role, bench.rack.hsms)
    _prove(bench, log, RETIRING, role)


def _finish(bench: Bench, log: Log, role: Role) -> None:
    """Pre-publication for a ZSK, double signature for a KSK (RFC 6781, 4.1.1.1 and 4.1.2)."""
    _prove(bench, log, SUCCESSOR, role)
    partner, successor = _key(bench, PARTNER, _PARTNER[role]), _key(bench, SUCCESSOR, role)
    retiring = _key(bench, RETIRING, role)
    if role == "zsk":
        _sign(bench, log, "pre-publish the successor", (partner, retiring, _silent(successor)))
        _sign(bench, log, "sign with the successor", (partner, _silent(retiring), successor))
    else:
        _sign(bench, log, "sign with both", (partner, retiring, successor))
    _sign(bench, log, "withdraw the retiring key", (partner, successor))
    _destroy(bench, RETIRING)
    left = sum(hsm.token.holds(RETIRING.selector).private_keys for hsm in bench.rack.hsms)
    log.note("destroy the retiring key", f"{_of_all(bench, left)} still hold it", well=left == 0)


def _make(bench: Bench, log: Log, name: KeyName, role: Role, hsms: tuple[LaboratoryHsm, ...]) -> None:
    bench.agent.make_key(name, hsms)
    key = published_key(name, _FLAGS[role], bench.rack)
    serials = ", ".join(hsm.serial for hsm in hsms)
    log.note(f"make {name.label}", f"{role} {key.fingerprint[:16]} with tag {key.tag} for {serials}")


def _prove(bench: Bench, log: Log, name: KeyName, role: Role) -> None:
    proved = _count_proofs(bench, name, role)
    log.note(f"prove {name.label}", f"{_of_all(bench, proved)} hold it", well=proved == len(bench.rack.hsms))


def _count_proofs(bench: Bench, name: KeyName, role: Role) -> int:
    selected = Selected(key=published_key(name, _FLAGS[role], bench.rack), selector=name.selector)
    question = Question(zone=bench.zone, nonce=None, selected=(selected,), random=os.urandom)
    units = [Unit(serial=hsm.serial, site=site) for hsm, site in zip(bench.rack.hsms, bench.rack.sites, strict=True)]
    return sum(row.answer is Answer.SAME_KEY for row in rows(probe(units, bench.rack, question)))


def _sign(bench: Bench, log: Log, step: str, keys: tuple[ZoneKey, ...]) -> None:
    """Sign the zone once from each HSM on, so that each signs the DNSKEY RRset, too."""
    signed = [sign_zone(bench.zone, keys, bench.rack, _now(), first_hsm=hsm) for hsm in range(len(bench.rack.hsms))]
    good, count = sum(one.good for one in signed), sum(one.signatures for one in signed)
    log.note(step, f"{good} of {count} signatures verify with the published keys", well=good == count)


def _key(bench: Bench, name: KeyName, role: Role) -> ZoneKey:
    return ZoneKey(name=name, published=published_key(name, _FLAGS[role], bench.rack))


def _silent(key: ZoneKey) -> ZoneKey:
    return ZoneKey(name=key.name, published=key.published, signs=False)


def _clear(bench: Bench) -> None:
    for name in (RETIRING, SUCCESSOR, PARTNER):
        _destroy(bench, name)


def _destroy(bench: Bench, name: KeyName) -> None:
    for hsm in bench.rack.hsms:
        hsm.destroy(name)


def _of_all(bench: Bench, count: int) -> str:
    return f"{count} of {len(bench.rack.hsms)} HSMs"


def _now() -> Instant:
    return Instant.of(datetime.now(UTC))
