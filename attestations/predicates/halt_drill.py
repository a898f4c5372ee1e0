"""halt-drill: a fault was injected; whether publication stopped, unattended, and stayed stopped."""

from typing import Annotated

from msgspec import Meta

from attestations.predicates.common import Common, predicate_type
from attestations.records import Count, JsonRecord, Name, ZoneName
from attestations.times import Instant

TYPE = predicate_type("halt-drill")


class Probe(JsonRecord, frozen=True, kw_only=True):
    """What one vantage point outside the signer was served while the fault was live."""

    vantage: Name
    at: Instant
    serial: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    validates: bool


class Fault(JsonRecord, frozen=True, kw_only=True):
    """One injected fault, by the clock of the laboratory."""

    fault: Name
    """class of the fault, as `wrong-key`, `expired`, `verifier-crash`, `restart`"""
    bad_serial: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    injected_on: Instant
    detected_on: Instant | None
    halted_on: Instant | None
    unattended: bool
    restart_survived: bool | None = None
    notification_tried: bool | None = None
    """whether the guard tried to tell somebody; null: nobody looked"""
    resumed_on: Instant | None = None
    """when the next good version was served everywhere; null: never, or nobody looked"""
    probes: tuple[Probe, ...]
    leaked_serials: tuple[Count, ...] = ()


class HaltDrill(Common, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the release."""

    zone: ZoneName
    faults: tuple[Fault, ...]
