"""GitLab CI: jobs wait for all jobs of earlier stages, unless `needs` says otherwise."""

from collections.abc import Iterator
from typing import Any

from attestations.strict.document import Document
from gatekeeper.pipelines.gitlab_files import Part, parts, place
from gatekeeper.pipelines.model import Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import (
    COMMIT,
    IMAGE,
    Files,
    document,
    environment,
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

_STAGES = (".pre", "build", "test", "deploy", ".post")
_NO_JOBS = frozenset(
    {"stages", "include", "variables", "default", "workflow", "spec", "image", "services", "cache", "before_script"}
    | {"after_script"}
)
_DEFAULTS = ("before_script", "after_script", "image", "services", "hooks", "artifacts")
_JOB = frozenset(
    {"stage", "image", "tags", "timeout", "interruptible", "variables", "script", "before_script", "after_script"}
    | {"artifacts", "cache", "coverage", "dependencies", "environment", "extends", "id_tokens", "inherit", "needs"}
    | {"only", "except", "parallel", "release", "resource_group", "retry", "rules", "secrets", "services"}
    | {"when", "start_in", "allow_failure", "manual_confirmation"}
)
_RULE = frozenset({"if", "changes", "exists", "when", "allow_failure", "variables", "needs", "start_in"})
_IMAGE = frozenset({"name", "pull_policy"})
_DEPTH = 11
"""levels of extends that GitLab follows"""
SPLICES = (r"\$\[\[[^\]]*\]\]",)


def read(files: Files) -> Pipeline:
    """Return the pipeline with the jobs of the local files and components that it includes and that were given."""
    own = document(files.text, files.name)
    found, unread = parts(own, files)
    merged: dict[str, Any] = {}
    for part in found:
        merged = _merged(merged, mapping(part.value))
    done: dict[str, dict[str, Any]] = {}
    jobs = {
        name: _with_defaults(_extended(mapping(job), merged, done), merged)
        for name, job in merged.items()
        if name not in _NO_JOBS and not name.startswith(".")
    }
    refuse_too_many(jobs, files.name)
    stages = tuple(words(stage) for stage in listed(merged.get("stages"))) or _STAGES
    stage_of = {name: words(job.get("stage")) or "test" for name, job in jobs.items()}
    return Pipeline(
        file=files.name,
        jobs=tuple(_job(found, name, job, merged, _needs(name, job, stages, stage_of)) for name, job in jobs.items()),
        pulls=(*_includes(own), *_images(found, jobs)),
        dangers=(*unread, *_dangers(own, merged)),
        splices=SPLICES,
    )


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged key by key; of anything else the later stands."""
    both = below.keys() & above.keys()
    deep = {
        key: _merged(below[key], above[key])
        for key in both
        if isinstance(below[key], dict) and isinstance(above[key], dict)
    }
    return {**below, **above, **deep}


def _extended(
    job: dict[str, Any], jobs: dict[str, Any], done: dict[str, dict[str, Any]], under: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the job with what the jobs that it extends say, where it says nothing itself; `done` keeps those."""
    merged: dict[str, Any] = {}
    for name in map(words, listed(job.get("extends"))):
        if name not in done:
            if name in under or len(under) == _DEPTH or not isinstance(jobs.get(name), dict):
                return {**job, "extends-nothing-known": name}
            done[name] = _extended(jobs[name], jobs, done, (*under, name))
        merged = _merged(merged, done[name])
    return _merged(merged, job)


def _with_defaults(job: dict[str, Any], merged: dict[str, Any]) -> dict[str, Any]:
    """Return the job with what is said for every job, unless it says that it does not want it."""
    if mapping(job.get("inherit")).get("default") is False:
        return job
    default = mapping(merged.get("default"))
    given = {key: default.get(key, merged.get(key)) for key in _DEFAULTS}
    return {key: value for key, value in given.items() if value is not None} | job


def _needs(name: str, job: dict[str, Any], stages: tuple[str, ...], stage_of: dict[str, str]) -> tuple[str, ...]:
    if "needs" in job:
        entries = [one if isinstance(one, dict) else {"job": one} for one in listed(job["needs"])]
        sure = (one for one in entries if one.keys() <= {"job", "artifacts", "optional"})
        return tuple(words(one.get("job")) for one in sure if one.get("optional") in (None, False))
    order = {stage: index for index, stage in enumerate((".pre", *stages, ".post"))}
    own = order.get(stage_of[name], 0)
    return tuple(other for other, stage in stage_of.items() if order.get(stage, own) < own)


def _takes(job: dict[str, Any], earlier: tuple[str, ...]) -> tuple[str, ...]:
    """The jobs whose artifacts are fetched: those named, or all of earlier stages."""
    if "dependencies" in job:
        return tuple(map(words, listed(job["dependencies"])))
    if "needs" not in job:
        return earlier
    entries = [one if isinstance(one, dict) else {"job": one} for one in listed(job["needs"])]
    return tuple(words(one.get("job")) for one in entries if one.get("artifacts") not in (False, "false"))


def _from_elsewhere(job: dict[str, Any]) -> str:
    """A need whose artifacts, and with them variables, come from another pipeline."""
    needs = (mapping(one) for one in listed(job.get("needs")))
    others = (one for one in needs if one.keys() & {"project", "pipeline"} and "job" in one)
    return next((f"needs: {one}" for one in others if one.get("artifacts") not in (False, "false")), "")


def _job(
    found: tuple[Part, ...], name: str, job: dict[str, Any], merged: dict[str, Any], needs: tuple[str, ...]
) -> Job:
    script = "\n".join(filter(None, (lines(job.get("before_script")), lines(job.get("script")))))
    rules = [mapping(rule) for rule in listed(job.get("rules"))]
    above = [merged, *map(mapping, listed(mapping(merged.get("workflow")).get("rules"))), *rules, job]
    return Job(
        name=name,
        place=place(found, (name,)),
        needs=needs,
        hands_on=lines(mapping(mapping(job.get("artifacts")).get("reports")).get("dotenv")),
        takes=_takes(job, needs),
        steps=(Step(place=place(found, (name, "script")), script=script),),
        lenient=_lenient(job, rules),
        regardless=_regardless(job, rules),
        condition=_condition(job),
        environment=environment(job),
        variables=(
            *matrix(mapping(job.get("parallel")).get("matrix")),
            *(variable for one in above for variable in variables(one.get("variables"))),
        ),
        unjudged=_unjudged(job, rules),
    )


def _lenient(job: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    """A manual job may fail, or never be started, unless it says otherwise."""
    by_rule = next((found for rule in rules if (found := told("allow_failure", rule.get("allow_failure")))), "")
    manual = "when: manual" if job.get("when") == "manual" and job.get("allow_failure") is not False else ""
    return told("allow_failure", job.get("allow_failure")) or by_rule or manual


def _regardless(job: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    said = [words(one.get("when")) for one in (job, *rules)]
    when = next((f"when: {one}" for one in said if one in ("always", "on_failure")), "")
    needs = "needs of a rule, which take the place of those of the job" if any("needs" in one for one in rules) else ""
    return when or needs or ("after_script runs although the script failed" if job.get("after_script") else "")


def _condition(job: dict[str, Any]) -> str:
    when = words(job.get("when"))
    limited = next((key for key in ("rules", "only", "except") if key in job), "")
    return limited or (f"when: {when}" if when in ("manual", "delayed", "never", "on_failure") else "")


def _unjudged(job: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    image = strange(mapping(job.get("image")), _IMAGE)
    rule = next((found for one in rules if (found := strange(one, _RULE))), "")
    left = next((key for key, one in job.items() if key not in ("script", "before_script") and "$[[" in str(one)), "")
    return (
        strange(job, _JOB)
        or _from_elsewhere(job)
        or image
        or rule
        or (f"{left}: an input that was not put in" if left else "")
    )


def _includes(own: Document) -> Iterator[Pull]:
    for index, include in enumerate(listed(mapping(own.value).get("include"))):
        one = mapping(include)
        for key in ("component", "remote", "template", "project"):
            if key in one:
                reference = words(one[key])
                pinned = words(one.get("ref")) if key == "project" else reference.rpartition("@")[2]
                is_pinned = COMMIT.fullmatch(pinned) is not None or (key == "remote" and "integrity" in one)
                yield Pull(place=own.where(("include", index)), reference=reference, is_pinned=is_pinned)


def _images(found: tuple[Part, ...], jobs: dict[str, dict[str, Any]]) -> Iterator[Pull]:
    for name, job in jobs.items():
        for key in ("image", "services"):
            for image in listed(job.get(key)):
                if reference := words(mapping(image).get("name") if isinstance(image, dict) else image):
                    is_pinned = IMAGE.fullmatch(reference) is not None
                    yield Pull(place=place(found, (name, key)), reference=reference, is_pinned=is_pinned)


def _dangers(own: Document, merged: dict[str, Any]) -> Iterator[Danger]:
    if "after_script" in merged or "after_script" in mapping(merged.get("default")):
        found = "an after_script for every job, which runs although the script failed"
        yield Danger(place=own.where(("after_script",)), found=found, wanted="none beside a gate")
