"""hsm-key-coverage: which public key stands behind each selection in each HSM, shown by a signed challenge.

Observations only. The gate recomputes fingerprints, key tags and possession signatures from them and
compares with the environment; nothing here is believed because it is written here (INC-01).
"""

from typing import Annotated, Literal

from msgspec import Meta

from attestations.predicates.common import Common, predicate_type
from attestations.predicates.zone_validation import Verdict
from attestations.records import Count, Hex, JsonRecord, Name, ZoneName
from attestations.times import Instant

TYPE = predicate_type("hsm-key-coverage")

Scenario = Literal["zsk-rollover", "ksk-rollover", "hsm-loss-during-rollover", "algorithm-rollover"]
Action = Literal["generate", "publish", "activate", "retire", "remove"]
"""what a rollover agent is asked to do with one key"""
Base64 = Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/]+={0,2}(?!\n)$", max_length=8192)]


class Hsm(JsonRecord, frozen=True, kw_only=True):
    """One physical unit that was asked, whether or not it answered with a key."""

    serial: Name
    site: Name
    model: Name
    firmware: Name
    slot: Count


class Dnskey(JsonRecord, frozen=True, kw_only=True):
    """A key that is published or about to be: the fields of its DNSKEY record (RFC 4034, 2.1)."""

    flags: Annotated[int, Meta(ge=0, le=65535)]
    protocol: Annotated[int, Meta(ge=0, le=255)]
    algorithm: Annotated[int, Meta(ge=0, le=255)]
    public_key: Base64
    declared_tag: Annotated[int, Meta(ge=0, le=65535)]
    """what the signer's metadata call this key; a label, shown beside the computed tag and never compared"""


class Possession(JsonRecord, frozen=True, kw_only=True):
    """What one HSM holds for one key, and its signature over a fresh challenge."""

    serial: Name
    key: Count
    """index into `keys`: the key that this HSM was asked for"""
    private_keys: Count
    """private keys that the selection found in this HSM; anything but 1 is a fault"""
    public_key: Base64 | None
    """DNSKEY form (RFC 4034, 2.1.4) of the public key object that the HSM shows; null where there is none"""
    challenge: Hex
    """the exact bytes that were signed"""
    signature: Base64 | None
    """DNSSEC form (RFC 3110, 6605, 8080); null where the HSM gave none"""
    local: bool | None = None
    never_extractable: bool | None = None


class SigningRun(JsonRecord, frozen=True, kw_only=True):
    """A practice zone of which one HSM made every signature."""

    serial: Name
    signatures: Count
    verified: Count
    """outside of the HSM, with the published keys of that moment"""
    zone: Verdict | None
    """what a validator says of the zone; null where the HSM did not make every signature"""


class Event(JsonRecord, frozen=True, kw_only=True):
    """One step of a rollover that was seen to happen."""

    step: Name
    at: Instant
    observed: Name
    action: Action | None = None
    """what the agent was asked to do; null where it was not asked"""
    key: Count | None = None
    """index into the exercise's keys: with which one"""
    claimed: bool | None = None
    """whether the agent said that it was done"""
    possession: tuple[Possession, ...] = ()
    """what each HSM that answered showed of that key after the step; `key` counts in the exercise's keys"""
    published: tuple[Count, ...] = ()
    """the DNSKEY set after the step: indexes into the exercise's keys"""
    signing: tuple[SigningRun, ...] = ()
    """one run for each HSM that answered, with the keys that were active after the step"""


class Exercise(JsonRecord, frozen=True, kw_only=True):
    """A rollover scenario that ran to its end, on which HSMs, with the steps that were seen."""

    scenario: Scenario
    completed: bool
    serials: tuple[Name, ...]
    serials_down: tuple[Name, ...] = ()
    events: tuple[Event, ...]
    keys: tuple[Dnskey, ...] = ()
    """the keys that were rolled; none of them is in production"""


class HsmKeyCoverage(Common, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the release whose agent made the keys."""

    zone: ZoneName
    hsms: tuple[Hsm, ...]
    keys: tuple[Dnskey, ...]
    possession: tuple[Possession, ...]
    exercises: tuple[Exercise, ...] = ()
