"""Counts over judged signatures: what the predicate states."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dns.rdatatype import RdataType

from attestations.predicates.zone_validation import Counts, Coverage, KeyUse
from attestations.zone.model import ZoneVersion
from attestations.zone.published import KeySet
from attestations.zone.report import TagUse
from attestations.zone.signatures import Judged, JudgedRRset, Outcome

_VERIFIED = frozenset({Outcome.OK, Outcome.EXPIRED, Outcome.NOT_YET})


def coverage_of(judged: Sequence[JudgedRRset]) -> Coverage:
    """Return how many RRsets must be signed, and for how many the check came to a result."""
    population = [one for one in judged if one.must_be_signed]
    return Coverage(mode="full", population=len(population), checked=sum(one.is_checked for one in population))


def counts_of(judged: Sequence[JudgedRRset]) -> Counts:
    """Return all RRSIGs by outcome; RRSIGs that could not be judged are in the total alone."""
    outcomes = Counter(one.outcome for one in _signatures(judged))
    return Counts(
        rrsets=sum(one.must_be_signed for one in judged),
        rrsigs=sum(outcomes.values()),
        ok=outcomes[Outcome.OK],
        bogus=outcomes[Outcome.BOGUS],
        no_key=outcomes[Outcome.NO_KEY],
        expired=outcomes[Outcome.EXPIRED],
        not_yet=outcomes[Outcome.NOT_YET],
        missing=sum(one.must_be_signed and not one.signatures for one in judged),
    )


def by_type_of(zone: ZoneVersion) -> dict[str, int]:
    """Return the number of RRSIGs by the type they cover."""
    totals: Counter[str] = Counter()
    for rrset in zone.rrsets:
        if rrset.signatures:
            totals[RdataType.to_text(rrset.rtype)] += len(rrset.signatures)
    return dict(sorted(totals.items()))


def by_key_of(keys: KeySet, verified: Counter[str]) -> tuple[KeyUse, ...]:
    """Return the published keys with the signatures that each verifies, given by fingerprint."""
    return tuple(
        KeyUse(
            fingerprint=key.fingerprint,
            tag=key.tag,
            algorithm=key.algorithm,
            flags=key.flags,
            verified=verified[key.fingerprint],
        )
        for key in keys.keys
    )


def verified_by_key(judged: Sequence[JudgedRRset]) -> Counter[str]:
    """Return the number of good signatures by fingerprint of the key that verifies them."""
    return Counter(
        one.key.fingerprint for one in _signatures(judged) if one.key is not None and one.outcome is Outcome.OK
    )


def by_tag_of(keys: KeySet, judged: Sequence[JudgedRRset]) -> tuple[TagUse, ...]:
    """Return, for each tag and algorithm that signs, how many keys are published and how many signatures verify."""
    verified: Counter[tuple[int, int]] = Counter()
    failed: Counter[tuple[int, int]] = Counter()
    for one in _signatures(judged):
        sums = verified if one.key is not None else failed
        sums[one.rrsig.key_tag, int(one.rrsig.algorithm)] += 1
    return tuple(
        TagUse(
            tag=tag,
            algorithm=algorithm,
            published=len(keys.candidates(tag, algorithm)),
            verified=verified[tag, algorithm],
            not_verified=failed[tag, algorithm],
        )
        for tag, algorithm in sorted(verified.keys() | failed.keys())
    )


def min_remaining_of(judged: Sequence[JudgedRRset]) -> int:
    """Return the seconds until the first RRset is without a signature that verifies; 0 if none verifies."""
    lives = (
        [signature.remaining for signature in one.signatures if signature.outcome in _VERIFIED]
        for one in judged
        if one.must_be_signed
    )
    return min((max(life) for life in lives if life), default=0)


def max_ttl_of(zone: ZoneVersion) -> int:
    """Return the longest TTL of a record in the zone."""
    return max((ttl for rrset in zone.rrsets for ttl in rrset.ttls), default=0)


def _signatures(judged: Sequence[JudgedRRset]) -> Iterable[Judged]:
    return (signature for one in judged for signature in one.signatures)
