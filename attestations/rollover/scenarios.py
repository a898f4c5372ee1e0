"""The rollovers that are exercised: pre-publication for a ZSK, double signature for a KSK (RFC 6781, 4.1.1.1, 4.1.2).

Each rolls keys of its own, from generation to removal; one that is completed leaves nothing behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from attestations.hsm.documents import Unit
from attestations.hsm.published import PublishedKey
from attestations.rollover.course import Abandoned, Bench, Course, Step, now
from attestations.rollover.judging import Fault
from attestations.rollover.keys import Role, RolloverKey
from attestations.rollover.observation import connected

Scenario = Literal["zsk-rollover", "ksk-rollover", "hsm-loss-during-rollover"]
LOSS: Scenario = "hsm-loss-during-rollover"
MIN_FOR_LOSS = 2
"""HSMs: one is lost, another carries on"""

_PARTNER: Mapping[Role, Role] = MappingProxyType({"zsk": "ksk", "ksk": "zsk"})


@dataclass(frozen=True, kw_only=True)
class Run:
    """An exercise that has ended."""

    scenario: Scenario
    steps: tuple[Step, ...]
    units: tuple[Unit, ...]
    """the HSMs of the environment"""
    keys: Mapping[RolloverKey, PublishedKey]
    """those of which a public key was seen"""
    lost: str | None = None
    """the HSM that was taken away"""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that was not as it should be."""
        return tuple(fault for step in self.steps for fault in step.faults)


def possible(bench: Bench) -> tuple[Scenario, ...]:
    """Return the scenarios that can be run there."""
    can_lose = bench.switch is not None and len(bench.units) >= MIN_FOR_LOSS
    return ("zsk-rollover", "ksk-rollover", *((LOSS,) if can_lose else ()))


def run_scenarios(bench: Bench, scenarios: Sequence[Scenario]) -> tuple[Run, ...]:
    """Return what happened in each scenario. None begins before every HSM has answered once."""
    if silent := connected(bench.units, bench.tokens):
        faults = tuple(
            Fault(text=f"could not be asked: {why}", serial=serial, unasked=True) for serial, why in silent.items()
        )
        step = Step(what="reach every HSM", at=now(), faults=faults)
        return tuple(Run(scenario=one, steps=(step,), units=bench.units, keys={}) for one in scenarios)
    return tuple(_run(bench, scenario) for scenario in scenarios)


def _run(bench: Bench, scenario: Scenario) -> Run:
    course = Course(bench)
    lost = bench.units[-1].serial if scenario == LOSS else None
    try:
        _ROLLOVERS[scenario](course)
        course.clear_up()
    except Abandoned:
        course.leave()
    return Run(scenario=scenario, steps=tuple(course.steps), units=bench.units, keys=course.known, lost=lost)


def _roll(course: Course, role: Role) -> None:
    retiring = _begin(course, role)
    successor = course.new_key("successor", role)
    course.order("generate", successor)
    _finish(course, retiring, successor)


def _roll_with_loss(course: Course) -> None:
    """A successor made while an HSM is away must not be used before that HSM has it, too."""
    if course.bench.switch is None:
        raise ValueError("an HSM can be lost only where there is a switch")
    retiring = _begin(course, "zsk")
    successor = course.new_key("successor", "zsk")
    with course.without(course.bench.units[-1].serial, course.bench.switch, held=retiring):
        course.order("generate", successor)
    course.order("generate", successor)
    _finish(course, retiring, successor)


def _begin(course: Course, role: Role) -> RolloverKey:
    partner, retiring = course.new_key("partner", _PARTNER[role]), course.new_key("retiring", role)
    for key in (partner, retiring):
        course.order("generate", key)
        course.order("publish", key)
        course.order("activate", key)
    return retiring


def _finish(course: Course, retiring: RolloverKey, successor: RolloverKey) -> None:
    course.order("publish", successor)
    course.order("activate", successor)
    course.order("retire", retiring)
    course.order("remove", retiring)


_ROLLOVERS: Mapping[Scenario, Callable[[Course], None]] = MappingProxyType(
    {
        "zsk-rollover": lambda course: _roll(course, "zsk"),
        "ksk-rollover": lambda course: _roll(course, "ksk"),
        LOSS: _roll_with_loss,
    }
)
