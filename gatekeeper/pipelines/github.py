"""GitHub Actions and Forgejo Actions: workflows, with the composite action and the reusable workflow that they call."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import MODES, TRUST, Danger, Job, Pipeline, Pull, Step, Variables
from gatekeeper.pipelines.source import Files, environment, listed, mapping, strange, told, variables, words
from gatekeeper.pipelines.source import document as read_document

_ACTION = re.compile(r"(?:^|/)ci_templates/(?:github|forgejo)(?:@|$)")
_PREPARES = re.compile(
    r"(?:https://[^/]+/)?actions/(?:checkout|download-artifact|setup-python)@|https://[^/]+/forgejo/download-artifact@"
)
_KEEPS = re.compile(r"(?:(?:https://[^/]+/)?actions|https://[^/]+/forgejo)/upload-artifact@")
_PINNED = re.compile(r".+@[0-9a-f]{40}|docker://.+@sha256:[0-9a-f]{64}|\./.+")
_IMAGE = re.compile(r".+@sha256:[0-9a-f]{64}")
_STATUS = re.compile(r"\b(?:always|cancelled|failure|success)\s*\(", re.IGNORECASE)
_SUCCESS = re.compile(r"(?:\$\{\{\s*)?success\(\)(?:\s*\}\})?")
_STOPPING_SHELLS = ("", "bash", "sh")
_JOB = frozenset(
    {"name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "outputs", "env", "steps", "environment"}
    | {"concurrency", "continue-on-error", "defaults", "container", "services", "strategy", "uses", "with", "secrets"}
)
_STEP = frozenset({"id", "name", "if", "uses", "with", "run", "shell", "env", "working-directory"}) | {
    "continue-on-error",
    "timeout-minutes",
}
INPUTS = frozenset(
    {"mode", "request", "environment", "policy", "trust", "evidence", "sign-with", "ledger", "ledger-key"}
    | {"configuration", "approval", "stage", "components", "out"}
)
"""of the action; GitHub takes MODE for mode"""
_CONTAINER = frozenset({"image", "credentials", "env", "ports"})
_HARMLESS_PERMISSIONS = frozenset({"contents: read", "id-token: write", "attestations: write", "actions: read"})
SPLICES = (r"\$\{\{[^}]*\}\}",)


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What the workflow and the job around a step say for it."""

    shell: str = ""
    variables: Variables = ()

    def inside(self, part: dict[str, Any]) -> "_Around":
        shell = words(mapping(mapping(part.get("defaults")).get("run")).get("shell"))
        return _Around(shell=shell or self.shell, variables=(*self.variables, *variables(part.get("env"))))


def read(files: Files) -> Pipeline:
    """Return the workflow, with what it calls in files of the same repository; raise InputError."""
    return _workflow(read_document(files.text, files.name), files.others)


def _workflow(document: Document, others: Mapping[str, str]) -> Pipeline:
    value = mapping(document.value)
    jobs = {name: mapping(job) for name, job in mapping(value.get("jobs")).items()}
    around = _Around().inside(value)
    return Pipeline(
        file=document.name,
        jobs=tuple(_job(document, name, job, around, others) for name, job in jobs.items()),
        pulls=(*_pulls(document, jobs), *(pull for job in jobs.values() for pull in _called_pulls(job, others))),
        dangers=tuple(_dangers(document, value)),
        splices=SPLICES,
    )


def _job(document: Document, name: str, job: dict[str, Any], above: _Around, others: Mapping[str, str]) -> Job:
    path: Path = ("jobs", name)
    around, condition, container = above.inside(job), words(job.get("if")), mapping(job.get("container"))
    steps = tuple(
        _step(document, mapping(step), (*path, "steps", index), around)
        for index, step in enumerate(listed(job.get("steps")))
    )
    own = Job(
        name=name,
        place=document.where(path),
        needs=tuple(map(words, listed(job.get("needs")))),
        steps=steps,
        lenient=_lenient(job),
        regardless=_regardless(condition),
        condition=f"if: {condition}" if condition else "",
        environment=environment(job),
        variables=(*around.variables, *variables(container.get("env"))),
        unjudged=strange(job, _JOB) or strange(container, _CONTAINER),
    )
    return _calling(own, called) if (called := _called(job, others)) else own


def _step(document: Document, step: dict[str, Any], path: Path, around: _Around) -> Step:
    uses, condition = words(step.get("uses")), words(step.get("if"))
    inputs = mapping(step.get("with")) if _ACTION.search(uses) else {}
    shell = words(step.get("shell")) or around.shell
    return Step(
        place=document.where(path),
        script=words(step.get("run")),
        mode=MODES.get(words(inputs.get("mode"))),
        prepares=_PREPARES.match(uses) is not None,
        lenient=_lenient(step),
        condition=f"if: {condition}" if condition else "",
        regardless="" if _KEEPS.match(uses) else _regardless(condition),
        stops=shell in _STOPPING_SHELLS,
        foreign="" if re.match(r"(?:ba|da)?sh\b|$", shell) else f"shell: {shell}",
        variables=(*variables(step.get("env")), *((TRUST, words(inputs[name])) for name in inputs if name == "trust")),
        unjudged=strange(step, _STEP) or strange(inputs, INPUTS),
    )


def _regardless(condition: str) -> str:
    """A condition that asks for any status itself takes the place of success(), which stands before any other."""
    is_own = _STATUS.search(condition) is not None and _SUCCESS.fullmatch(condition) is None
    return f"if: {condition}" if is_own else ""


def _called(job: dict[str, Any], others: Mapping[str, str]) -> Pipeline | None:
    """The workflow of the same repository that a job calls, if it was given."""
    uses = words(job.get("uses"))
    name = uses.rpartition("/")[2]
    return _workflow(read_document(others[name], name), {}) if uses.startswith("./") and name in others else None


def _calling(job: Job, called: Pipeline) -> Job:
    """A job that calls a workflow of one job is that one, under the caller's name and conditions."""
    if len(called.jobs) != 1:
        environments = (inner.environment for inner in called.jobs)
        return replace(
            job,
            environment=next(filter(None, environments), ""),
            unjudged=f"uses: a workflow of {len(called.jobs)} jobs",
        )
    (inner,) = called.jobs
    return replace(
        job,
        steps=inner.steps,
        lenient=job.lenient or inner.lenient,
        regardless=job.regardless or inner.regardless,
        condition=job.condition or inner.condition,
        environment=inner.environment,
        variables=(*job.variables, *inner.variables),
        unjudged=job.unjudged or inner.unjudged,
    )


def _called_pulls(job: dict[str, Any], others: Mapping[str, str]) -> tuple[Pull, ...]:
    return called.pulls if (called := _called(job, others)) else ()


def _lenient(part: dict[str, Any]) -> str:
    return told("continue-on-error", part.get("continue-on-error"))


def _pulls(document: Document, jobs: dict[str, dict[str, Any]]) -> Iterator[Pull]:
    for name, job in jobs.items():
        parts: list[tuple[Path, dict[str, Any]]] = [(("jobs", name), job)]
        parts += [(("jobs", name, "steps", at), mapping(step)) for at, step in enumerate(listed(job.get("steps")))]
        for path, part in parts:
            if reference := words(part.get("uses")):
                is_pinned = _PINNED.fullmatch(reference) is not None
                yield Pull(place=document.where(path), reference=reference, is_pinned=is_pinned)
        for key, container in (("container", job.get("container")), *mapping(job.get("services")).items()):
            if image := words(container.get("image")) if isinstance(container, dict) else words(container):
                place = document.where(("jobs", name, key))
                yield Pull(place=place, reference=image, is_pinned=_IMAGE.fullmatch(image) is not None)


def _dangers(document: Document, value: dict[str, Any]) -> Iterator[Danger]:
    triggers = value.get("on")
    names = list(triggers) if isinstance(triggers, dict) else [words(one) for one in listed(triggers)]
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
    wide = ["none stated"] if granted is None else [] if isinstance(granted, dict) else [words(granted)]
    if isinstance(granted, dict):
        wide = [f"{name}: {level}" for name, level in granted.items()]
        wide = [one for one in wide if one not in _HARMLESS_PERMISSIONS and not one.endswith(": none")]
    if wide:
        found, wanted = f"permissions {', '.join(wide)}", "permissions: {} above, and in a job no more than it needs"
        yield Danger(place=document.where(path), found=found, wanted=wanted)
