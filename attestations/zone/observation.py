"""The statement zone-validation from one engine's result: data, ready to be signed."""

from dataclasses import dataclass

from attestations import __version__
from attestations.predicates.common import EnvironmentReference, Observer, Tool
from attestations.predicates.zone_validation import TYPE, Validator, Version, Zone, ZoneValidation
from attestations.records import ZoneName
from attestations.statement import Subject, write_statement
from attestations.times import Instant
from attestations.zone.engines import Result
from attestations.zone.forensics import Forensics


@dataclass(frozen=True, kw_only=True)
class RequestReference:
    """The deployment request that fresh evidence is bound to."""

    digest: str
    nonce: str


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Who looked, when, for which environment and request."""

    observer: str
    environment: EnvironmentReference
    request: RequestReference | None
    started_on: Instant
    finished_on: Instant


def to_predicate(result: Result, occasion: Occasion, forensics: Forensics | None = None) -> ZoneValidation:
    """Return the predicate that states what the engine found, and whose keys signed where that was looked for."""
    report, request = result.report, occasion.request
    return ZoneValidation(
        environment=occasion.environment,
        observer=Observer(name=occasion.observer, code_bases=(result.engine.code_base,)),
        started_on=occasion.started_on,
        finished_on=occasion.finished_on,
        tool=Tool(name="attest zone", version=__version__),
        request_digest=request.digest if request else None,
        nonce=request.nonce if request else None,
        zone=_zone(result),
        source=report.zone.source,
        trust_anchors=tuple(map(str, report.anchors)),
        validation_time=report.at,
        coverage=report.coverage,
        validator=_validator(result),
        counts=report.counts,
        by_type=dict(report.by_type),
        by_key=report.by_key,
        by_tag=report.by_tag,
        signing_keys=forensics.keys if forensics else (),
        previous=_previous(result),
        min_remaining_seconds=report.min_remaining_seconds,
        max_ttl=report.max_ttl,
        denial=report.denial,
        findings=report.findings.kept,
        findings_omitted=report.findings.omitted,
    )


def to_statement(result: Result, occasion: Occasion, forensics: Forensics | None = None) -> bytes:
    """Return the in-toto statement about the zone's bytes, named by the zone."""
    subject = Subject(name=result.report.zone.name, digest={"sha256": result.report.zone.sha256})
    return write_statement((subject,), TYPE, to_predicate(result, occasion, forensics))


def _zone(result: Result) -> Zone:
    zone = result.report.zone
    return Zone(name=ZoneName.parse(zone.name), serial=zone.serial, sha256=zone.sha256)


def _previous(result: Result) -> Version | None:
    return Version(serial=result.previous.serial, sha256=result.previous.sha256) if result.previous else None


def _validator(result: Result) -> Validator:
    return Validator(
        code_base=result.engine.code_base,
        crypto_library=result.engine.crypto_library,
        version=result.version[:256],
        verdict=result.report.verdict,
        calibration=result.calibration,
    )
