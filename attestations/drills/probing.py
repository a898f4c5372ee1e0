"""What a vantage point outside the signer is served: the whole zone, transferred and judged by our validator."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from attestations.errors import InputError
from attestations.predicates.halt_drill import Probe
from attestations.times import Instant
from attestations.zone.engines import ENGINES
from attestations.zone.reading import Bounds, zone_from_transfer
from attestations.zone.reading.transfer import Server
from attestations.zone.validation.anchors import Anchor

_BOUNDS = Bounds(idle_seconds=10.0, max_seconds=30.0)
OBSERVER_CODE_BASE = ENGINES["native"].code_base


@dataclass(frozen=True, kw_only=True)
class Vantage:
    """A server of the world, and by what its zone is judged."""

    name: str
    server: Server
    zone: str
    anchors: tuple[Anchor, ...]

    def probe(self) -> Probe | None:
        """Return what it serves now; None where it serves nothing."""
        at = now()
        try:
            with zone_from_transfer(self.server, self.zone, _BOUNDS) as zone:
                report = ENGINES["native"].validate(zone, self.anchors, at, jobs=1)
                return Probe(vantage=self.name, at=at, serial=zone.serial, validates=report.verdict == "valid")
        except InputError:
            return None


def probe_all(vantages: Iterable[Vantage]) -> Iterator[Probe]:
    """Yield what the servers serve that serve something."""
    yield from (probe for vantage in vantages if (probe := vantage.probe()) is not None)


def now() -> Instant:
    """Return the time by the clock of the laboratory."""
    return Instant.of(datetime.now(UTC))
