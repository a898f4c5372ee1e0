"""Tekton: a Pipeline of tasks; each task's steps stand in a Task, in another file."""

import re
from collections.abc import Iterator
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import IMAGE, Files, document, listed, mapping, told, words

_RESULT_OF = re.compile(r"\$\(tasks\.([\w-]+)\.")
SPLICES = (r"\$\((?:params|tasks|context)\.[^)]*\)",)


def read(files: Files) -> Pipeline:
    """Return the Pipeline with the Tasks that were given; raise InputError."""
    own = document(files.text, files.name)
    spec = mapping(mapping(own.value).get("spec"))
    tasks = {words(mapping(mapping(one.value).get("metadata")).get("name")): one for one in _others(files)}
    jobs = tuple(
        _job(own, mapping(task), ("spec", "tasks", index), tasks)
        for index, task in enumerate(listed(spec.get("tasks")))
    )
    return Pipeline(
        file=files.name,
        jobs=jobs,
        pulls=tuple(pull for one in tasks.values() for pull in _pulls(one)),
        dangers=tuple(_dangers(own, spec)),
        splices=SPLICES,
    )


def _others(files: Files) -> Iterator[Document]:
    for name, text in files.others.items():
        yield document(text, name)


def _job(own: Document, task: dict[str, Any], path: Path, tasks: dict[str, Document]) -> Job:
    named = words(mapping(task.get("taskRef")).get("name"))
    steps = tuple(_steps(tasks[named], ("spec",))) if named in tasks else ()
    waits = (*map(words, listed(task.get("runAfter"))), *_RESULT_OF.findall(str(task.get("params", ""))))
    return Job(
        name=words(task.get("name")),
        place=own.where(path),
        needs=tuple(dict.fromkeys(waits)),
        steps=steps or tuple(_steps(own, (*path, "taskSpec"))),
        lenient=told("onError", task.get("onError"), harmless=(None, "stopAndFail")),
        condition="when" if "when" in task else "",  # whatever waits for a task that was left out goes on
    )


def _steps(source: Document, path: Path) -> Iterator[Step]:
    value: Any = source.value
    for part in path:
        value = mapping(value).get(str(part)) if not isinstance(part, int) else listed(value)[part]
    for index, step in enumerate(map(mapping, listed(mapping(value).get("steps")))):
        script = words(step.get("script")) or " ".join(
            map(words, (*listed(step.get("command")), *listed(step.get("args"))))
        )
        yield Step(
            place=source.where((*path, "steps", index)),
            script="\n".join(line for line in script.split("\n") if not line.startswith("#!")),
            lenient=told("onError", step.get("onError"), harmless=(None, "stopAndFail")),
            condition="when" if "when" in step else "",
        )


def _pulls(task: Document) -> Iterator[Pull]:
    spec = mapping(mapping(task.value).get("spec"))
    for index, step in enumerate(map(mapping, listed(spec.get("steps")))):
        if image := words(step.get("image")):
            place = task.where(("spec", "steps", index, "image"))
            yield Pull(place=place, reference=image, is_pinned=IMAGE.fullmatch(image) is not None)


def _dangers(own: Document, spec: dict[str, Any]) -> Iterator[Danger]:
    if listed(spec.get("finally")):
        found = "finally, whose tasks run whatever the gate says"
        yield Danger(place=own.where(("spec", "finally")), found=found, wanted="no finally beside a gate")
