"""Woodpecker: steps run one after the other, unless any of them has `depends_on`: then each waits for what it names."""

from collections.abc import Iterator
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Job, Pipeline, Pull, Step, Variables
from gatekeeper.pipelines.source import (
    IMAGE,
    Files,
    document,
    lines,
    listed,
    mapping,
    matrix,
    refuse_too_many,
    strange,
    told,
    variables,
    words,
)

_STEP = frozenset(
    {"name", "image", "pull", "commands", "environment", "directory", "when", "depends_on", "failure", "detach"}
    | {"volumes", "backend_options", "dns", "dns_search"}
)
SPLICES = (r"(?<!\$)\$\{CI_\w+",)
"""what Woodpecker puts into a command before a shell sees it, unless it is written with $$"""


def read(files: Files) -> Pipeline:
    """Return the workflow; raise InputError."""
    own = document(files.text, files.name)
    steps = tuple(_named(own, "steps"))
    refuse_too_many(steps, files.name)
    runs = mapping(own.value).get("matrix")
    above = (*matrix(runs), *matrix(mapping(runs).get("include")))
    is_graph = any("depends_on" in step for _, _, step in steps)
    names = [name for name, _, _ in steps]
    jobs = tuple(
        _job(
            own,
            above,
            name,
            path,
            step,
            tuple(map(words, listed(step.get("depends_on")))) if is_graph else tuple(names[:at]),
        )
        for at, (name, path, step) in enumerate(steps)
    )
    pulls = tuple(
        Pull(place=own.where(path), reference=image, is_pinned=IMAGE.fullmatch(image) is not None)
        for key in ("steps", "services", "clone")
        for _, path, step in _named(own, key)
        if (image := words(step.get("image")))
    )
    return Pipeline(file=files.name, jobs=jobs, pulls=pulls, splices=SPLICES)


def _named(own: Document, key: str) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    found = mapping(own.value).get(key)
    if isinstance(found, dict):
        yield from ((name, (key, name), mapping(step)) for name, step in found.items())
    for index, step in enumerate(found if isinstance(found, list) else ()):
        yield words(mapping(step).get("name")) or str(index), (key, index), mapping(step)


def _job(own: Document, above: Variables, name: str, path: Path, step: dict[str, Any], needs: tuple[str, ...]) -> Job:
    conditions = [mapping(one) for one in listed(step.get("when"))]
    statuses = {words(status) for one in conditions for status in listed(one.get("status"))}
    failure = told("failure", step.get("failure"), harmless=(None, "fail"))
    return Job(
        name=name,
        place=own.where(path),
        needs=needs,
        steps=(Step(place=own.where(path), script=lines(step.get("commands"))),),
        lenient=failure or told("detach", step.get("detach")),
        regardless="when: status: failure" if "failure" in statuses else "",
        condition="when" if "when" in step else "",
        variables=(*above, *variables(step.get("environment"))),
        unjudged=strange(step, _STEP),
    )
