"""Azure Pipelines: stages of jobs of steps, where a stage waits for the one before it.

A condition of one's own takes the place of the built-in one, that all before has ended well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.azure_templates import Part, template
from gatekeeper.pipelines.model import Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import (
    COMMIT,
    IMAGE,
    Files,
    document,
    environment,
    listed,
    mapping,
    refuse_too_many,
    strange,
    told,
    variables,
    words,
)

_PREPARES = ("checkout", "download")
_SCRIPTS = ("script", "bash", "pwsh", "powershell")
_HOOKS = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic")
"""in the order in which they run, whatever their order in the file"""
_SUCCEEDED = re.compile(r"succeeded\(\s*\)|and\(\s*succeeded\(\s*\)\s*,.*\)", re.DOTALL)
_JOB = frozenset(
    {"job", "deployment", "displayName", "dependsOn", "condition", "strategy", "continueOnError", "container", "pool"}
    | {"services", "timeoutInMinutes", "cancelTimeoutInMinutes", "variables", "steps", "environment", "workspace"}
    | {"enabled"}
)
_STEP = frozenset(
    {"script", "bash", "task", "checkout", "download", "publish", "inputs", "artifact", "displayName", "name", "env"}
    | {"condition", "continueOnError", "enabled", "timeoutInMinutes", "retryCountOnTaskFailure", "workingDirectory"}
    | {"failOnStderr", "clean", "fetchDepth", "fetchTags", "lfs", "persistCredentials", "submodules", "path"}
    | {"patterns", "pwsh", "powershell"}
)
_CONTAINER = frozenset({"image", "endpoint", "env", "ports", "type"})
_KNOWN_MACROS = (
    r"Agent\.|Pipeline\.Workspace|System\.DefaultWorkingDirectory|"
    r"Build\.(?:BuildId|ArtifactStagingDirectory|StagingDirectory|BinariesDirectory|SourcesDirectory|SourceVersion)\)"
)
SPLICES = (r"\$\{\{[^}]*\}\}", rf"\$\((?!{_KNOWN_MACROS})[A-Za-z]\w*\.[\w.]+\)")


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """A stage, or the pipeline itself where it has none."""

    name: str
    value: dict[str, Any]
    waits_for: tuple[str, ...]
    source: Part
    path: Path


def read(files: Files) -> Pipeline:
    """Return the pipeline with the job and step templates that were given; raise InputError."""
    own = document(files.text, files.name)
    stages = tuple(_stages(Part(value=own.value, source=own)))
    jobs_in = {stage.name: tuple(_jobs_of(files, stage)) for stage in stages}
    refuse_too_many([job for jobs in jobs_in.values() for job in jobs], files.name)
    above = variables(mapping(own.value).get("variables"))
    jobs = tuple(
        replace(job, variables=(*above, *job.variables)) for stage in stages for job in _joined(stage, stages, jobs_in)
    )
    pulls = (*_pulls(own), *(pull for stage in stages for pull in _containers(files, stage)))
    return Pipeline(file=files.name, jobs=jobs, pulls=pulls, dangers=tuple(_dangers(own, files)), splices=SPLICES)


def _stages(own: Part) -> Iterator[_Stage]:
    value = mapping(own.value)
    if "stages" not in value:
        yield _Stage(name="", value=value, waits_for=(), source=own, path=())
        return
    before: tuple[str, ...] = ()
    for index, stage in enumerate(listed(value["stages"])):
        one = mapping(stage)
        name = words(one.get("stage")) or str(index)
        waits_for = tuple(map(words, listed(one["dependsOn"]))) if "dependsOn" in one else before
        yield _Stage(name=name, value=one, waits_for=waits_for, source=own, path=("stages", index))
        before = (name,)


def _written(files: Files, stage: _Stage) -> Iterator[tuple[Part, dict[str, Any], Path]]:
    """Yield the jobs of a stage as they are written, those of templates included."""
    jobs = listed(stage.value.get("jobs"))
    if not jobs and "steps" in stage.value:
        name = stage.name or "job"
        steps: dict[str, Any] = {key: stage.value[key] for key in ("steps", "container") if key in stage.value}
        yield stage.source, {**steps, "job": name}, stage.path
    for index, job in enumerate(map(mapping, jobs)):
        inner = template(files, job) if "template" in job else None
        if inner is None:
            yield stage.source, job, (*stage.path, "jobs", index)
        else:
            for at, one in enumerate(listed(mapping(inner.value).get("jobs"))):
                yield inner, mapping(one), ("jobs", at)


def _jobs_of(files: Files, stage: _Stage) -> Iterator[Job]:
    for source, job, path in _written(files, stage):
        yield _job(files, source, job, path)


def _joined(stage: _Stage, stages: tuple[_Stage, ...], jobs_in: dict[str, tuple[Job, ...]]) -> Iterator[Job]:
    """Yield the jobs of a stage, each waiting for all jobs of the stages that its stage waits for."""
    waited = tuple(job.name for name in stage.waits_for for job in jobs_in.get(name, ()))
    unknown = tuple(f"stage {name}" for name in stage.waits_for if name not in {one.name for one in stages})
    for job in jobs_in[stage.name]:
        yield replace(
            job,
            needs=(*job.needs, *waited, *unknown),
            regardless=job.regardless or _regardless(stage.value),
            condition=job.condition or told("condition", stage.value.get("condition")),
            variables=(*variables(stage.value.get("variables")), *job.variables),
        )


def _job(files: Files, source: Part, job: dict[str, Any], path: Path) -> Job:
    container = mapping(job.get("container"))
    return Job(
        name=words(job.get("job") or job.get("deployment")) or f"the job without a name at {source.where(path)}",
        place=source.where(path),
        needs=tuple(map(words, listed(job.get("dependsOn")))),
        steps=tuple(_steps(files, source, job, path)),
        lenient=told("continueOnError", job.get("continueOnError")),
        regardless=_regardless(job),
        condition=_condition(job),
        environment=environment(job).partition(".")[0],  # what follows the dot is a machine in it
        variables=(*variables(job.get("variables")), *variables(container.get("env"))),
        unjudged=strange(job, _JOB) or strange(container, _CONTAINER),
    )


def _steps(files: Files, source: Part, job: dict[str, Any], path: Path) -> Iterator[Step]:
    for step in [*listed(job.get("steps")), *_deployed(job)]:
        inner = template(files, mapping(step)) if "template" in mapping(step) else None
        if inner is None:
            yield _step(step, source, path)
        else:
            for at, one in enumerate(listed(mapping(inner.value).get("steps"))):
                yield _step(one, inner, ("steps", at))


def _deployed(job: dict[str, Any]) -> Iterator[Any]:
    """Yield the steps of the hooks of a deployment; a hook that runs on a failure is a step that nothing knows."""
    for strategy in mapping(job.get("strategy")).values():
        hooks = mapping(strategy)
        for name in _HOOKS:
            yield from listed(mapping(hooks.get(name)).get("steps"))
        if "on" in hooks:
            yield {"on": hooks["on"]}


def _step(written: Any, source: Part, path: Path) -> Step:
    step = mapping(written)
    script = next((words(step[key]) for key in _SCRIPTS if key in step), "")
    return Step(
        place=source.where(path),
        script=script or words(mapping(step.get("inputs")).get("script")),
        prepares=any(key in step for key in _PREPARES),
        lenient=told("continueOnError", step.get("continueOnError")),
        condition=_condition(step),
        regardless="" if "publish" in step else _regardless(step),
        stops=False,
        variables=variables(step.get("env")),
        unjudged=strange(step, _STEP) if isinstance(written, dict) else f"{written}",
    )


def _condition(part: dict[str, Any]) -> str:
    return told("condition", part.get("condition")) or told("enabled", part.get("enabled"), harmless=(None, True))


def _regardless(part: dict[str, Any]) -> str:
    """A condition that does not ask for succeeded() runs after a failure too."""
    condition = words(part.get("condition")).strip()
    return f"condition: {condition}" if condition and not _SUCCEEDED.fullmatch(condition) else ""


def _containers(files: Files, stage: _Stage) -> Iterator[Pull]:
    for source, job, path in _written(files, stage):
        container = job.get("container")
        image = words(container.get("image")) if isinstance(container, dict) else words(container)
        if ":" in image or "/" in image:  # otherwise the name of one of the resources
            yield Pull(place=source.where(path), reference=image, is_pinned=IMAGE.fullmatch(image) is not None)


def _pulls(own: Document) -> Iterator[Pull]:
    resources = mapping(mapping(own.value).get("resources"))
    for index, repository in enumerate(map(mapping, listed(resources.get("repositories")))):
        place = own.where(("resources", "repositories", index))
        is_pinned = COMMIT.fullmatch(words(repository.get("ref"))) is not None
        yield Pull(place=place, reference=words(repository.get("name")), is_pinned=is_pinned)
    for index, container in enumerate(map(mapping, listed(resources.get("containers")))):
        image = words(container.get("image"))
        place = own.where(("resources", "containers", index))
        yield Pull(place=place, reference=image, is_pinned=IMAGE.fullmatch(image) is not None)


def _dangers(own: Document, files: Files) -> Iterator[Danger]:
    if "extends" in mapping(own.value):
        found = "extends: the pipeline is another file, which was not looked at"
        yield Danger(place=own.where(("extends",)), found=found, wanted="the pipeline itself")
    for path, said in _unread(own.value, (), files):
        wanted = "a pipeline written out; name the templates after it"
        yield Danger(
            rule="not-judged", place=own.where(path), found=f"{said!a:.120}, which was not looked at", wanted=wanted
        )


def _unread(value: Any, path: Path, files: Files) -> Iterator[tuple[Path, str]]:
    """Yield what is put in by expressions, and templates that were not given or stand where none is followed."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from _unread(one, (*path, index), files)
    if isinstance(value, dict):
        for key, one in value.items():
            if key.startswith("${{"):
                yield path, key
            elif key == "template" and (path[-2:-1] not in (("jobs",), ("steps",)) or template(files, value) is None):
                yield path, f"template: {one}"
            yield from _unread(one, (*path, key), files)
