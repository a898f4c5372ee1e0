"""rollback-drill: the way back was walked and timed."""

from typing import Annotated

from msgspec import Meta

from attestations.predicates.common import Common, predicate_type
from attestations.records import Count, JsonRecord, Name, Sha256, ZoneName

TYPE = predicate_type("rollback-drill")

Serial = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class State(JsonRecord, frozen=True, kw_only=True):
    """A release and the zone version it served."""

    release: Name
    components: dict[str, Sha256]
    serial: Serial
    zone_digest: Sha256


class PreviousKey(JsonRecord, frozen=True, kw_only=True):
    """A key of the state to go back to (R44: it must still be everywhere)."""

    fingerprint: Sha256
    hsm_serials: tuple[Name, ...]
    still_published: bool


class RollbackDrill(Common, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the release that was left."""

    zone: ZoneName
    left: State
    restored: State
    restore_seconds: Count
    full_resign_seconds: Count | None = None
    previous_keys: tuple[PreviousKey, ...]
    backup_min_remaining_seconds: Count
    validated_after: bool
    validation_digest: Sha256 | None = None
    """digest of the zone-validation statement made after the restore"""
    performed_by: tuple[Name, ...] = ()
