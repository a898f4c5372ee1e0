"""The code bases that can judge a zone, and how one run of one of them becomes a calibrated result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from attestations.predicates.zone_validation import Calibration
from attestations.times import Instant
from attestations.tool import ToolError
from attestations.zone.calibration import calibrate, is_calibrated
from attestations.zone.engines.bind import Bind
from attestations.zone.engines.knot import Knot
from attestations.zone.engines.ldns import Ldns
from attestations.zone.engines.native import Native
from attestations.zone.engines.validns import Validns
from attestations.zone.findings import finding
from attestations.zone.reading.flat import Unflat, Zone
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.lines import BadLineError
from attestations.zone.validation.report import ZoneReport


class Engine(Protocol):
    """A validator: one code base."""

    @property
    def name(self) -> str:
        """As `--engine` takes it."""
        ...

    @property
    def code_base(self) -> str:
        """The lineage of its zone logic; independence is computed from it."""
        ...

    @property
    def crypto_library(self) -> str:
        """What verifies its signatures."""
        ...

    @property
    def takes_time(self) -> bool:
        """Whether it can judge at another time than now."""
        ...

    @property
    def calibrated_with(self) -> int:
        """The algorithm that calibration zones are signed with."""
        ...

    def version(self) -> str:
        """Return its version; raise ToolError."""
        ...

    def validate(self, zone: Zone, anchors: tuple[Anchor, ...], at: Instant, *, jobs: int | None = None) -> ZoneReport:
        """Return what it says of `zone` at `at`; `jobs` processes read it."""
        ...


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {engine.name: engine for engine in (Native(), Bind(), Ldns(), Knot(), Validns())}
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One engine's report, with the calibration of the same run."""

    engine: Engine
    version: str
    calibration: Calibration
    report: ZoneReport
    previous: Zone | None = None
    """the version that it was compared with"""


def refused_by_sample(zone: Zone, anchors: tuple[Anchor, ...], at: Instant, size: int) -> Result | None:
    """Return the result of a sample of `size` signatures if it shows a fault; a sample never says more than that."""
    from attestations.zone.sampling import sample

    native = ENGINES["native"]
    calibration = calibrate(native, at)
    try:
        report = sample(zone, anchors, at, size)
    except (Unflat, BadLineError, ValueError):
        return None  # the full pass reads it in another way, or says what cannot be read
    return _named(native, calibration, report) if report.verdict == "invalid" else None


def judge_step(at: Instant, judge: Callable[[], ZoneReport]) -> Result:
    """Return what our validator says of a step from one serial to the next, calibrated before."""
    native = ENGINES["native"]
    calibration = calibrate(native, at)
    report = judge()
    report.zone.close()
    return _named(native, calibration, _weighed(report, calibration))


def judge_with(engine: Engine, zone: Zone, anchors: tuple[Anchor, ...], at: Instant, jobs: int | None = None) -> Result:
    """Return the report of `engine`, calibrated before; an engine that fails calibration has no vote."""
    calibration = calibrate(engine, at)
    report = engine.validate(zone, anchors, at, jobs=jobs)
    return _named(engine, calibration, _weighed(report, calibration))


def _weighed(report: ZoneReport, calibration: Calibration) -> ZoneReport:
    """An engine that fails calibration has no vote."""
    if is_calibrated(calibration):
        return report
    message = (
        f"of {calibration.good} good zones {calibration.good_passed} passed, "
        f"of {calibration.bad} bad ones {calibration.bad_refused} were refused"
    )
    uncalibrated = finding("VALIDATOR_UNCALIBRATED", "warning", report.zone.name, None, message)
    return replace(report, findings=report.findings.plus(uncalibrated))


def _named(engine: Engine, calibration: Calibration, report: ZoneReport) -> Result:
    try:
        version = engine.version()
    except ToolError as error:
        version = f"unknown: {error}"
    version = " + ".join((version, *report.libraries))
    return Result(engine=engine, version=version, calibration=calibration, report=report)
