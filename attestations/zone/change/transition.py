"""The step from one version of a zone to the next, against what caches still hold of the first (RFC 7583, RFC 6781).

Each version alone can be perfect: .nl 2012, .gov 2013 and .nz 2023 were. Resolvers combine what they fetched at
different times, so every DS, DNSKEY and signature that may be cached must work with every one that is served now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.times import Instant
from attestations.zone.change.proof import Signers
from attestations.zone.change.state import State
from attestations.zone.change.survey import Use
from attestations.zone.findings import finding
from attestations.zone.validation.anchors import Anchor, broken_anchors
from attestations.zone.validation.apex import DNSKEY, Apex
from attestations.zone.validation.published import KeySet, PublishedKey
from attestations.zone.validation.signers import signers_of

DS_TTL = 86400
"""seconds; of the DS RRset at most parents, where nobody says better"""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When what was seen. Times that are not known are taken at their worst."""

    now: Instant
    """when the current version is served first"""
    seen_on: Instant | None = None
    """when the version before was served last; None: until now"""
    ds_ttl: int = DS_TTL
    """of the DS RRset at the parent, in seconds"""
    published_since: Mapping[str, Instant] = field(default_factory=lambda: MappingProxyType({}))
    """key fingerprint -> when the key was first seen in the DNSKEY RRset on all servers, where that is known"""

    def left(self, ttl: int) -> int:
        """Return for how many seconds a cache may still hold what the version before had with this TTL."""
        age = int((self.now - self.seen_on).total_seconds()) if self.seen_on else 0
        return max(ttl - max(age, 0), 0)

    def is_new(self, key: PublishedKey, ttl: int) -> bool:
        """Return whether a key is known to have been published for less than a TTL."""
        since = self.published_since.get(key.fingerprint)
        return since is not None and (self.now - since).total_seconds() < ttl


def transition_findings(previous: State, current: State, clock: Clock) -> Iterator[ZoneFinding]:
    """Yield an error (CACHE_UNSAFE) for each pair of a cached and a served RRset that does not validate.

    A warning where only a resolver fails that insists on every algorithm (RFC 6840, 5.11). What is wrong with one
    version alone is not said here, and nothing is said of two unsigned versions.
    """
    if not current.apex.keys.keys:
        yield from _unsigned_findings(previous, current.apex.name, clock)
    elif not previous.apex.keys.keys:
        yield from _first_signed_findings(previous, current, clock)
    else:
        yield from _chain_findings(previous, current, clock)
        yield from _removed_key_findings(previous, current, clock)
        yield from _new_key_findings(previous, current, clock)
        yield from _algorithm_findings(previous, current, clock)


def _unsigned_findings(previous: State, zone: str, clock: Clock) -> Iterator[ZoneFinding]:
    """The zone went unsigned (Slack, 30 September 2021)."""
    left = clock.left(clock.ds_ttl)
    if previous.apex.keys.keys and left:
        severity: Severity = "error" if previous.anchors else "warning"
        message = f"the zone is unsigned now, and caches may hold its DS for {left} seconds more"
        yield finding("CACHE_UNSAFE", severity, zone, "DNSKEY", message)


def _first_signed_findings(previous: State, current: State, clock: Clock) -> Iterator[ZoneFinding]:
    left = clock.left(previous.survey.max_ttl)
    if current.anchors and left:
        message = f"there is a DS already, and caches may hold records without signatures for {left} seconds more"
        yield finding("CACHE_UNSAFE", "error", current.apex.name, "DNSKEY", message)


def _chain_findings(previous: State, current: State, clock: Clock) -> Iterator[ZoneFinding]:
    """The old DS must lead to the new DNSKEY RRset (.nz, 29 May 2023), and the new DS to the old one."""
    if set(previous.anchors) == set(current.anchors):
        return  # whether that DS set holds now is a question to one version
    if left := clock.left(clock.ds_ttl):
        for anchor, fault in _newly_broken(previous.anchors, previous.apex, current.apex, clock.now):
            message = f"caches may hold the DS {anchor} for {left} seconds more, which {fault} now"
            yield finding("CACHE_UNSAFE", "error", current.apex.name, "DNSKEY", message)
    if left := clock.left(_ttl(previous.apex)):
        for anchor, fault in _newly_broken(current.anchors, current.apex, previous.apex, clock.now):
            message = (
                f"caches may hold the DNSKEY RRset of serial {previous.apex.serial} for {left} seconds more; there "
                f"the DS {anchor}, which is new, {fault}"
            )
            yield finding("CACHE_UNSAFE", "error", current.apex.name, "DNSKEY", message)


def _newly_broken(anchors: tuple[Anchor, ...], own: Apex, other: Apex, now: Instant) -> Iterator[tuple[str, str]]:
    """Yield the anchors that break with the other version's keys though they hold, or may hold, with their own."""
    broken = {anchor for anchor, *_ in broken_anchors(anchors, own.name, own.keys, _signers(own, now))}
    for anchor, severity, fault in broken_anchors(anchors, other.name, other.keys, _signers(other, now)):
        if severity == "error" and anchor not in broken:
            yield f"{str(anchor)[:60]}...", fault


def _signers(apex: Apex, now: Instant) -> frozenset[PublishedKey]:
    return signers_of(apex, DNSKEY, now)


def _removed_key_findings(previous: State, current: State, clock: Clock) -> Iterator[ZoneFinding]:
    """Signatures that caches hold must verify with keys that are served (RFC 7583: Iret)."""
    served = frozenset(current.apex.keys.keys)
    for signers, use in previous.survey.signed_by.items():
        keys = _Made(signers, previous.apex.keys, current.apex.keys)
        left = clock.left(use.ttl)
        if left and keys.are_known and not keys.is_one_in(served):
            message = (
                f"caches may hold signatures of serial {previous.apex.serial} for {left} seconds more (as over "
                f"{use.example}) by {keys}, and no key that made them is published any more"
            )
            yield finding("CACHE_UNSAFE", "error", current.apex.name, "DNSKEY", message)


def _new_key_findings(previous: State, current: State, clock: Clock) -> Iterator[ZoneFinding]:
    """Signatures that are served must verify with keys that caches hold (.nl, 28 October 2012; RFC 7583: Ipub)."""
    ttl = _ttl(previous.apex)
    too_new = {key for key in current.apex.keys.keys if clock.is_new(key, ttl)}
    cached = frozenset((previous if clock.left(ttl) else current).apex.keys.keys) - too_new
    for signers, use in current.survey.signed_by.items():
        keys = _Made(signers, current.apex.keys, previous.apex.keys)
        if keys.are_known and not keys.is_one_in(cached):
            message = (
                f"caches may hold a DNSKEY RRset without {keys}, which alone made signatures that are served now "
                f"(as over {use.example}): publish a key for {ttl} seconds, its RRset's TTL, before it signs"
            )
            yield finding("CACHE_UNSAFE", "error", current.apex.name, "DNSKEY", message)


def _algorithm_findings(previous: State, current: State, clock: Clock) -> Iterator[ZoneFinding]:
    """In a rollover of the algorithm signatures come before keys, and go after them (RFC 6781, 4.1.4)."""
    zone, left = current.apex.name, clock.left(_ttl(previous.apex))
    for algorithm in previous.apex.keys.algorithms if left else ():
        lacking = _lacking(algorithm, current)
        if lacking and not _lacking(algorithm, previous):
            is_in_ds = any(anchor.algorithm == algorithm for anchor in previous.anchors)
            message = (
                f"algorithm {algorithm} does not sign everything any more (as {lacking[0].example}), "
                f"and caches may hold a DNSKEY RRset with it for {left} seconds more"
            )
            yield finding("CACHE_UNSAFE", "error" if is_in_ds else "warning", zone, "DNSKEY", message)
    for algorithm in sorted({*current.apex.keys.algorithms} - {*previous.apex.keys.algorithms}):
        cached = [use for use in _lacking(algorithm, previous) if clock.left(use.ttl)]
        if cached:
            message = (
                f"the first key of algorithm {algorithm} is published, and caches may hold records without a signature "
                f"of it (as {cached[0].example}) for {max(clock.left(use.ttl) for use in cached)} seconds more"
            )
            yield finding("CACHE_UNSAFE", "warning", zone, "DNSKEY", message)


def _lacking(algorithm: int, state: State) -> list[Use]:
    """Return how the RRsets are signed that the algorithm does not sign."""
    return [use for signers, use in state.survey.signed_by.items() if algorithm not in {one for _, one in signers}]


class _Made:
    """The keys that made the signatures of one RRset, as far as either version publishes them."""

    def __init__(self, signers: Signers, own: KeySet, other: KeySet) -> None:
        candidates = (own.candidates(*signer) or other.candidates(*signer) for signer in sorted(signers))
        self._by_signer = [keys for keys in candidates if keys]

    @property
    def are_known(self) -> bool:
        """Whether any of them is published; if none is, one version is wrong by itself."""
        return bool(self._by_signer)

    def is_one_in(self, among: frozenset[PublishedKey]) -> bool:
        """Return whether one of them is among some. Where several have its tag, nobody looked which: all must be."""
        return any(among.issuperset(keys) for keys in self._by_signer)

    def __str__(self) -> str:
        named = [f"the key {key.tag} (algorithm {key.algorithm})" for keys in self._by_signer for key in keys]
        return " and ".join(named[:4])


def _ttl(apex: Apex) -> int:
    return max(apex.rrsets[DNSKEY].ttls)
