"""A practice zone in versions: each is judged in full, and step by step from the state of the one before."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from attestations.times import Instant
from attestations.zone.incremental import apply, build
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.transfer.differences import Difference
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.whole import validate

SECRET = b"the secret of a gate in a test"


def later(at, seconds):
    """Return a moment so many seconds later."""
    return Instant.of(at + timedelta(seconds=seconds))


def difference(old, new, serials):
    """Return the step between two texts of the zone."""
    before, after = set(old.splitlines()), set(new.splitlines())
    return Difference(
        old=serials[0], new=serials[1], deleted=tuple(sorted(before - after)), added=tuple(sorted(after - before))
    )


@dataclass
class Followed:
    """A zone that is followed by a state."""

    path: Path
    ds: bytes
    at: Instant
    text: bytes = b""
    serial: int = 0

    @property
    def anchors(self):
        return read_anchors(self.ds, "ds", "test.", "DS")

    def judged(self, text, at=None):
        """Return the report of a full pass."""
        with zone_from_bytes(text, "practice", "test.") as zone:
            return validate(zone, self.anchors, at or self.at)

    def begin(self, text, serial):
        """Build the state from a version, and return the report of the full pass."""
        with zone_from_bytes(text, "practice", "test.") as zone:
            report = validate(zone, self.anchors, self.at)
            build(zone, report, self.path, SECRET)
        self.text, self.serial = text, serial
        return report

    def step(self, text, serial, at=None):
        """Return the report on the step to another version, which the state follows if it is valid."""
        step = difference(self.text, text, (self.serial, serial))
        report = self.applied([step], at)
        if report.verdict == "valid":
            self.text, self.serial, self.at = text, serial, at or self.at
        return report

    def applied(self, steps, at=None):
        """Return the report on some steps."""
        report = apply(self.path, SECRET, steps, self.anchors, at or self.at, zone="test.")
        report.zone.close()
        return report
