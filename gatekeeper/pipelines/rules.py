"""What makes a gate advisory (E10): rules over any pipeline. The strongest gate is worth nothing beside the road.

Jobs are known by what they run, never by their names; only the deploy job is named by its owner.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from attestations.errors import Location
from gatekeeper.pipelines.model import Job, Mode, Pipeline, Step
from gatekeeper.pipelines.shell import calls, calls_first


@dataclass(frozen=True, kw_only=True)
class Bypass:
    """A way around the gate."""

    rule: str
    place: Location
    found: str
    wanted: str


def bypasses(pipeline: Pipeline, deploys: tuple[str, ...]) -> tuple[Bypass, ...]:
    """Return every way around the gate that the rules find; `deploys` are the names of the jobs that deploy."""
    return tuple(_found(pipeline, deploys))


def _found(pipeline: Pipeline, deploys: tuple[str, ...]) -> Iterator[Bypass]:
    gates = tuple(job for job in pipeline.jobs if any(_calls(step, "issue") for step in job.steps))
    if not gates:
        wanted = "a job that calls the gate:  gate.sh issue"
        yield _bypass("gate-missing", Location(file=pipeline.file), "no job that asks for an approval", wanted)
    yield from _dangling(pipeline)
    for name in deploys:
        job = pipeline.job(name)
        if job is None:
            found = f"no job named {name!a}"
            yield _bypass("deploy-missing", Location(file=pipeline.file), found, "the job that deploys: --deploy NAME")
        else:
            yield from _deploy(pipeline, job, gates)
    for gate in gates:
        yield from _gate(gate)
    yield from _everywhere(pipeline)


def _deploy(pipeline: Pipeline, job: Job, gates: tuple[Job, ...]) -> Iterator[Bypass]:
    before = _ancestors(pipeline, job)
    if gates and not any(gate.name in before for gate in gates):
        found = f"{job.name} does not wait for {' or '.join(gate.name for gate in gates)}"
        yield _bypass("not-behind-the-gate", job.place, found, "the deploy job waits for the gate")
    for name in (job.name, *sorted(before)):
        one = pipeline.job(name)
        if one is not None and one.regardless:
            found = f"{name} starts although what it waits for failed or was left out: {one.regardless}"
            yield _bypass("starts-regardless", one.place, found, "a job that starts only after all it needs ended well")
        if one is not None and one.lenient and name != job.name:
            found = f"others go on when {name} fails: {one.lenient}"
            yield _bypass("failure-ignored", one.place, found, "a failure of the gate, and before it, that stops")
    yield from _verifies(job)


def _verifies(job: Job) -> Iterator[Bypass]:
    working = tuple(step for step in job.steps if not step.prepares)
    first = next(iter(working), None)
    if first is None or not (_calls(first, "verify") and (first.mode or calls_first(first.script))):
        found = f"{job.name} does not begin with a check of the approval"
        yield _bypass("not-verified", job.place, found, "gate.sh verify before anything else is done")
        return
    yield from _whole(first, "verify")


def _gate(gate: Job) -> Iterator[Bypass]:
    if gate.condition:
        found = f"{gate.name} can be left out: {gate.condition}"
        yield _bypass(
            "gate-skippable", gate.place, found, "a gate without conditions: a job left out counts as success"
        )
    if gate.lenient:
        yield _bypass("failure-ignored", gate.place, f"{gate.name} may fail: {gate.lenient}", "a failure that stops")
    for step in gate.steps:
        if _calls(step, "issue"):
            yield from _whole(step, "issue")


def _whole(step: Step, mode: Mode) -> Iterator[Bypass]:
    """The step that calls the gate fails whenever the gate does, and is always run."""
    if step.lenient:
        yield _bypass("failure-ignored", step.place, f"the step may fail: {step.lenient}", "a failure that stops")
    if step.condition:
        found = f"the step can be left out: {step.condition}"
        yield _bypass("gate-skippable", step.place, found, "a step without conditions")
    for call in calls(step.script):
        if call.mode == mode and call.fault:
            yield _bypass("exit-code-lost", step.place, call.fault, f"gate.sh {mode} alone on its line")


def _everywhere(pipeline: Pipeline) -> Iterator[Bypass]:
    for pull in pipeline.pulls:
        if not pull.is_pinned:
            found = f"{pull.reference!a:.160}, which may be something else tomorrow"
            yield _bypass("not-pinned", pull.place, found, "a commit (40 digits) or an image digest (sha256)")
    for danger in pipeline.dangers:
        yield _bypass("danger", danger.place, danger.found, danger.wanted)
    for job in pipeline.jobs:
        for step in job.steps:
            for pattern in pipeline.splices:
                if spliced := re.search(pattern, step.script):
                    found = f"{spliced[0]!a:.120} inside a script"
                    yield _bypass("spliced", step.place, found, "values in variables of the environment, quoted there")


def _dangling(pipeline: Pipeline) -> Iterator[Bypass]:
    for job in pipeline.jobs:
        for name in job.needs:
            if pipeline.job(name) is None:
                found = f"{job.name} waits for {name!a}, which is not there"
                yield _bypass("needs-nothing", job.place, found, "the name of a job of this pipeline")


def _ancestors(pipeline: Pipeline, job: Job) -> frozenset[str]:
    found: set[str] = set()
    left = list(job.needs)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += one.needs if (one := pipeline.job(name)) else ()
    return frozenset(found)


def _calls(step: Step, mode: Mode) -> bool:
    return step.mode == mode or any(call.mode == mode for call in calls(step.script))


def _bypass(rule: str, place: Location, found: str, wanted: str) -> Bypass:
    return Bypass(rule=rule, place=place, found=found, wanted=wanted)
