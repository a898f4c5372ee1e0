"""The statement halt-drill from what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from attestations import __version__
from attestations.drills.drill import Drilled
from attestations.drills.probing import OBSERVER_CODE_BASE
from attestations.predicates.common import EnvironmentReference, Observer, Tool
from attestations.predicates.halt_drill import HaltDrill
from attestations.records import ZoneName
from attestations.times import Instant


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Who looked, when, for which environment, zone and request."""

    observer: str
    environment: EnvironmentReference
    zone: ZoneName
    request_digest: str
    nonce: str
    started_on: Instant
    finished_on: Instant


def to_predicate(occasion: Occasion, drilled: Sequence[Drilled]) -> HaltDrill:
    """Return the predicate: every probe is in it, so that the gate need not believe our verdict."""
    return HaltDrill(
        environment=occasion.environment,
        observer=Observer(name=occasion.observer, code_bases=(OBSERVER_CODE_BASE,)),
        started_on=occasion.started_on,
        finished_on=occasion.finished_on,
        tool=Tool(name="attest halt-drill", version=__version__),
        request_digest=occasion.request_digest,
        nonce=occasion.nonce,
        zone=occasion.zone,
        faults=tuple(one.fault for one in drilled),
    )
