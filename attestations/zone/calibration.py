"""Calibration: in every run an engine must pass zones known to be good and refuse zones known to be bad.

The zones are made on the spot with fresh keys, so that no engine can know them.
"""

from typing import Protocol

import dns.name

from attestations.predicates.zone_validation import Calibration, Verdict
from attestations.times import Instant
from attestations.zone.anchors import Anchor, read_anchors
from attestations.zone.model import ZoneVersion
from attestations.zone.practice.samples import ZONE, Sample, samples
from attestations.zone.report import ZoneReport
from attestations.zone.source import zone_from_bytes


class Validates(Protocol):
    """What is calibrated: anything that validates a zone."""

    def validate(self, zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
        """Return what is true of `zone` at `at`."""
        ...


def calibrate(engine: Validates, at: Instant) -> Calibration:
    """Return how `engine` does on good and bad zones. An inconclusive verdict is neither a pass nor a refusal."""
    results = [(sample.is_good, _judge(engine, sample, at)) for sample in samples(at)]
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
    origin = dns.name.from_text(ZONE)
    zone = zone_from_bytes(sample.text, sample.name, origin)
    return engine.validate(zone, read_anchors(sample.ds, sample.name, origin, "DS"), at).verdict
