"""GitHub Actions and Forgejo Actions: workflows, with the composite action and the reusable workflow that they call."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import MODES, Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import Files, listed, mapping, told, words
from gatekeeper.pipelines.source import document as read_document

_ACTION = re.compile(r"(?:^|/)ci_templates/(?:github|forgejo)(?:@|$)")
_PREPARES = re.compile(r"(?:actions|https://[^/]+/actions)/(?:checkout|download-artifact|setup-python)@")
_PINNED = re.compile(r".+@[0-9a-f]{40}|docker://.+@sha256:[0-9a-f]{64}|\./.+")
_REGARDLESS = re.compile(r"always\(\)|!\s*cancelled\(\)|failure\(\)|cancelled\(\)")
_HARMLESS_PERMISSIONS = frozenset({"contents: read", "id-token: write", "attestations: write", "actions: read"})
SPLICES = (r"\$\{\{[^}]*\}\}",)


def read(files: Files) -> Pipeline:
    """Return the workflow, with what it calls in files of the same repository; raise InputError."""
    return _workflow(read_document(files.text, files.name), files.others)


def _workflow(document: Document, others: Mapping[str, str]) -> Pipeline:
    value = mapping(document.value)
    jobs: dict[str, Any] = mapping(value.get("jobs"))
    return Pipeline(
        file=document.name,
        jobs=tuple(_job(document, name, mapping(job), others) for name, job in jobs.items()),
        pulls=tuple(_pulls(document, jobs)),
        dangers=tuple(_dangers(document, value)),
        splices=SPLICES,
    )


def _job(document: Document, name: str, job: dict[str, Any], others: Mapping[str, str]) -> Job:
    path: Path = ("jobs", name)
    condition = words(job.get("if"))
    regardless = condition if _REGARDLESS.search(condition) else ""
    steps = tuple(
        _step(document, mapping(step), (*path, "steps", index)) for index, step in enumerate(listed(job.get("steps")))
    )
    return Job(
        name=name,
        place=document.where(path),
        needs=tuple(map(str, listed(job.get("needs")))),
        steps=steps or _called(job, others),
        lenient=_lenient(job),
        regardless=f"if: {regardless}" if regardless else "",
        condition=f"if: {condition}" if condition else "",
    )


def _step(document: Document, step: dict[str, Any], path: Path) -> Step:
    uses, condition = words(step.get("uses")), words(step.get("if"))
    return Step(
        place=document.where(path),
        script=words(step.get("run")),
        mode=MODES.get(words(mapping(step.get("with")).get("mode"))) if _ACTION.search(uses) else None,
        prepares=_PREPARES.match(uses) is not None,
        lenient=_lenient(step),
        condition=f"if: {condition}" if condition else "",
    )


def _called(job: dict[str, Any], others: Mapping[str, str]) -> tuple[Step, ...]:
    """A job that calls a workflow of the same repository runs what that one's jobs run."""
    uses = words(job.get("uses"))
    name = uses.rpartition("/")[2].partition("@")[0]
    if name not in others:
        return ()
    called = _workflow(read_document(others[name], name), {})
    return tuple(step for one in called.jobs for step in one.steps if not (one.lenient or one.condition))


def _lenient(part: dict[str, Any]) -> str:
    return told("continue-on-error", part.get("continue-on-error"))


def _pulls(document: Document, jobs: dict[str, Any]) -> Iterator[Pull]:
    for name, job in jobs.items():
        parts: list[tuple[Path, dict[str, Any]]] = [(("jobs", name), mapping(job))]
        parts += [(("jobs", name, "steps", at), mapping(step)) for at, step in enumerate(listed(job.get("steps")))]
        for path, part in parts:
            if reference := words(part.get("uses")):
                yield Pull(
                    place=document.where(path),
                    reference=reference,
                    is_pinned=_PINNED.fullmatch(reference) is not None,
                )


def _dangers(document: Document, value: dict[str, Any]) -> Iterator[Danger]:
    triggers = value.get("on", ())
    names = [triggers] if isinstance(triggers, str) else list(triggers or ())
    for name in ("pull_request_target", "workflow_run"):
        if name in names:
            found = f"on: {name}, which runs with secrets on what strangers send"
            yield Danger(place=document.where(("on",)), found=found, wanted="push, workflow_dispatch or workflow_call")
    if "jobs" in value:
        yield from _permissions(document, value.get("permissions"), ("permissions",))
        for name, job in mapping(value.get("jobs")).items():
            if "permissions" in mapping(job):
                yield from _permissions(document, job["permissions"], ("jobs", name, "permissions"))


def _permissions(document: Document, granted: Any, path: Path) -> Iterator[Danger]:
    wide = ["none stated"] if granted is None else [granted] if isinstance(granted, str) else []
    if isinstance(granted, dict):
        wide = [f"{name}: {level}" for name, level in granted.items()]
        wide = [one for one in wide if one not in _HARMLESS_PERMISSIONS and not one.endswith(": none")]
    if wide:
        found, wanted = f"permissions {', '.join(wide)}", "permissions: {} above, and in a job no more than it needs"
        yield Danger(place=document.where(path), found=found, wanted=wanted)
