"""The JSON document that `attest zone --output json` prints; its members are a contract (docs: commands)."""

from collections.abc import Sequence

import msgspec

from attestations.errors import InputError
from attestations.predicates.zone_validation import (
    Calibration,
    Counts,
    Coverage,
    Denial,
    KeyUse,
    TagUse,
    Verdict,
    Version,
    ZoneFinding,
)
from attestations.printed import Fault, fault_of, schema_uri
from attestations.records import JsonRecord
from attestations.times import Instant
from attestations.zone.engines import Result
from attestations.zone.forensics.signing_keys import Forensics
from attestations.zone.reading.flat import Zone


class EngineOutput(JsonRecord, frozen=True, kw_only=True):
    """What one engine found."""

    engine: str
    code_base: str
    version: str
    verdict: Verdict
    calibration: Calibration
    coverage: Coverage
    counts: Counts
    by_type: dict[str, int]
    by_key: tuple[KeyUse, ...]
    by_tag: tuple[TagUse, ...]
    min_remaining_seconds: int
    max_ttl: int
    denial: Denial
    findings: tuple[ZoneFinding, ...]
    findings_omitted: int


class ZoneOutput(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("attest-zone")):
    """The document: the verdict over all engines, and in the other members what the first engine found."""

    verdict: Verdict
    zone: str
    serial: int | None = None
    sha256: str | None = None
    validation_time: Instant
    trust_anchors: tuple[str, ...] = ()
    counts: Counts | None = None
    by_type: dict[str, int] = msgspec.field(name="by_type", default_factory=dict)
    by_key: tuple[KeyUse, ...] = msgspec.field(name="by_key", default=())
    forensics: Forensics | None = None
    """which private keys signed, where that was looked for"""
    previous: Version | None = None
    """the version that it was compared with"""
    findings: tuple[ZoneFinding, ...] = ()
    engines: tuple[EngineOutput, ...] = ()
    error: Fault | None = None
    """why nothing could be validated"""


def output_of(results: Sequence[Result], verdict: Verdict, forensics: Forensics | None) -> ZoneOutput:
    """Return the document for the results of at least one engine."""
    first = results[0].report
    return ZoneOutput(
        verdict=verdict,
        zone=first.zone.name,
        serial=first.zone.serial,
        sha256=first.zone.sha256,
        validation_time=first.at,
        trust_anchors=tuple(map(str, first.anchors)),
        counts=first.counts,
        by_type=dict(first.by_type),
        by_key=first.by_key,
        forensics=forensics,
        previous=next((_version(one.previous) for one in results if one.previous is not None), None),
        findings=first.findings.kept,
        engines=tuple(map(_engine, results)),
    )


def error_output(zone: str, at: Instant, error: InputError) -> ZoneOutput:
    """Return the document for a zone that could not be read: inconclusive, with the reason."""
    return ZoneOutput(verdict="inconclusive", zone=zone, validation_time=at, error=fault_of(error))


def _version(zone: Zone) -> Version:
    return Version(serial=zone.serial, sha256=zone.sha256)


def _engine(result: Result) -> EngineOutput:
    report = result.report
    return EngineOutput(
        engine=result.engine.name,
        code_base=result.engine.code_base,
        version=result.version,
        verdict=report.verdict,
        calibration=result.calibration,
        coverage=report.coverage,
        counts=report.counts,
        by_type=dict(report.by_type),
        by_key=report.by_key,
        by_tag=report.by_tag,
        min_remaining_seconds=report.min_remaining_seconds,
        max_ttl=report.max_ttl,
        denial=report.denial,
        findings=report.findings.kept,
        findings_omitted=report.findings.omitted,
    )
