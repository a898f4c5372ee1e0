"""rollback-drill: the way back was walked and timed."""

from typing import Annotated

from msgspec import Meta

from attestations.predicates.common import Common, predicate_type
from attestations.predicates.halt_drill import Probe
from attestations.predicates.hsm_key_coverage import Dnskey, Possession
from attestations.records import Count, JsonRecord, Name, Sha256, ZoneName
from attestations.times import Instant

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


class Answers(JsonRecord, frozen=True, kw_only=True):
    """What a validating resolver answered to one round of questions."""

    asked: Count
    servfail: Count


class ResolverView(JsonRecord, frozen=True, kw_only=True):
    """The same questions again and again; what a resolver found bogus it keeps for a while."""

    before: Answers
    outage: Answers
    """while the version to leave was served, with an empty cache"""
    after: Answers
    """right after the restore, with what the cache kept"""
    after_flush: Answers
    clean_seconds: Count | None = None
    """after so long without a flush nothing was refused any more; null: not seen"""


class Way(JsonRecord, frozen=True, kw_only=True):
    """One way back, walked from the version to leave. Each way begins from there again."""

    way: Name
    """as `archived-zone`, `old-key`, `forced-transfer`"""
    decided_on: Instant
    restored_on: Instant | None
    """when every server of the world was seen to serve a valid version; null: never"""
    serial_from: Serial
    serial_to: Serial
    """what was served in the end"""
    zone_digest: Sha256 | None = None
    """of that version; null where there was none"""
    probes: tuple[Probe, ...]
    """what the servers of the world served from the decision on"""
    resolver: ResolverView


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
    restored_by: Name | None = None
    """the one of `ways` that `restored` and `restoreSeconds` are of"""
    ways: tuple[Way, ...] = ()
    """every way that was walked, the gate's figures among them; empty where only one was, and not observed so"""
    keys: tuple[Dnskey, ...] = ()
    """the previous keys as they are published"""
    possession: tuple[Possession, ...] = ()
    """each HSM's answer for each of `keys`, from which the gate computes `hsmSerials` again"""
