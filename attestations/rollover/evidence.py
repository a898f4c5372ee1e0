"""An exercise as the statement hsm-key-coverage carries it: what was seen, for the gate to draw its conclusion from."""

from collections.abc import Mapping

from msgspec.structs import replace

from attestations.hsm.probe import observed_key
from attestations.predicates.hsm_key_coverage import Event, Exercise
from attestations.rollover.course import Step
from attestations.rollover.keys import RolloverKey
from attestations.rollover.observation import Sight
from attestations.rollover.scenarios import Run

_LONGEST = 250


def exercise(run: Run) -> Exercise:
    """Return what was seen in one scenario."""
    index = {key: number for number, key in enumerate(run.keys)}
    asked = {sight.unit.serial for step in run.steps for sight in step.sights if not sight.silent}
    silent = {sight.unit.serial for step in run.steps for sight in step.sights if sight.silent}
    return Exercise(
        scenario=run.scenario,
        completed=not run.faults,
        serials=tuple(unit.serial for unit in run.units if unit.serial in asked),
        serials_down=(run.lost,) if run.lost in silent else (),
        events=tuple(_event(step, index) for step in run.steps),
        keys=tuple(observed_key(key) for key in run.keys.values()),
    )


def _event(step: Step, index: Mapping[RolloverKey, int]) -> Event:
    number = index.get(step.key) if step.key else None
    answered = [sight for sight in step.sights if sight.possession is not None]
    return Event(
        step=step.what,
        at=step.at,
        observed=_observed(step)[:_LONGEST],
        action=step.action,
        key=number,
        claimed=step.claim.done if step.claim else None,
        possession=tuple(
            replace(sight.possession, key=number or 0) for sight in answered if sight.possession is not None
        ),
        published=tuple(index[key] for key in step.published),
        signing=tuple(sight.signing for sight in answered if sight.signing is not None),
    )


def _observed(step: Step) -> str:
    return "; ".join(map(str, step.faults)) or _as_wanted(step.sights)


def _as_wanted(sights: tuple[Sight, ...]) -> str:
    answered = [sight for sight in sights if sight.row is not None]
    holding = sum(sight.row is not None and sight.row.private_keys == 1 for sight in answered)
    runs = [sight.signing for sight in answered if sight.signing is not None]
    signed = f"; {sum(run.verified for run in runs)} of {sum(run.signatures for run in runs)} signatures verify"
    return f"{holding} of {len(sights)} HSMs hold the key{signed if runs else ''}"
