"""What `attest zone` does, apart from reading its arguments: read, sample, judge, compare, ask whose keys these are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.predicates.zone_validation import Source, Verdict
from attestations.times import Instant
from attestations.zone.engines import ENGINES, Engine, Result, judge_step, judge_with, refused_by_sample
from attestations.zone.engines.native import Native
from attestations.zone.engines.reporting import of_flat
from attestations.zone.output import ZoneOutput, error_output, output_of
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.transfer import Differences, Server
from attestations.zone.text import error_text, text_of
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.work import Workers

if TYPE_CHECKING:
    from attestations.zone.forensics import Forensics, KnownKey, Search

EXIT_CODES: dict[Verdict, int] = {"valid": 0, "invalid": 10, "inconclusive": 11}
_SHOWN_AT = 64
"""owners with findings at which forensics looks first"""


@dataclass(frozen=True, kw_only=True)
class Before:
    """The version of the zone that went before."""

    read: Callable[[], Zone]
    anchors: tuple[Anchor, ...] | None
    """its DS records; None: the same"""
    seen_on: Instant | None
    """when it was served last; None: until now"""


@dataclass(frozen=True, kw_only=True)
class State:
    """What the gate keeps of a valid version, so that the next one costs what changed."""

    path: Path
    secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is asked of `attest zone`."""

    name: str
    read: Callable[[], Zone]
    anchors: tuple[Anchor, ...]
    at: Instant
    engines: tuple[Engine, ...]
    before: Before | None = None
    jobs: int | None = None
    """processes; None: one for each processor"""
    sample: int | None = None
    """signatures to draw before the full pass"""
    known: "tuple[KnownKey, ...]" = ()
    """keys whose holders are known"""
    search: "Search | None" = None
    """for RSA keys that nobody published"""
    state: State | None = None
    """made after a full pass that found the zone valid"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The zone since the serial of a state: judged for what changed."""

    name: str
    ask: Callable[[], Differences]
    server: Server
    state: State
    anchors: tuple[Anchor, ...]
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a run, in both forms."""

    exit_code: int
    document: ZoneOutput
    lines: tuple[str, ...]
    results: tuple[Result, ...]
    """by engine, in the order asked; empty if the zone could not be read"""
    forensics: "Forensics | None" = None


def run(task: Task) -> Outcome:
    """Return what the engines say of the zone; one that cannot be read is inconclusive.

    A sample that shows a fault is the answer; one that shows none is followed by the full pass.
    """
    try:
        with task.read() as zone:
            results, forensics = _judged(task, zone)
            zone.insist_unchanged()
    except InputError as error:
        return _unread(task.name, task.at, error)
    return _outcome(results, forensics)


def _unread(name: str, at: Instant, error: InputError) -> Outcome:
    document = error_output(name, at, error)
    return Outcome(exit_code=11, document=document, lines=tuple(error_text(name, error)), results=())


def _outcome(results: tuple[Result, ...], forensics: "Forensics | None") -> Outcome:
    verdict = overall(results)
    return Outcome(
        exit_code=EXIT_CODES[verdict],
        document=output_of(results, verdict, forensics),
        lines=tuple(text_of(results, verdict, forensics)),
        results=results,
        forensics=forensics,
    )


def run_step(step: Step) -> Outcome:
    """Return what our validator says of what changed; where only a full pass can tell, that is inconclusive."""
    try:
        result = _stepped(step)
    except InputError as error:
        return _unread(step.name, step.at, error)
    return _outcome((result,), None)


def overall(results: Sequence[Result]) -> Verdict:
    """Return the verdict over all engines: one that refuses outweighs one that cannot tell, and that one a pass."""
    verdicts = {result.report.verdict for result in results}
    if "invalid" in verdicts:
        return "invalid"
    return "valid" if verdicts == {"valid"} else "inconclusive"


def _judged(task: Task, zone: Zone) -> "tuple[tuple[Result, ...], Forensics | None]":
    if task.sample is not None:
        sampled = refused_by_sample(zone, task.anchors, task.at, task.sample)
        if sampled is not None:
            return (sampled,), None
    results = tuple(judge_with(engine, zone, task.anchors, task.at, task.jobs) for engine in task.engines)
    if task.before is not None:
        results = tuple(_compared(task, zone, results, task.before))
    native = next((one for one in results if one.engine.name == "native"), None)
    if native is None:
        return results, None
    if task.state is not None and native.report.verdict == "valid":
        from attestations.zone.incremental import build

        build(zone, native.report, task.state.path, task.state.secret)
    return results, _forensics(task, zone, native)


def _stepped(step: Step) -> Result:
    from attestations.zone.incremental import apply
    from attestations.zone.incremental.refusal import full_pass_needed

    differences = step.ask()
    if differences.answer == "whole zone":
        raise full_pass_needed(f"no differences at {step.server}", "a server that keeps them (IXFR)")
    source = Source(kind="ixfr", server=str(step.server))
    result = judge_step(
        step.at,
        lambda: apply(
            step.state.path,
            step.state.secret,
            differences.steps,
            step.anchors,
            step.at,
            zone=step.name,
            source=source,
        ),
    )
    if result.report.zone.serial != differences.serial:
        raise full_pass_needed(f"a state of serial {result.report.zone.serial}", f"serial {differences.serial}")
    return result


def _compared(task: Task, zone: Zone, results: Sequence[Result], before: Before) -> Iterator[Result]:
    """Yield the results with what the version before shows: found by our own code, so said by the native engine."""
    from attestations.zone.change import Clock, change_findings

    clock = Clock(now=task.at, seen_on=before.seen_on)
    with before.read() as previous:
        found = change_findings(previous, zone, clock, anchors=task.anchors, previous_anchors=before.anchors)
        for result in results:
            if result.engine.name == "native":
                report = replace(result.report, findings=result.report.findings.plus(*found))
                yield replace(result, report=report, previous=previous)
            else:
                yield result


def _forensics(task: Task, zone: Zone, native: Result) -> "Forensics | None":
    """Return whose keys signed, where signatures do not verify or somebody says which keys there are."""
    if not (task.known or task.search or any(use.not_verified for use in native.report.by_tag)):
        return None
    from attestations.zone.forensics import signers_of
    from attestations.zone.validation.apex import apex_of

    owners = [one.owner for one in native.report.findings.kept if one.key_tag is not None][:_SHOWN_AT]
    return of_flat(
        zone,
        lambda flat: signers_of(flat, apex_of(flat), known=task.known, owners=owners, rsa_search=task.search),
    )


def engines_named(names: Sequence[str], workers: Workers | None = None) -> tuple[Engine, ...]:
    """Return the engines of these names, each once; `workers` do the work of our own (None: processes here)."""
    engines = {**ENGINES, "native": Native(workers=workers)}
    return tuple(engines[name] for name in dict.fromkeys(names))
