"""One RRSIG against the published keys (RFC 4035, 5.3), telling apart why it fails."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import label_count, text_name
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.reading.types import TYPES, type_text
from attestations.zone.validation.effort import of_signature, signatures_with
from attestations.zone.validation.groups import RRset, signed_data
from attestations.zone.validation.published import MAX_KEYS_OF_ONE_TAG, KeySet, PublishedKey

MESSAGE = 65_535
"""octets of a DNS message (RFC 1035, 4.2.2)"""
MAX_SIGNATURES = 8
"""tried for one RRset (Unbound's MAX_VALIDATE_RRSIGS)"""
_DNSKEY = TYPES[b"DNSKEY"]


class Outcome(StrEnum):
    """What became of one RRSIG; the names are those of the predicate's counts."""

    OK = "ok"
    BOGUS = "bogus"
    NO_KEY = "no_key"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNJUDGED = "unjudged"
    """algorithm not judged here, or over budget; in no count but that of all RRSIGs"""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One RRSIG and what became of it."""

    rrsig: Rrsig
    outcome: Outcome
    code: str = ""
    reason: str = ""
    key: PublishedKey | None = None
    """the published key that verifies it, also where the time is wrong"""
    remaining: int = 0
    """seconds until it expires; meaningful where `key` is set"""

    @property
    def is_by_revoked_key(self) -> bool:
        """Whether a revoked key made it: it proves the revocation (RFC 5011, 2.1), nothing else."""
        return self.key is not None and self.key.is_revoked


@dataclass(frozen=True, kw_only=True)
class JudgedRRset:
    """An RRset with its judged signatures."""

    rrset: RRset
    must_be_signed: bool
    signatures: tuple[Judged, ...]

    def is_good(self, algorithm: int | None = None) -> bool:
        """Return whether a signature (of `algorithm`, or of any) is good."""
        return any(
            judged.outcome is Outcome.OK and not judged.is_by_revoked_key
            for judged in self.signatures
            if algorithm in (None, judged.rrsig.algorithm)
        )

    @property
    def is_over_budget(self) -> bool:
        """Whether the RRset has more signatures than are tried."""
        return len(self.signatures) > MAX_SIGNATURES

    @property
    def is_checked(self) -> bool:
        """Whether the check came to a result: good, bad, or missing."""
        return not self.signatures or any(judged.outcome is not Outcome.UNJUDGED for judged in self.signatures)


def judge(rrset: RRset, *, keys: KeySet, apex: bytes, now: int) -> tuple[Judged, ...]:
    """Return what becomes of each signature; over the budget none is tried (KeyTrap, CVE-2023-50387)."""
    if len(rrset.signatures) > MAX_SIGNATURES:
        return tuple(Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED, code="DNS_BUDGET") for rrsig in rrset.signatures)
    return tuple(_judge_one(rrsig, rrset, keys, apex, now) for rrsig in rrset.signatures)


def effort_of(signatures: Iterable[Judged], keys: KeySet) -> Counter[str]:
    """Return the units of work that judging them took at most: each was tried with every key of its tag."""
    effort: Counter[str] = Counter()
    for one in signatures:
        tag, algorithm = one.rrsig.key_tag, one.rrsig.algorithm
        if one.outcome is not Outcome.UNJUDGED:
            tries = sum(key.verify is not None for key in keys.candidates(tag, algorithm))
            effort[signatures_with(tag, algorithm)] += tries * of_signature(algorithm)
    return effort


def remaining_seconds(rrsig: Rrsig, now: int) -> int:
    """Return the seconds from `now` to expiration, in serial number arithmetic (RFC 4034, 3.1.5)."""
    return serial_difference(rrsig.expiration, now)


def seconds_since_inception(rrsig: Rrsig, now: int) -> int:
    """Return the seconds from inception to `now`; negative for a signature that is not valid yet."""
    return -serial_difference(rrsig.inception, now)


def serial_difference(moment: int, now: int) -> int:
    """Return how far a 32-bit time lies after `now` (RFC 1982)."""
    return (moment - now + 2**31) % 2**32 - 2**31


def signature_findings(judged: JudgedRRset, algorithms: tuple[int, ...]) -> Iterator[ZoneFinding]:
    """Yield a finding for each signature of the RRset that is not good, and for TTLs that do not fit."""
    rrset = judged.rrset
    owner, rtype = text_name(rrset.owner), type_text(rrset.rtype)
    if judged.must_be_signed and (size := _answer_size(rrset)) > MESSAGE:
        message = f"with its signatures an answer of {size} octets or more; a message has at most {MESSAGE}"
        yield finding("RRSET_SIZE", "error", owner, rtype, message)
    if judged.is_over_budget:
        message = f"{len(rrset.signatures)} signatures; at most {MAX_SIGNATURES} are tried"
        yield finding("DNS_BUDGET", "error", owner, rtype, message)
        return
    for one in judged.signatures:
        if one.outcome is Outcome.OK:
            yield from _ttl_findings(one.rrsig, rrset) if judged.must_be_signed else ()
        elif one.code != "DNS_BUDGET":  # keys over budget are reported once, at the apex
            code, severity = _weighed(one, judged, algorithms)
            message = f"{_described(one.rrsig)} {one.reason}"
            yield finding(code, severity, owner, rtype, message, one.rrsig)


def _judge_one(rrsig: Rrsig, rrset: RRset, keys: KeySet, apex: bytes, now: int) -> Judged:
    if not rrset.rdatas:
        return _bogus(rrsig, "SIG_UNEXPECTED", "covers an RRset that is not there")
    if rrsig.signer != apex:
        signer, zone = text_name(rrsig.signer), text_name(apex)
        return _bogus(rrsig, "SIG_SIGNER", f"names the signer {signer}, not the zone {zone}")
    if rrsig.labels != label_count(rrset.owner):
        return _bogus(rrsig, "SIG_LABELS", f"says {rrsig.labels} labels, the owner has {label_count(rrset.owner)}")
    candidates = keys.candidates(rrsig.key_tag, rrsig.algorithm)
    if not candidates:
        return Judged(
            rrsig=rrsig,
            outcome=Outcome.NO_KEY,
            code="KEY_NOT_PUBLISHED",
            reason="was made with a key that is not published: no zone key has this tag and algorithm",
        )
    if (excuse := _not_tried(rrsig, candidates)) is not None:
        return excuse
    return _try_keys(rrsig, rrset, candidates, now)


def _not_tried(rrsig: Rrsig, candidates: tuple[PublishedKey, ...]) -> Judged | None:
    if len(candidates) > MAX_KEYS_OF_ONE_TAG:
        return Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED, code="DNS_BUDGET")
    if not candidates[0].is_judged:
        reason = "cannot be judged: this algorithm is not verified here"
        return Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED, code="ALG_UNSUPPORTED", reason=reason)
    if all(key.verify is None for key in candidates):
        return _bogus(rrsig, "KEY_UNUSABLE", "cannot be verified: no published key of its tag is usable")
    return None


def _try_keys(rrsig: Rrsig, rrset: RRset, candidates: tuple[PublishedKey, ...], now: int) -> Judged:
    data = signed_data(rrsig, rrset)
    key = next((key for key in candidates if key.verify is not None and key.verify(rrsig.signature, data)), None)
    if key is None:
        reason = f"does not verify with the published key of its tag ({len(candidates)} tried)"
        return _bogus(rrsig, "SIG_WRONG_KEY", reason)
    if key.is_revoked and rrset.rtype != _DNSKEY:
        reason = "was made with a revoked key"
        return Judged(rrsig=rrsig, outcome=Outcome.NO_KEY, code="KEY_REVOKED", reason=reason)
    remaining, life = remaining_seconds(rrsig, now), serial_difference(rrsig.expiration, rrsig.inception)
    early = -seconds_since_inception(rrsig, now)
    outcome, code, reason = Outcome.OK, "", ""
    if life < 0:  # BIND, Unbound and ldns take it for bogus
        outcome, code, remaining = Outcome.EXPIRED, "SIG_EXPIRED", min(remaining, life)
        reason = f"expires {-life} seconds before its inception (in serial number arithmetic, RFC 4034, 3.1.5)"
    elif remaining < 0:
        outcome, code, reason = Outcome.EXPIRED, "SIG_EXPIRED", f"expired {-remaining} seconds ago"
    elif early > 0:
        outcome, code, reason = Outcome.NOT_YET, "SIG_FUTURE", f"is valid only in {early} seconds"
    return Judged(rrsig=rrsig, outcome=outcome, code=code, reason=reason, key=key, remaining=remaining)


def _weighed(one: Judged, judged: JudgedRRset, algorithms: tuple[int, ...]) -> tuple[str, Severity]:
    """Return code and severity: beside a good signature a bad one is legal (RFC 6840, 5.4), and telling."""
    if one.code in ("SIG_UNEXPECTED", "ALG_UNSUPPORTED") or not judged.must_be_signed:
        return one.code, "warning"
    # While an algorithm is not published, a good signature by any published one will do (RFC 6781, 4.1.4).
    if not judged.is_good(one.rrsig.algorithm if one.rrsig.algorithm in algorithms else None):
        return one.code, "error"
    extra = {"SIG_WRONG_KEY": "SIG_EXTRA_WRONG_KEY", "KEY_NOT_PUBLISHED": "SIG_EXTRA_NO_KEY"}
    return extra.get(one.code, one.code), "warning"


def _ttl_findings(rrsig: Rrsig, rrset: RRset) -> Iterator[ZoneFinding]:
    owner, rtype = text_name(rrset.owner), type_text(rrset.rtype)
    if wrong := sorted({*rrset.ttls} - {rrsig.original_ttl}):
        message = f"{_described(rrsig)} signs TTL {rrsig.original_ttl}, the zone has {wrong[0]}"
        yield finding("SIG_TTL", "error", owner, rtype, message, rrsig)
    life = (rrsig.expiration - rrsig.inception) % 2**32
    if max(rrset.ttls) > life:
        message = f"{_described(rrsig)} lives {life} seconds, the TTL is {max(rrset.ttls)}"
        yield finding("TTL_OVER_LIFE", "warning", owner, rtype, message, rrsig)


def _answer_size(rrset: RRset) -> int:
    """Return the octets of an answer with the RRset: header, question, and records whose owners are compressed."""
    rdatas = (*map(len, rrset.rdatas), *(len(rrsig.head) + len(rrsig.signature) for rrsig in rrset.signatures))
    return 12 + len(rrset.owner) + 4 + sum(12 + size for size in rdatas)


def _bogus(rrsig: Rrsig, code: str, reason: str) -> Judged:
    return Judged(rrsig=rrsig, outcome=Outcome.BOGUS, code=code, reason=reason)


def _described(rrsig: Rrsig) -> str:
    return f"the signature with tag {rrsig.key_tag}, algorithm {rrsig.algorithm}"
