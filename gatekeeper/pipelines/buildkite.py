"""Buildkite: steps wait at `wait` and `block`, but one with a `depends_on` of its own waits for nothing else."""

from collections.abc import Iterator
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import COMMIT, Files, document, lines, listed, mapping, told, words

SPLICES = (r"(?<!\$)\$\{?BUILDKITE_(?:MESSAGE|BRANCH|TAG|PULL_REQUEST\w*|BUILD_AUTHOR\w*)",)
"""what Buildkite puts into a command when the pipeline is uploaded, unless it is written with $$"""


def read(files: Files) -> Pipeline:
    """Return the pipeline; raise InputError."""
    own = document(files.text, files.name)
    jobs: list[Job] = []
    barrier: tuple[str, ...] = ()
    regardless = ""
    for path, step in _steps(own):
        if _is_wait(step):
            barrier = tuple(job.name for job in jobs)
            regardless = told("continue_on_failure", mapping(step).get("continue_on_failure"))
            continue
        job = _job(own, path, mapping(step), barrier, regardless)
        jobs.append(job)
        if "block" in step or "input" in step:
            barrier = tuple(one.name for one in jobs)
            regardless = ""
    return Pipeline(file=files.name, jobs=tuple(jobs), pulls=tuple(_pulls(own)), splices=SPLICES)


def _steps(own: Document) -> Iterator[tuple[Path, Any]]:
    for index, step in enumerate(listed(mapping(own.value).get("steps"))):
        path: Path = ("steps", index)
        if "group" in mapping(step):
            yield from (((*path, "steps", at), one) for at, one in enumerate(listed(step.get("steps"))))
        else:
            yield path, step


def _is_wait(step: Any) -> bool:
    return step == "wait" or "wait" in mapping(step) or "waiter" in mapping(step)


def _job(own: Document, path: Path, step: dict[str, Any], barrier: tuple[str, ...], regardless: str) -> Job:
    key = next(
        (words(step[name]) for name in ("key", "id", "label", "block", "input") if step.get(name)), f"{path[-1]}"
    )
    script = lines(step.get("commands") or step.get("command"))
    dependencies = listed(step.get("depends_on"))
    lenient = next(
        (found for one in dependencies if (found := told("allow_failure", mapping(one).get("allow_failure")))), ""
    )
    needs = tuple(words(mapping(one).get("step")) if isinstance(one, dict) else words(one) for one in dependencies)
    return Job(
        name=key,
        place=own.where(path),
        needs=needs if "depends_on" in step else barrier,
        steps=(Step(place=own.where(path), script=script),) if script else (),
        lenient=told("soft_fail", step.get("soft_fail")),
        regardless=lenient
        or told("allow_dependency_failure", step.get("allow_dependency_failure"))
        or ("" if "depends_on" in step else regardless),
        condition=told("if", step.get("if"))
        or told("branches", step.get("branches"))
        or told("skip", step.get("skip")),
    )


def _pulls(own: Document) -> Iterator[Pull]:
    for path, step in _steps(own):
        for plugin in listed(mapping(step).get("plugins")):
            reference = plugin if isinstance(plugin, str) else next(iter(mapping(plugin)), "")
            is_pinned = COMMIT.fullmatch(reference.partition("#")[2]) is not None
            yield Pull(place=own.where(path), reference=reference, is_pinned=is_pinned)
