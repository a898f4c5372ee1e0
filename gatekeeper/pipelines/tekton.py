"""Tekton: a Pipeline of tasks; each task's steps stand in a Task, in another file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from attestations.errors import InputError
from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import IMAGE, Files, document, listed, mapping, strange, told, variables, words

_RESULT_OF = re.compile(r"\$\(tasks\.([\w-]+)\.")
_SHELL = re.compile(r"#!\s*(?:/usr)?(?:/bin/env\s+|/bin/)(?:ba|da)?sh(?P<stops>\s+-[ux]*e[ux]*)?\s*")
_TASK = frozenset(
    {"name", "displayName", "description", "params", "workspaces", "taskRef", "taskSpec", "timeout", "retries"}
    | {"runAfter", "matrix", "when", "onError"}
)
_STEP = frozenset(
    {"name", "displayName", "image", "imagePullPolicy", "workingDir", "env", "script", "command", "args", "onError"}
    | {"when", "timeout", "computeResources", "resources", "securityContext", "volumeMounts", "workspaces", "results"}
)
_STEP_TEMPLATE = frozenset(
    {"image", "imagePullPolicy", "workingDir", "env", "computeResources", "resources", "securityContext"}
) | {"volumeMounts"}
SPLICES = (r"\$\((?:inputs\.)?(?:params|tasks|context|steps)[.\[][^)]*\)",)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """Where the steps of a task stand."""

    source: Document
    path: Path
    spec: dict[str, Any]


def read(files: Files) -> Pipeline:
    """Return the Pipeline with the Tasks that were given; raise InputError."""
    own = document(files.text, files.name)
    spec = mapping(mapping(own.value).get("spec"))
    given = _given(files)
    tasks = [(("spec", "tasks", index), mapping(task)) for index, task in enumerate(listed(spec.get("tasks")))]
    inside = [_inside(own, task, path) for path, task in tasks]
    return Pipeline(
        file=files.name,
        jobs=tuple(_job(own, task, path, _of(task, given) or _inside(own, task, path)) for path, task in tasks),
        pulls=tuple(pull for one in (*given.values(), *inside) for pull in _pulls(one)),
        dangers=tuple(_dangers(own, spec)),
        splices=SPLICES,
    )


def _given(files: Files) -> dict[str, _Task]:
    found: dict[str, _Task] = {}
    for file, text in files.others.items():
        source = document(text, file)
        value = mapping(source.value)
        name = words(mapping(value.get("metadata")).get("name"))
        if name in found:
            wanted = "one file for each task"
            raise InputError("USAGE", found=f"two tasks named {name!a:.120}", wanted=wanted, fix="leave one out")
        found[name] = _Task(source=source, path=("spec",), spec=mapping(value.get("spec")))
    return found


def _of(task: dict[str, Any], given: dict[str, _Task]) -> _Task | None:
    """The Task that is meant; one of another kind, or fetched from elsewhere, is none that was given."""
    reference = mapping(task.get("taskRef"))
    is_here = reference.keys() <= {"name", "kind"} and reference.get("kind", "Task") == "Task"
    return given.get(words(reference.get("name"))) if is_here else None


def _inside(own: Document, task: dict[str, Any], path: Path) -> _Task:
    return _Task(source=own, path=(*path, "taskSpec"), spec=mapping(task.get("taskSpec")))


def _job(own: Document, task: dict[str, Any], path: Path, steps_in: _Task) -> Job:
    waits = (*map(words, listed(task.get("runAfter"))), *_RESULT_OF.findall(str(task.get("params", ""))))
    around = mapping(steps_in.spec.get("stepTemplate"))
    unread = "" if steps_in.spec else f"taskRef: {task.get('taskRef')}, whose steps were not given"
    return Job(
        name=words(task.get("name")),
        place=own.where(path),
        needs=tuple(dict.fromkeys(waits)),
        steps=tuple(_steps(steps_in)),
        lenient=_lenient(task),
        condition="when" if "when" in task else "",  # whatever waits for a task that was left out goes on
        variables=variables(around.get("env")),
        unjudged=strange(task, _TASK) or strange(around, _STEP_TEMPLATE) or unread,
    )


def _steps(task: _Task) -> Iterator[Step]:
    for index, step in enumerate(map(mapping, listed(task.spec.get("steps")))):
        script = words(step.get("script"))
        first, _, rest = script.partition("\n")
        shell = _SHELL.fullmatch(first) if first.startswith("#!") else None
        yield Step(
            place=task.source.where((*task.path, "steps", index)),
            script=(rest if first.startswith("#!") else script) or _command(step),
            lenient=_lenient(step),
            condition="when" if "when" in step else "",
            stops=not first.startswith("#!") or (shell is not None and shell["stops"] is not None),
            foreign=first if first.startswith("#!") and shell is None else "",
            variables=variables(step.get("env")),
            unjudged=strange(step, _STEP),
        )


def _command(step: dict[str, Any]) -> str:
    return " ".join(map(words, (*listed(step.get("command")), *listed(step.get("args")))))


def _lenient(part: dict[str, Any]) -> str:
    return told("onError", part.get("onError"), harmless=(None, "stopAndFail"))


def _pulls(task: _Task) -> Iterator[Pull]:
    parts: list[tuple[Path, Any]] = [(("stepTemplate",), task.spec.get("stepTemplate"))]
    for key in ("steps", "sidecars"):
        parts += [((key, index), one) for index, one in enumerate(listed(task.spec.get(key)))]
    for path, part in parts:
        if image := words(mapping(part).get("image")):
            place = task.source.where((*task.path, *path, "image"))
            yield Pull(place=place, reference=image, is_pinned=IMAGE.fullmatch(image) is not None)


def _dangers(own: Document, spec: dict[str, Any]) -> Iterator[Danger]:
    if listed(spec.get("finally")):
        found = "finally, whose tasks run whatever the gate says"
        yield Danger(place=own.where(("spec", "finally")), found=found, wanted="no finally beside a gate")
