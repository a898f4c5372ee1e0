"""Woodpecker: steps run one after the other, unless any of them has `depends_on`: then each waits for what it names."""

from collections.abc import Iterator
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import IMAGE, Files, document, lines, listed, mapping, told, words

SPLICES = (r"(?<!\$)\$\{CI_\w+",)
"""what Woodpecker puts into a command before a shell sees it, unless it is written with $$"""


def read(files: Files) -> Pipeline:
    """Return the workflow; raise InputError."""
    own = document(files.text, files.name)
    steps = tuple(_steps(own))
    is_graph = any("depends_on" in step for _, _, step in steps)
    names = [name for name, _, _ in steps]
    jobs = tuple(
        _job(
            own, name, path, step, tuple(map(words, listed(step.get("depends_on")))) if is_graph else tuple(names[:at])
        )
        for at, (name, path, step) in enumerate(steps)
    )
    pulls = tuple(
        Pull(
            place=own.where(path), reference=words(step["image"]), is_pinned=bool(IMAGE.fullmatch(words(step["image"])))
        )
        for _, path, step in steps
        if "image" in step
    )
    return Pipeline(file=files.name, jobs=jobs, pulls=pulls, splices=SPLICES)


def _steps(own: Document) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    steps = mapping(own.value).get("steps")
    if isinstance(steps, dict):
        yield from ((name, ("steps", name), mapping(step)) for name, step in steps.items())
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        yield words(mapping(step).get("name")) or str(index), ("steps", index), mapping(step)


def _job(own: Document, name: str, path: Path, step: dict[str, Any], needs: tuple[str, ...]) -> Job:
    conditions = [mapping(one) for one in listed(step.get("when"))]
    statuses = {words(status) for one in conditions for status in listed(one.get("status"))}
    return Job(
        name=name,
        place=own.where(path),
        needs=needs,
        steps=(Step(place=own.where(path), script=lines(step.get("commands"))),),
        lenient=told("failure", step.get("failure"), harmless=(None, "fail")),
        regardless="when: status: failure" if "failure" in statuses else "",
        condition="when" if conditions else "",
    )
