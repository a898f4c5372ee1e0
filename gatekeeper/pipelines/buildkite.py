"""Buildkite: steps wait at `wait` and `block`, but one with a `depends_on` of its own waits for nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Job, Pipeline, Pull, Step, Variables
from gatekeeper.pipelines.source import (
    COMMIT,
    Files,
    document,
    lines,
    listed,
    mapping,
    refuse_too_many,
    strange,
    told,
    variables,
    words,
)

_STEP = frozenset(
    {"key", "id", "identifier", "label", "name", "command", "commands", "agents", "artifact_paths", "branches"}
    | {"cancel_on_build_failing", "concurrency", "concurrency_group", "concurrency_method", "depends_on", "env", "if"}
    | {"allow_dependency_failure", "parallelism", "priority", "retry", "skip", "soft_fail", "timeout_in_minutes"}
    | {"if_changed", "block", "input", "prompt", "fields", "allowed_teams", "blocked_state", "notify", "secrets"}
)
_LEFT_OUT = ("if", "if_changed", "branches", "skip")
SPLICES = (r"(?<!\$)\$\{?BUILDKITE_(?:MESSAGE|BRANCH|TAG|PULL_REQUEST\w*|BUILD_AUTHOR\w*)",)
"""what Buildkite puts into a command when the pipeline is uploaded, unless it is written with $$"""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A step with the group around it."""

    path: Path
    step: Any
    group: dict[str, Any] = field(default_factory=dict)


def read(files: Files) -> Pipeline:
    """Return the pipeline; raise InputError."""
    own = document(files.text, files.name)
    entries = tuple(_entries(own))
    refuse_too_many(entries, files.name)
    groups = {
        _key(entry.group, ()): tuple(_name(one) for one in entries if one.group is entry.group) for entry in entries
    }
    above = variables(mapping(own.value).get("env"))
    jobs: list[Job] = []
    barrier: tuple[str, ...] = ()
    regardless = ""
    for entry in entries:
        if _is_wait(entry.step):
            barrier, regardless = tuple(job.name for job in jobs), _continues(entry.step)
            continue
        job = _job(own, entry, barrier, regardless, groups, above)
        jobs.append(job)
        if job.asks:
            barrier, regardless = tuple(one.name for one in jobs), ""
    return Pipeline(file=files.name, jobs=tuple(jobs), pulls=tuple(_pulls(own, entries)), splices=SPLICES)


def _entries(own: Document) -> Iterator[_Entry]:
    listing = isinstance(own.value, list)
    for index, step in enumerate(listed(own.value if listing else mapping(own.value).get("steps"))):
        path: Path = (index,) if listing else ("steps", index)
        if "group" in mapping(step):
            inner = enumerate(listed(step.get("steps")))
            yield from (_Entry(path=(*path, "steps", at), step=one, group=step) for at, one in inner)
        else:
            yield _Entry(path=path, step=step)


def _is_wait(step: Any) -> bool:
    return step in ("wait", "waiter") or "wait" in mapping(step) or "waiter" in mapping(step)


def _continues(step: Any) -> str:
    inner = mapping(mapping(step).get("wait"))
    return told("continue_on_failure", mapping(step).get("continue_on_failure", inner.get("continue_on_failure")))


def _key(step: dict[str, Any], path: Path) -> str:
    names = (words(step[name]) for name in ("key", "id", "identifier", "label", "block", "input") if step.get(name))
    return next(names, "-".join(map(str, path)))


def _name(entry: _Entry) -> str:
    return _key(mapping(entry.step), entry.path)


def _job(
    own: Document,
    entry: _Entry,
    barrier: tuple[str, ...],
    regardless: str,
    groups: dict[str, tuple[str, ...]],
    above: Variables,
) -> Job:
    step, place = mapping(entry.step), own.where(entry.path)
    script = lines(step.get("commands") or step.get("command"))
    around = [one for one in (step, entry.group) if one]
    explicit = any("depends_on" in one for one in around)
    dependencies = [one for part in around for one in listed(part.get("depends_on"))]
    names = [words(one.get("step")) if isinstance(one, dict) else words(one) for one in dependencies]
    return Job(
        name=_name(entry),
        place=place,
        needs=tuple(one for name in names for one in groups.get(name, (name,))) if explicit else barrier,
        steps=(Step(place=place, script=script),) if script else (),
        lenient=told("soft_fail", step.get("soft_fail")),
        regardless=_regardless(around, dependencies) or ("" if explicit else regardless),
        condition=next((found for one in around for key in _LEFT_OUT if (found := told(key, one.get(key)))), ""),
        asks="block" in step or "input" in step or entry.step in ("block", "input"),
        variables=(*above, *variables(step.get("env"))),
        unjudged=strange(step, _STEP) or ("command and commands" if {"command", "commands"} <= step.keys() else ""),
    )


def _regardless(around: list[dict[str, Any]], dependencies: list[Any]) -> str:
    lenient = [told("allow_failure", mapping(one).get("allow_failure")) for one in dependencies]
    lenient += [told("allow_dependency_failure", one.get("allow_dependency_failure")) for one in around]
    return next(filter(None, lenient), "")


def _pulls(own: Document, entries: tuple[_Entry, ...]) -> Iterator[Pull]:
    for entry in entries:
        for plugin in listed(mapping(entry.step).get("plugins")):
            reference = plugin if isinstance(plugin, str) else next(iter(mapping(plugin)), "")
            is_pinned = COMMIT.fullmatch(reference.partition("#")[2]) is not None
            yield Pull(place=own.where(entry.path), reference=reference, is_pinned=is_pinned)
