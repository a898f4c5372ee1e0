"""GitLab CI: jobs wait for all jobs of earlier stages, unless `needs` says otherwise."""

import re
from collections.abc import Iterator
from typing import Any

from attestations.strict.document import Document
from gatekeeper.pipelines.model import Danger, Job, Pipeline, Pull, Step
from gatekeeper.pipelines.source import COMMIT, IMAGE, Files, document, lines, listed, mapping, told, words

_STAGES = (".pre", "build", "test", "deploy", ".post")
_NO_JOBS = frozenset(
    {"stages", "include", "variables", "default", "workflow", "spec", "image", "services", "cache", "before_script"}
    | {"after_script", "pages"}
)
_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*\]\]")
SPLICES = (r"\$\[\[[^\]]*\]\]",)


def read(files: Files) -> Pipeline:
    """Return the pipeline with the jobs of the local files and components that it includes and that were given."""
    own = document(files.text, files.name)
    value = mapping(own.value)
    parts = [own, *_included(files, value)]
    stages = tuple(words(stage) for stage in listed(value.get("stages"))) or _STAGES
    found = {
        name: (part, _extended(mapping(job), mapping(part.value)))
        for part in parts
        for name, job in mapping(part.value).items()
        if name not in _NO_JOBS and not name.startswith(".")
    }
    stage_of = {name: words(job.get("stage")) or "test" for name, (_, job) in found.items()}
    return Pipeline(
        file=files.name,
        jobs=tuple(_job(part, name, job, _needs(name, job, stages, stage_of)) for name, (part, job) in found.items()),
        pulls=tuple(_pulls(own, value, found)),
        dangers=tuple(_dangers(own, value)),
        splices=SPLICES,
    )


def _included(files: Files, value: dict[str, Any]) -> Iterator[Document]:
    for include in listed(value.get("include")):
        one = mapping(include) or {"local": words(include)}
        reference = words(one.get("local")) or words(one.get("component")).partition("@")[0]
        name = reference.rpartition("/")[2]
        text = files.others.get(name) or files.others.get(f"{name}.yml")
        if text is not None:
            yield _component(text, mapping(one.get("inputs")), name)


def _component(text: str, given: dict[str, Any], name: str) -> Document:
    """A component is two documents: what it asks for, and the jobs, in which that is put in the place of names."""
    header, separator, body = text.partition("\n---\n")
    if not separator:
        return document(text, name)
    asked = mapping(mapping(mapping(document(header + "\n", name).value).get("spec")).get("inputs"))
    values = {key: words(mapping(one).get("default")) for key, one in asked.items()}
    values |= {key: words(one) for key, one in given.items()}
    script = re.compile(r"^( *)-? *(?:script|before_script):.*(?:\n\1 +.*|\n\1- .*)*", re.MULTILINE)
    kept = [found.span() for found in script.finditer(body)]  # what is put into a script stays visible there

    def put(found: re.Match[str]) -> str:
        inside = any(begin <= found.start() < end for begin, end in kept)
        return found[0] if inside else values.get(found[1], "")

    return document(_INPUT.sub(put, body), name)


def _extended(job: dict[str, Any], jobs: dict[str, Any]) -> dict[str, Any]:
    """Return the job with what the jobs that it extends say, where it says nothing itself."""
    merged: dict[str, Any] = {}
    for name in listed(job.get("extends"))[:8]:
        merged |= mapping(jobs.get(words(name)))
    return merged | job


def _needs(name: str, job: dict[str, Any], stages: tuple[str, ...], stage_of: dict[str, str]) -> tuple[str, ...]:
    if "needs" in job:
        entries = listed(job["needs"])
        sure = (one for one in entries if mapping(one).get("optional") in (None, False))
        return tuple(words(mapping(one).get("job") if isinstance(one, dict) else one) for one in sure)
    order = {stage: index for index, stage in enumerate((".pre", *stages, ".post"))}
    own = order.get(stage_of[name], 0)
    return tuple(other for other, stage in stage_of.items() if order.get(stage, own) < own)


def _job(part: Document, name: str, job: dict[str, Any], needs: tuple[str, ...]) -> Job:
    path = (name,)
    script = "\n".join(filter(None, (lines(job.get("before_script")), lines(job.get("script")))))
    rules = [mapping(rule) for rule in listed(job.get("rules"))]
    when = words(job.get("when"))
    always = "when: always" if when == "always" or any(rule.get("when") == "always" for rule in rules) else ""
    after = "after_script runs although the script failed" if job.get("after_script") else ""
    return Job(
        name=name,
        place=part.where(path),
        needs=needs,
        steps=(Step(place=part.where((*path, "script")), script=script),),
        lenient=_lenient(job, rules, when),
        regardless=always or after,
        condition=_condition(job, when),
    )


def _lenient(job: dict[str, Any], rules: list[dict[str, Any]], when: str) -> str:
    """A manual job may fail, or never be started, unless it says otherwise."""
    by_rule = next((found for rule in rules if (found := told("allow_failure", rule.get("allow_failure")))), "")
    manual = "when: manual" if when == "manual" and job.get("allow_failure") is not False else ""
    return told("allow_failure", job.get("allow_failure")) or by_rule or manual


def _condition(job: dict[str, Any], when: str) -> str:
    limited = next((key for key in ("rules", "only", "except") if key in job), "")
    return limited or (f"when: {when}" if when in ("manual", "delayed", "never", "on_failure") else "")


def _pulls(own: Document, value: dict[str, Any], found: dict[str, tuple[Document, dict[str, Any]]]) -> Iterator[Pull]:
    for index, include in enumerate(listed(value.get("include"))):
        one, place = mapping(include), own.where(("include", index))
        for key in ("component", "remote", "template", "project"):
            if key in one:
                reference = words(one[key])
                pinned = words(one.get("ref")) if key == "project" else reference.rpartition("@")[2]
                is_pinned = COMMIT.fullmatch(pinned) is not None or (key == "remote" and "integrity" in one)
                yield Pull(place=place, reference=reference, is_pinned=is_pinned)
    for name, (part, job) in found.items():
        image = job.get("image", mapping(value.get("default")).get("image", value.get("image")))
        reference = words(mapping(image).get("name")) if isinstance(image, dict) else words(image)
        if reference:
            pinned_image = IMAGE.fullmatch(reference) is not None
            yield Pull(place=part.where((name, "image")), reference=reference, is_pinned=pinned_image)


def _dangers(own: Document, value: dict[str, Any]) -> Iterator[Danger]:
    default = mapping(value.get("default"))
    if "after_script" in value or "after_script" in default:
        found = "an after_script for every job, which runs although the script failed"
        yield Danger(place=own.where(("after_script",)), found=found, wanted="none beside a gate")
