"""Calibration: in every run an engine must pass zones known to be good and refuse zones known to be bad.

The zones are made on the spot with fresh keys, so that no engine can know them.
"""

from typing import Protocol

from attestations.predicates.zone_validation import Calibration, Verdict
from attestations.times import Instant
from attestations.zone.practice.samples import ZONE, Sample, samples
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import Zone
from attestations.zone.validation.anchors import Anchor, read_anchors
from attestations.zone.validation.report import ZoneReport


class Validates(Protocol):
    """What is calibrated: anything that validates a zone."""

    @property
    def calibrated_with(self) -> int:
        """An algorithm that it verifies."""
        ...

    def validate(self, zone: Zone, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
        """Return what is true of `zone` at `at`."""
        ...


def calibrate(engine: Validates, at: Instant) -> Calibration:
    """Return how `engine` does on good and bad zones. An inconclusive verdict is neither a pass nor a refusal."""
    results = [(sample.is_good, _judge(engine, sample, at)) for sample in samples(at, engine.calibrated_with)]
    return Calibration(
        good=sum(is_good for is_good, _ in results),
        good_passed=results.count((True, "valid")),
        bad=sum(not is_good for is_good, _ in results),
        bad_refused=results.count((False, "invalid")),
    )


def is_calibrated(calibration: Calibration) -> bool:
    """Return whether every sample, and at least one of each sort, had the right verdict."""
    good_right = 0 < calibration.good == calibration.good_passed
    return good_right and 0 < calibration.bad == calibration.bad_refused


def _judge(engine: Validates, sample: Sample, at: Instant) -> Verdict:
    with zone_from_bytes(sample.text, sample.name, ZONE) as zone:
        return engine.validate(zone, read_anchors(sample.ds, sample.name, ZONE, "DS"), at).verdict
