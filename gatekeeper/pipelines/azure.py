"""Azure Pipelines: stages of jobs of steps, where a stage waits for the one before it.

A condition of one's own takes the place of the built-in one, that all before has ended well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from attestations.errors import Location
from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import COMMIT, IMAGE, Files, document, listed, mapping, told, words

_PARAMETER = re.compile(r"\$\{\{\s*parameters\.([\w-]+)\s*\}\}")
_PREPARES = ("checkout", "download")
SPLICES = (r"\$\{\{[^}]*\}\}", r"\$\((?:Build\.(?:Source\w*|Requested\w*)|System\.PullRequest\.\w+)\)")


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """A stage, or the pipeline itself where it has none."""

    name: str
    value: dict[str, Any]
    waits_for: tuple[str, ...]
    source: Document
    path: Path


def read(files: Files) -> Pipeline:
    """Return the pipeline with the job and step templates that were given; raise InputError."""
    own = document(files.text, files.name)
    stages = tuple(_stages(own))
    jobs_in = {stage.name: tuple(_jobs_of(files, stage)) for stage in stages}
    jobs = tuple(job for stage in stages for job in _joined(stage, stages, jobs_in))
    return Pipeline(file=files.name, jobs=jobs, pulls=tuple(_pulls(own)), dangers=tuple(_dangers(own)), splices=SPLICES)


def _stages(own: Document) -> Iterator[_Stage]:
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


def _jobs_of(files: Files, stage: _Stage) -> Iterator[Job]:
    jobs = listed(stage.value.get("jobs"))
    if not jobs and "steps" in stage.value:
        yield _job(files, stage.source, {**stage.value, "job": stage.name or "job"}, stage.path)
    for index, job in enumerate(jobs):
        path: Path = (*stage.path, "jobs", index)
        if "template" in mapping(job):
            template = _template(files, mapping(job), stage.source)
            inner = listed(mapping(template.value).get("jobs"))
            yield from (_job(files, template, mapping(one), ("jobs", at)) for at, one in enumerate(inner))
        else:
            yield _job(files, stage.source, mapping(job), path)


def _joined(stage: _Stage, stages: tuple[_Stage, ...], jobs_in: dict[str, tuple[Job, ...]]) -> Iterator[Job]:
    """Yield the jobs of a stage, each waiting for all jobs of the stages that its stage waits for."""
    waited = tuple(job.name for name in stage.waits_for for job in jobs_in.get(name, ()))
    unknown = tuple(f"stage {name}" for name in stage.waits_for if name not in {one.name for one in stages})
    for job in jobs_in[stage.name]:
        yield Job(
            name=job.name,
            place=job.place,
            needs=(*job.needs, *waited, *unknown),
            steps=job.steps,
            lenient=job.lenient,
            regardless=job.regardless or _regardless(stage.value),
            condition=job.condition or told("condition", stage.value.get("condition")),
        )


def _job(files: Files, source: Document, job: dict[str, Any], path: Path) -> Job:
    return Job(
        name=words(job.get("job") or job.get("deployment")),
        place=source.where(path),
        needs=tuple(map(words, listed(job.get("dependsOn")))),
        steps=tuple(_steps(files, source, job, path)),
        lenient=told("continueOnError", job.get("continueOnError")),
        regardless=_regardless(job),
        condition=told("condition", job.get("condition")) or told("enabled", job.get("enabled"), harmless=(None, True)),
    )


def _steps(files: Files, source: Document, job: dict[str, Any], path: Path) -> Iterator[Step]:
    strategies = (mapping(one) for one in mapping(job.get("strategy")).values())
    deployed = (listed(mapping(hook).get("steps")) for one in strategies for hook in one.values())
    steps = listed(job.get("steps")) or [step for hook in deployed for step in hook]
    for step in map(mapping, steps):
        if "template" in step:
            template = _template(files, step, source)
            inner = map(mapping, listed(mapping(template.value).get("steps")))
            yield from (_step(one, template.where(("steps", at))) for at, one in enumerate(inner))
        else:
            yield _step(step, source.where(path))


def _step(step: dict[str, Any], place: Location) -> Step:
    script = next((words(step[key]) for key in ("script", "bash", "pwsh", "powershell") if key in step), "")
    return Step(
        place=place,
        script=script or words(mapping(step.get("inputs")).get("script")),
        prepares=any(key in step for key in _PREPARES),
        lenient=told("continueOnError", step.get("continueOnError")),
        condition=told("condition", step.get("condition"))
        or told("enabled", step.get("enabled"), harmless=(None, True)),
    )


def _template(files: Files, use: dict[str, Any], source: Document) -> Document:
    """Return a template with its parameters put in, except into scripts; an empty one where it was not given."""
    name = words(use["template"]).rpartition("/")[2]
    text = files.others.get(name, "{}")
    asked = [mapping(one) for one in listed(mapping(document(text, name).value).get("parameters"))]
    values = {words(one.get("name")): words(one.get("default")) for one in asked}
    values |= {key: words(value) for key, value in mapping(use.get("parameters")).items()}
    lines = (
        line if re.match(r"\s*-?\s*(?:script|bash):", line) else _PARAMETER.sub(lambda m: values.get(m[1], ""), line)
        for line in text.split("\n")
    )
    return document("\n".join(lines), name if name in files.others else source.name)


def _regardless(part: dict[str, Any]) -> str:
    """A condition that does not ask for succeeded() runs after a failure too."""
    condition = words(part.get("condition"))
    return f"condition: {condition}" if condition and "succeeded(" not in condition else ""


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


def _dangers(own: Document) -> Iterator[Danger]:
    if "extends" in mapping(own.value):
        found = "extends: the pipeline is another file, which was not looked at"
        yield Danger(place=own.where(("extends",)), found=found, wanted="the pipeline itself")
