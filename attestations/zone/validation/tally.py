"""What a pass over a zone counts and finds, in one piece and in all of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from attestations.predicates.zone_validation import Counts, Coverage, KeyUse, TagUse, ZoneFinding
from attestations.zone.findings import Findings, collect, merge
from attestations.zone.reading.types import TYPES, type_text
from attestations.zone.validation.published import KeySet
from attestations.zone.validation.signatures import JudgedRRset, Outcome, serial_difference

OUTSIDE_SHOWN = 5
DENIAL = frozenset({TYPES[b"NSEC"], TYPES[b"NSEC3"]})

_VERIFIED = frozenset({Outcome.OK, Outcome.EXPIRED, Outcome.NOT_YET})


@dataclass(kw_only=True)
class Tally:
    """Sums over RRsets and signatures."""

    records: int = 0
    """lines with a record, of owners within the zone or not"""
    population: int = 0
    """RRsets that must be signed"""
    checked: int = 0
    """those for which the check came to a result"""
    missing: int = 0
    """those without any signature"""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    by_type: Counter[int] = field(default_factory=Counter)
    """RRSIGs by the type they cover"""
    verified_by_key: Counter[str] = field(default_factory=Counter)
    """good signatures by fingerprint of the key"""
    verified_by_tag: Counter[tuple[int, int]] = field(default_factory=Counter)
    """signatures that a published key verifies, at the right time or not, by tag and algorithm"""
    failed_by_tag: Counter[tuple[int, int]] = field(default_factory=Counter)
    remaining: int | None = None
    """seconds until the first RRset is without a signature that verifies; None if none verifies"""
    longest_life: int = 0
    """seconds from inception to expiration"""
    max_ttl: int = 0
    denial_ttls: set[int] = field(default_factory=set)
    """of NSEC and NSEC3 records"""
    opt_out: bool = False
    """an NSEC3 record has the opt-out flag"""
    effort: Counter[str] = field(default_factory=Counter)
    """units of work by what asked for them (see effort.py)"""
    libraries: set[str] = field(default_factory=set)
    """those that confirmed signatures beside OpenSSL"""
    outside: dict[str, None] = field(default_factory=dict)
    """the first owners outside the zone"""
    findings: Findings = field(default_factory=lambda: collect(()))

    def add_judged(self, one: JudgedRRset) -> None:
        """Count one RRset with its judged signatures."""
        self.population += one.must_be_signed
        self.checked += one.must_be_signed and one.is_checked
        self.missing += one.must_be_signed and not one.signatures
        self.by_type[one.rrset.rtype] += len(one.signatures)
        for signature in one.signatures:
            rrsig, key = signature.rrsig, signature.key
            self.outcomes[signature.outcome] += 1
            sums = self.verified_by_tag if key is not None else self.failed_by_tag
            sums[rrsig.key_tag, rrsig.algorithm] += 1
            if key is not None and signature.outcome is Outcome.OK:
                self.verified_by_key[key.fingerprint] += 1
            self.longest_life = max(self.longest_life, serial_difference(rrsig.expiration, rrsig.inception))
        if one.rrset.rtype in DENIAL and one.signatures:
            self.denial_ttls.update(one.rrset.ttls)
        lives = [signature.remaining for signature in one.signatures if signature.outcome in _VERIFIED]
        if one.must_be_signed and lives:
            self.note_remaining(max(lives))

    def add(self, other: "Tally") -> None:
        """Add the sums of another part, and its findings after those that are there."""
        self.records += other.records
        self.population += other.population
        self.checked += other.checked
        self.missing += other.missing
        self.outcomes.update(other.outcomes)
        self.by_type.update(other.by_type)
        self.verified_by_key.update(other.verified_by_key)
        self.verified_by_tag.update(other.verified_by_tag)
        self.failed_by_tag.update(other.failed_by_tag)
        if other.remaining is not None:
            self.note_remaining(other.remaining)
        self.longest_life = max(self.longest_life, other.longest_life)
        self.max_ttl = max(self.max_ttl, other.max_ttl)
        self.denial_ttls |= other.denial_ttls
        self.opt_out |= other.opt_out
        self.effort.update(other.effort)
        self.libraries |= other.libraries
        self.outside = dict.fromkeys([*self.outside, *other.outside][:OUTSIDE_SHOWN])
        if other.findings.totals:
            self.findings = merge((self.findings, other.findings))

    def note_remaining(self, seconds: int) -> None:
        """Note how long one RRset still has a signature that verifies."""
        self.remaining = seconds if self.remaining is None else min(self.remaining, seconds)

    def add_findings(self, found: Iterable[ZoneFinding]) -> None:
        """Add findings after those that are there."""
        self.findings = merge((self.findings, collect(found)))

    @property
    def coverage(self) -> Coverage:
        """How many RRsets must be signed, and for how many the check came to a result."""
        return Coverage(mode="full", population=self.population, checked=self.checked)

    @property
    def counts(self) -> Counts:
        """All RRSIGs by outcome; those that could not be judged are in the total alone."""
        return Counts(
            rrsets=self.population,
            rrsigs=sum(self.outcomes.values()),
            ok=self.outcomes[Outcome.OK],
            bogus=self.outcomes[Outcome.BOGUS],
            no_key=self.outcomes[Outcome.NO_KEY],
            expired=self.outcomes[Outcome.EXPIRED],
            not_yet=self.outcomes[Outcome.NOT_YET],
            missing=self.missing,
        )

    @property
    def by_type_text(self) -> dict[str, int]:
        """The number of RRSIGs by mnemonic of the type they cover."""
        return dict(sorted((type_text(rtype), count) for rtype, count in self.by_type.items() if count))

    @property
    def min_remaining(self) -> int:
        """Seconds until the first RRset is without a signature that verifies; 0 if none verifies."""
        return self.remaining or 0

    def by_key(self, keys: KeySet) -> tuple[KeyUse, ...]:
        """Return the published keys with the signatures that each verifies."""
        return tuple(
            KeyUse(
                fingerprint=key.fingerprint,
                tag=key.tag,
                algorithm=key.algorithm,
                flags=key.flags,
                verified=self.verified_by_key[key.fingerprint],
            )
            for key in keys.keys
        )

    def by_tag(self, keys: KeySet) -> tuple[TagUse, ...]:
        """Return, for each tag and algorithm that signs, how many keys are published and how many signatures verify."""
        return tuple(
            TagUse(
                tag=tag,
                algorithm=algorithm,
                published=len(keys.candidates(tag, algorithm)),
                verified=self.verified_by_tag[tag, algorithm],
                not_verified=self.failed_by_tag[tag, algorithm],
            )
            for tag, algorithm in sorted(self.verified_by_tag.keys() | self.failed_by_tag.keys())
        )


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return the sums of all tallies, with their findings in the given order."""
    total = Tally()
    for one in tallies:
        total.add(one)
    return total
