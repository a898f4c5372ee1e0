"""zone-validation: what an external validator saw in one version of a zone."""

from typing import Annotated, Literal

from msgspec import Meta

from attestations.predicates.common import Common, predicate_type
from attestations.records import Count, JsonRecord, Name, Sha256, Text, ZoneName
from attestations.strict.numbers import MAX_INTEGER
from attestations.times import Instant

TYPE = predicate_type("zone-validation")

Verdict = Literal["valid", "invalid", "inconclusive"]
Severity = Literal["error", "warning", "note"]


class Zone(JsonRecord, frozen=True, kw_only=True):
    """The version of the zone that was read."""

    name: ZoneName
    serial: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    sha256: Sha256
    """of the bytes that were validated: the file, or the transfer in canonical order. With coverage `delta` there are
    no such bytes: of the digest before and the step that led here"""


class Source(JsonRecord, frozen=True, kw_only=True):
    """Where the zone came from."""

    kind: Literal["file", "axfr", "ixfr"]
    server: Name | None = None


class Coverage(JsonRecord, frozen=True, kw_only=True):
    """How much of the zone was validated. Anything but `full` states its sampling bound."""

    mode: Literal["full", "delta", "sample", "apex"]
    population: Count
    """RRsets in the zone that must be signed"""
    checked: Count
    detectable_fraction: Annotated[float, Meta(ge=0, le=1)] | None = None
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None


class Counts(JsonRecord, frozen=True, kw_only=True):
    """RRSIGs by outcome, and RRsets without any."""

    rrsets: Count
    rrsigs: Count
    ok: Count
    bogus: Count
    """a published key has the tag and algorithm, the signature does not verify"""
    no_key: Count
    """no published key has the tag and algorithm"""
    expired: Count
    not_yet: Count
    missing: Count
    """RRsets that must be signed and are not"""


class KeyUse(JsonRecord, frozen=True, kw_only=True):
    """Signatures that one published key verifies."""

    fingerprint: Sha256
    """SHA-256 of the DNSKEY RDATA"""
    tag: Annotated[int, Meta(ge=0, le=65535)]
    algorithm: Annotated[int, Meta(ge=0, le=255)]
    flags: Annotated[int, Meta(ge=0, le=65535)]
    verified: Count


class TagUse(JsonRecord, frozen=True, kw_only=True):
    """Signatures under one tag and algorithm; three private keys behind one tag show here (INC-01)."""

    tag: Annotated[int, Meta(ge=0, le=65535)]
    algorithm: Annotated[int, Meta(ge=0, le=255)]
    published: Count
    verified: Count
    not_verified: Count


class SigningKey(JsonRecord, frozen=True, kw_only=True):
    """One private key that signed under one tag: its public half is known, whether published or not."""

    tag: Annotated[int, Meta(ge=0, le=65535)]
    """written in the signatures"""
    algorithm: Annotated[int, Meta(ge=0, le=255)]
    real_tag: Annotated[int, Meta(ge=0, le=65535)]
    """computed from the key; another one proves that the signer's metadata name another key"""
    fingerprint: Sha256
    """SHA-256 of the DNSKEY RDATA, with the flags of the published key of that tag"""
    published: bool
    signatures: Count
    """among those looked at"""
    held_by: tuple[Name, ...] = ()
    """the HSMs that are known to hold it"""
    owners: tuple[Name, ...] = ()
    """the first few"""


class Version(JsonRecord, frozen=True, kw_only=True):
    """The version of the zone that this one was compared with."""

    serial: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    sha256: Sha256


class Denial(JsonRecord, frozen=True, kw_only=True):
    """Authenticated denial of existence."""

    kind: Literal["nsec", "nsec3", "none"]
    iterations: Count = 0
    salt: Annotated[str, Meta(max_length=510)] = ""
    opt_out: bool = False
    chain_ok: bool


class Calibration(JsonRecord, frozen=True, kw_only=True):
    """Zones made on the spot, in the same run, whose verdict is known."""

    good: Count
    good_passed: Count
    bad: Count
    bad_refused: Count


class Validator(JsonRecord, frozen=True, kw_only=True):
    """The validator of this run."""

    code_base: Name
    crypto_library: Name
    version: Name
    verdict: Verdict
    calibration: Calibration


class ZoneFinding(JsonRecord, frozen=True, kw_only=True):
    """One thing that the validator found."""

    code: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{1,63}(?!\n)$", max_length=64)]
    severity: Severity
    owner: Name
    rtype: Name
    message: Text
    key_tag: Annotated[int, Meta(ge=0, le=65535)] | None = None
    """of the signature, where the finding is about one"""
    algorithm: Annotated[int, Meta(ge=0, le=255)] | None = None


class ZoneValidation(Common, frozen=True, kw_only=True):
    """The predicate. Subject: the zone's bytes, named by the zone."""

    zone: Zone
    source: Source
    trust_anchors: tuple[Name, ...]
    """DS records in presentation form without owner, TTL and class; without one nothing ties the keys to the parent"""
    validation_time: Instant
    coverage: Coverage
    validator: Validator
    counts: Counts
    by_type: dict[str, Count]
    """RRSIGs checked, by type covered"""
    by_key: tuple[KeyUse, ...]
    by_tag: tuple[TagUse, ...] = ()
    """empty where the validator does not say which key verifies what"""
    signing_keys: tuple[SigningKey, ...] = ()
    """the private keys behind the signatures, where they were looked for"""
    previous: Version | None = None
    min_remaining_seconds: Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
    max_ttl: Count
    denial: Denial
    findings: tuple[ZoneFinding, ...] = ()
    findings_omitted: Count = 0
    """further findings that were left out for size; the counts are complete"""
