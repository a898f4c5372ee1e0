"""What makes a gate advisory (E10): rules over any pipeline. The strongest gate is worth nothing beside the road.

Jobs are known by what they run, never by their names; only the deploy job is named by its owner. What no rule knows
about a job on the road is told too: it may be a way around.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from attestations.errors import InputError, Location
from gatekeeper.pipelines.model import Job, Mode, Pipeline, Step
from gatekeeper.pipelines.shell import calls, calls_first, foreign_trust, hijacking, hijacks

MAX_ALIKE = 50
"""jobs with the environment of the deploy job, each of which is judged as that one is"""


@dataclass(frozen=True, kw_only=True)
class Bypass:
    """A way around the gate."""

    rule: str
    place: Location
    found: str
    wanted: str


def bypasses(pipeline: Pipeline, deploys: tuple[str, ...]) -> tuple[Bypass, ...]:
    """Return every way around the gate on the road to the jobs that deploy, whose names `deploys` gives."""
    return tuple(dict.fromkeys(_found(pipeline, deploys)))


def _found(pipeline: Pipeline, deploys: tuple[str, ...]) -> Iterator[Bypass]:
    gates = tuple(job for job in pipeline.jobs if any(_calls(step, "issue") for step in job.steps))
    if not gates:
        wanted = "a job that calls the gate:  gate.sh issue"
        yield _bypass("gate-missing", Location(file=pipeline.file), "no job that asks for an approval", wanted)
    yield from _dangling(pipeline)
    yield from _twins(pipeline)
    for name in deploys:
        if not pipeline.named(name):
            found = f"no job named {name!a:.80}"
            yield _bypass("deploy-missing", Location(file=pipeline.file), found, "the job that deploys: --deploy NAME")
        for job in pipeline.named(name):
            yield from _deploy(pipeline, job, gates)
    for job, named in _alike(pipeline, deploys):
        why = f"{job.name} deploys too: its environment is {job.environment!a:.80}, as that of {named.name}"
        for one in _deploy(pipeline, job, gates):
            yield replace(one, found=f"{one.found}; {why}")
    for gate in gates:
        yield from _gate(gate)
        yield from _overruled(pipeline, gate, gates)


def _alike(pipeline: Pipeline, deploys: tuple[str, ...]) -> Iterator[tuple[Job, Job]]:
    """Yield the other jobs that may have the environment of a named one, with that one; raise InputError (LIMIT)."""
    named = tuple(job for name in dict.fromkeys(deploys) for job in pipeline.named(name))
    others = (job for job in pipeline.jobs if job.environment and job.name not in deploys)
    found = [(job, one) for job in others if (one := next((one for one in named if _is_same(job, one)), None))]
    if len(found) > MAX_ALIKE:
        what, wanted = f"{len(found)} more jobs with the environment of the deploy job", f"at most {MAX_ALIKE}"
        raise InputError("LIMIT", found=what, wanted=wanted, fix="give the pipeline that deploys, not all of them")
    yield from found


def _is_same(job: Job, named: Job) -> bool:
    """Whether both may deploy to one environment; in a name that is put together only the beginning is known."""
    one, other = job.environment.casefold(), named.environment.casefold()
    if "$" in one or "$" in other:
        begin, beginning = one.partition("$")[0], other.partition("$")[0]
        return bool(other) and (begin.startswith(beginning) or beginning.startswith(begin))
    return one == other


def _deploy(pipeline: Pipeline, job: Job, gates: tuple[Job, ...]) -> Iterator[Bypass]:
    names = frozenset(gate.name for gate in gates)
    if gates and not names & _certain(pipeline, job):
        found = f"{job.name} does not wait for {' or '.join(sorted(names))}, or only through what can be left out"
        yield _bypass("not-behind-the-gate", job.place, found, "the deploy job waits for the gate itself")
    before = _ancestors(pipeline, job)
    for one in pipeline.jobs[: pipeline.jobs.index(job)]:
        if one.asks and one.name not in before:
            found = f"{job.name} does not wait for {one.name!a:.80}, where a person decides"
            yield _bypass("over-a-block", job.place, found, "the deploy job waits for every block before it")
    behind = _behind(pipeline, names)
    for one in pipeline.jobs:
        if one is job or (one.name in before and one.name in behind):
            yield from _between(one, job)
    yield from _verifies(job)
    yield from _believes(job)
    yield from _overruled(pipeline, job, gates)
    yield from _judged(job)


def _between(one: Job, deploy: Job) -> Iterator[Bypass]:
    """Between the gate and the deploy job, that one included, nothing starts or goes on after a failure."""
    if one.regardless:
        found = f"{one.name} starts although what it waits for failed or was left out: {one.regardless}"
        yield _bypass("starts-regardless", one.place, found, "a job that starts only after all it needs ended well")
    if one.lenient and one is not deploy:
        found = f"others go on when {one.name} fails: {one.lenient}"
        yield _bypass("failure-ignored", one.place, found, "a failure that stops")


def _verifies(job: Job) -> Iterator[Bypass]:
    working = tuple(step for step in job.steps if not step.prepares)
    first = next(iter(working), None)
    if first is None or not (_calls(first, "verify") and (first.mode or calls_first(first))):
        found = f"{job.name} does not begin with a check of the approval"
        yield _bypass("not-verified", job.place, found, "gate.sh verify before anything else is done")
        return
    yield from _whole(first, "verify")
    for step in job.steps:
        if step.regardless and step is not first:
            found = f"a step runs although the check before it failed: {step.regardless}"
            yield _bypass("starts-regardless", step.place, found, "steps that run only when all before went well")


def _believes(job: Job) -> Iterator[Bypass]:
    """A trust root that the pipeline's own checkout may hold says yes to whatever was checked out beside it."""
    parts = ((job.place, job.variables, ""), *((step.place, step.variables, step.script) for step in job.steps))
    for place, variables, script in parts:
        for path in foreign_trust(variables, script):
            found = f"{job.name} believes the trust root {path!a:.120}, which may be a file of the checkout"
            wanted = (
                "the absolute path of a file on the host that no pipeline writes: /etc/signer-gatekeeper/trust.trust"
            )
            yield _bypass("trust-from-pipeline", place, found, wanted)


def _overruled(pipeline: Pipeline, job: Job, gates: tuple[Job, ...]) -> Iterator[Bypass]:
    """Variables that a job hands on take the place of this one's own; the gate's are named GATEKEEPER_ and harmless."""
    for one in (one for name in job.takes for one in pipeline.named(name)):
        out = next((value for name, value in reversed(one.variables) if name == "GATE_OUT"), "gatekeeper-results")
        is_the_gates = any(one is gate for gate in gates) and one.hands_on == f"{out}/outputs.env"
        if one.hands_on and not is_the_gates:
            found = f"variables of {one.name}, from {one.hands_on!a:.80}, take the place of those of {job.name}"
            wanted = "variables from no job but the gate: dependencies: [the gate], or needs with  artifacts: false"
            yield _bypass("overruled", job.place, found, wanted)


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
    yield from _judged(gate)


def _whole(step: Step, mode: Mode) -> Iterator[Bypass]:
    """The step that calls the gate fails whenever the gate does, and is always run."""
    if step.lenient:
        yield _bypass("failure-ignored", step.place, f"the step may fail: {step.lenient}", "a failure that stops")
    if step.condition:
        found = f"the step can be left out: {step.condition}"
        yield _bypass("gate-skippable", step.place, found, "a step without conditions")
    for call in calls(step):
        if call.mode == mode and call.fault:
            yield _bypass("exit-code-lost", step.place, call.fault, f"gate.sh {mode} alone on its line")


def _judged(job: Job) -> Iterator[Bypass]:
    """Everything that a gate or deploy job says is known, and puts no other program in the gate's place."""
    yield from _strange(job)
    for step in job.steps:
        yield from _strange(step)
        if other := hijacks(step.script):
            yield _hijacked(step, other)


def _strange(part: Job | Step) -> Iterator[Bypass]:
    if part.unjudged:
        found = f"{part.unjudged!a:.160}, of which is not known what it does to the gate"
        yield _bypass("not-judged", part.place, found, "only what can be judged, in the jobs of gate and deployment")
    if other := hijacking(part.variables):
        yield _hijacked(part, other)


def _hijacked(part: Job | Step, other: str) -> Bypass:
    found = f"{other!a:.120}: another program may run as the gate"
    return _bypass("hijacked", part.place, found, "programs found where the runner's owner put them")


def _dangling(pipeline: Pipeline) -> Iterator[Bypass]:
    for job in pipeline.jobs:
        for name in job.needs:
            if not pipeline.named(name):
                found = f"{job.name} waits for {name!a:.80}, which is not there"
                yield _bypass("needs-nothing", job.place, found, "the name of a job of this pipeline")


def _twins(pipeline: Pipeline) -> Iterator[Bypass]:
    for job in pipeline.jobs:
        if pipeline.named(job.name)[0] is not job:
            found = f"another job named {job.name!a:.80}; who waits for which is not certain"
            yield _bypass("not-judged", job.place, found, "one name for each job")


def _ancestors(pipeline: Pipeline, job: Job) -> frozenset[str]:
    """Every job that comes before this one."""
    return _reached(job.needs, lambda name: (need for one in pipeline.named(name) for need in one.needs))


def _behind(pipeline: Pipeline, names: frozenset[str]) -> frozenset[str]:
    """Every job that comes after one of the named ones."""
    waiting: dict[str, list[str]] = {}
    for job in pipeline.jobs:
        for need in job.needs:
            waiting.setdefault(need, []).append(job.name)
    return _reached([one for name in names for one in waiting.get(name, ())], lambda name: waiting.get(name, ()))


def _certain(pipeline: Pipeline, job: Job) -> frozenset[str]:
    """The jobs that this one waits for, directly or through jobs that cannot be left out."""
    return _reached(
        job.needs, lambda name: (need for one in pipeline.named(name) if not one.condition for need in one.needs)
    )


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    left = list(start)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += following(name)
    return frozenset(found)


def _calls(step: Step, mode: Mode) -> bool:
    return step.mode == mode or any(call.mode == mode for call in calls(step))


def _bypass(rule: str, place: Location, found: str, wanted: str) -> Bypass:
    return Bypass(rule=rule, place=place, found=found, wanted=wanted)
