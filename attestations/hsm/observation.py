"""The statement hsm-key-coverage from what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from attestations import __version__
from attestations.hsm.documents import Inventory, Request
from attestations.hsm.probe import Observations
from attestations.predicates.common import EnvironmentReference, Observer, Tool
from attestations.predicates.hsm_key_coverage import Exercise, HsmKeyCoverage
from attestations.records import ZoneName
from attestations.times import Instant

CODE_BASE = "signer-gatekeeper"


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Who looked, when, at which zone, and for which request."""

    zone: ZoneName
    observer: str
    started_on: Instant
    finished_on: Instant
    request: Request | None


def coverage(
    inventory: Inventory, occasion: Occasion, observations: Observations, exercises: Sequence[Exercise]
) -> HsmKeyCoverage:
    """Return the predicate. HSMs that could not be asked are missing from it: nothing was observed of them."""
    request = occasion.request
    return HsmKeyCoverage(
        environment=EnvironmentReference(name=inventory.name, digest=inventory.digest),
        observer=Observer(name=occasion.observer, code_bases=(CODE_BASE,)),
        started_on=occasion.started_on,
        finished_on=occasion.finished_on,
        tool=Tool(name="attest hsm", version=__version__),
        request_digest=request.digest if request else None,
        nonce=request.nonce if request else None,
        zone=occasion.zone,
        hsms=observations.hsms,
        keys=observations.keys,
        possession=observations.possession,
        exercises=tuple(exercises),
    )
