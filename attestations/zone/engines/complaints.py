"""From a tool's complaints to a report: the tool says which RRsets fail, our reader counts and says why.

Nothing is verified here. A signature counts as good only if the tool must have verified this very one: it went
through the zone, does not complain about the RRset, and had no other signature to choose. Of several it verified
at least one, so one counts; the rest stays unjudged.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dns.exception import DNSException
from dns.name import Name, from_text
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.predicates.zone_validation import Coverage, ZoneFinding
from attestations.times import Instant
from attestations.zone.anchors import Anchor
from attestations.zone.authority import authority_of
from attestations.zone.completeness import completeness_findings, horizon_findings
from attestations.zone.counting import (
    by_key_of,
    by_type_of,
    counts_of,
    coverage_of,
    max_ttl_of,
    min_remaining_of,
    verified_by_key,
)
from attestations.zone.denial import denial_of
from attestations.zone.findings import collect, finding
from attestations.zone.model import RRset, ZoneVersion
from attestations.zone.published import KeySet, published_keys
from attestations.zone.report import ZoneReport
from attestations.zone.signatures import (
    Judged,
    JudgedRRset,
    Outcome,
    remaining_seconds,
    seconds_since_inception,
    signature_findings,
)
from attestations.zone.validation import DENIAL_CODES, common_findings, is_signed, unsigned_findings

ANY = 0
"""in place of an algorithm: the tool complains about the RRset, whatever the algorithm"""


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """What a tool said that came to a verdict."""

    refused: bool
    blamed: Mapping[tuple[Name, RdataType], frozenset[int]] = field(repr=False)
    """RRsets without a correct signature, with the algorithms that are meant (or ANY)"""
    others: tuple[ZoneFinding, ...] = ()
    """everything else it complains about"""
    explained: bool = True
    """every line of it was understood"""

    def are_complete(self, apex: Name) -> bool:
        """Return whether silence about an RRset means that it was verified: without good keys tools stop early."""
        return not self.refused or (self.explained and (apex, RdataType.DNSKEY) not in self.blamed)


def blame(lines: Iterator[tuple[str, str, int]]) -> dict[tuple[Name, RdataType], frozenset[int]]:
    """Return complaints about (owner, type, algorithm) by RRset; what cannot be parsed is left out."""
    blamed: dict[tuple[Name, RdataType], frozenset[int]] = defaultdict(frozenset)
    for owner, rtype, algorithm in lines:
        try:
            blamed[from_text(owner), RdataType.make(rtype)] |= {algorithm}
        except (DNSException, ValueError):
            continue  # the verdict stands without the name: see VALIDATOR_REFUSED
    return dict(blamed)


def report_of(
    zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant, complaints: Complaints, *, each_algorithm: bool
) -> ZoneReport:
    """Return the report that a tool's complaints leave; `each_algorithm`: it wants a good signature of each one."""
    keys = published_keys(zone)
    judged = _judged(zone, keys, at, complaints, each_algorithm=each_algorithm)
    broken = any(one.code in DENIAL_CODES and one.severity == "error" for one in complaints.others)
    return ZoneReport(
        zone=zone,
        at=at,
        anchors=anchors,
        coverage=coverage_of(judged),
        counts=counts_of(judged),
        by_type=by_type_of(zone),
        by_key=by_key_of(keys, verified_by_key(judged)),
        by_tag=(),
        min_remaining_seconds=min_remaining_of(judged),
        max_ttl=max_ttl_of(zone),
        denial=denial_of(zone, chain_ok=not broken),
        findings=collect(_findings(zone, anchors, keys, judged, complaints)),
    )


def no_vote(zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant, code: str, why: str) -> ZoneReport:
    """Return the report of an engine that did not judge: nothing checked, one finding that says why."""
    return _nothing_checked(zone, anchors, at, iter([finding(code, "warning", zone.name, None, why)]))


def unsigned(zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport | None:
    """Return the report on a zone that has nothing to check, so that no tool need be asked; else None."""
    return None if is_signed(zone) else _nothing_checked(zone, anchors, at, unsigned_findings(zone, anchors))


def _nothing_checked(
    zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant, findings: Iterator[ZoneFinding]
) -> ZoneReport:
    keys, authority = published_keys(zone), authority_of(zone)
    judged = [
        JudgedRRset(rrset=rrset, must_be_signed=authority.must_be_signed(rrset), signatures=_unjudged(rrset))
        for rrset in zone.rrsets
    ]
    population = coverage_of(judged).population
    return ZoneReport(
        zone=zone,
        at=at,
        anchors=anchors,
        coverage=Coverage(mode="full", population=population, checked=0),
        counts=counts_of(judged),
        by_type=by_type_of(zone),
        by_key=by_key_of(keys, verified_by_key([])),
        by_tag=(),
        min_remaining_seconds=0,
        max_ttl=max_ttl_of(zone),
        denial=denial_of(zone, chain_ok=False),
        findings=collect(findings),
    )


def _findings(
    zone: ZoneVersion,
    anchors: tuple[Anchor, ...],
    keys: KeySet,
    judged: tuple[JudgedRRset, ...],
    complaints: Complaints,
) -> Iterator[ZoneFinding]:
    explained = [*complaints.others]
    for one in judged:
        if (one.rrset.owner, one.rrset.rtype) in complaints.blamed:
            explained += signature_findings(one, keys.algorithms)
            explained += completeness_findings(one, keys.algorithms)
    yield from explained
    if complaints.refused and not any(one.severity == "error" for one in explained):
        message = "the tool refuses the zone without naming an RRset"
        yield finding("VALIDATOR_REFUSED", "error", zone.name, None, message)
    yield from horizon_findings(zone.name, min_remaining_of(judged), max_ttl_of(zone))
    yield from common_findings(zone, anchors)


def _judged(
    zone: ZoneVersion, keys: KeySet, at: Instant, complaints: Complaints, *, each_algorithm: bool
) -> tuple[JudgedRRset, ...]:
    authority = authority_of(zone)
    complete = complaints.are_complete(zone.name)
    judged = []
    for rrset in zone.rrsets:
        must = authority.must_be_signed(rrset)
        blamed = complaints.blamed.get((rrset.owner, rrset.rtype), frozenset())
        if must and (blamed or complete):
            signatures = _rrset_signatures(rrset, blamed, keys, at, each_algorithm=each_algorithm)
        else:
            signatures = _unjudged(rrset)
        judged.append(JudgedRRset(rrset=rrset, must_be_signed=must, signatures=signatures))
    return tuple(judged)


def _unjudged(rrset: RRset) -> tuple[Judged, ...]:
    return tuple(Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED) for rrsig in rrset.signatures)


def _rrset_signatures(
    rrset: RRset, blamed: frozenset[int], keys: KeySet, at: Instant, *, each_algorithm: bool
) -> tuple[Judged, ...]:
    """Judge signatures in groups of which the tool verified one: by algorithm, or all together."""
    groups: dict[int, list[RRSIG]] = defaultdict(list)
    for rrsig in rrset.signatures:
        groups[int(rrsig.algorithm) if each_algorithm else ANY].append(rrsig)
    judged: list[Judged] = []
    for group, rrsigs in groups.items():
        if blamed & {group, ANY}:
            judged += (_refused(rrsig, keys, at) for rrsig in rrsigs)
        else:
            judged += _accepted(rrsigs, keys, at)
    return tuple(judged)


def _accepted(rrsigs: list[RRSIG], keys: KeySet, at: Instant) -> Iterator[Judged]:
    """At least one of them is good; which one is known only if there is one. The earliest expiry is stated."""
    remaining = min(remaining_seconds(rrsig, at) for rrsig in rrsigs)
    candidates = keys.candidates(rrsigs[0].key_tag, int(rrsigs[0].algorithm))
    key = candidates[0] if len(rrsigs) == len(candidates) == 1 else None
    yield Judged(rrsig=rrsigs[0], outcome=Outcome.OK, key=key, remaining=remaining)
    for rrsig in rrsigs[1:]:
        yield Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED)


def _refused(rrsig: RRSIG, keys: KeySet, at: Instant) -> Judged:
    """The tool refuses it; what can be seen without verifying says why."""
    if not keys.candidates(rrsig.key_tag, int(rrsig.algorithm)):
        outcome, code, why = Outcome.NO_KEY, "KEY_NOT_PUBLISHED", "and no DNSKEY has its tag and algorithm"
    elif remaining_seconds(rrsig, at) < 0:
        outcome, code, why = Outcome.EXPIRED, "SIG_EXPIRED", "and it has expired"
    elif seconds_since_inception(rrsig, at) < 0:
        outcome, code, why = Outcome.NOT_YET, "SIG_FUTURE", "and it is not valid yet"
    else:
        outcome, code, why = Outcome.BOGUS, "SIG_WRONG_KEY", "though a published key has its tag and algorithm"
    reason = f"is refused by the tool, {why}"
    return Judged(rrsig=rrsig, outcome=outcome, code=code, reason=reason, remaining=remaining_seconds(rrsig, at))
