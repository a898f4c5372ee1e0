"""Validates one version of a zone at one moment: every signature, every RRset, the denial chain, the trust chain."""

from collections.abc import Iterator, Sequence

from dns.rdatatype import RdataType

from attestations.predicates.zone_validation import Coverage, ZoneFinding
from attestations.times import Instant
from attestations.zone.anchors import Anchor, chain_findings
from attestations.zone.authority import Authority, authority_of
from attestations.zone.completeness import completeness_findings, horizon_findings, revocation_findings
from attestations.zone.counting import (
    by_key_of,
    by_tag_of,
    by_type_of,
    counts_of,
    coverage_of,
    max_ttl_of,
    min_remaining_of,
    verified_by_key,
)
from attestations.zone.denial import denial_findings, denial_of
from attestations.zone.findings import collect, finding
from attestations.zone.model import ZoneVersion
from attestations.zone.published import KeySet, key_findings, published_keys
from attestations.zone.report import ZoneReport
from attestations.zone.signatures import JudgedRRset, judge, signature_findings

DENIAL_CODES = frozenset({"DENIAL_CHAIN", "DENIAL_BITMAP", "NSEC3_PARAM", "NSEC3_COST"})


def validate(zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
    """Return what is true of `zone` at the moment `at`, given the DS records `anchors`."""
    authority, keys = authority_of(zone), published_keys(zone)
    judged = tuple(
        judge(rrset, must_be_signed=authority.must_be_signed(rrset), keys=keys, apex=zone.name, at=at)
        for rrset in zone.rrsets
    )
    signed = is_signed(zone)
    every = _findings(zone, anchors, authority, keys, judged) if signed else unsigned_findings(zone, anchors)
    findings = collect(every)
    coverage = coverage_of(judged)
    denial_broken = any(code in DENIAL_CODES and severity == "error" for code, severity in findings.totals)
    return ZoneReport(
        zone=zone,
        at=at,
        anchors=anchors,
        coverage=coverage if signed else Coverage(mode="full", population=coverage.population, checked=0),
        counts=counts_of(judged),
        by_type=by_type_of(zone),
        by_key=by_key_of(keys, verified_by_key(judged)),
        by_tag=by_tag_of(keys, judged),
        min_remaining_seconds=min_remaining_of(judged),
        max_ttl=max_ttl_of(zone),
        denial=denial_of(zone, chain_ok=signed and not denial_broken),
        findings=findings,
    )


def is_signed(zone: ZoneVersion) -> bool:
    """Return whether the zone has anything to check: a key or a signature."""
    return any(rrset.signatures or rrset.rtype == RdataType.DNSKEY for rrset in zone.rrsets)


def unsigned_findings(zone: ZoneVersion, anchors: tuple[Anchor, ...]) -> Iterator[ZoneFinding]:
    """Yield what is wrong with a zone without keys and signatures: nothing was checked, and a DS makes it fatal."""
    if anchors:
        yield finding("UNSIGNED_WITH_DS", "error", zone.name, None, "no key and no signature in the zone, but a DS")
    yield finding("NOTHING_CHECKED", "warning", zone.name, None, "no key and no signature in the zone")
    yield from common_findings(zone, anchors)


def common_findings(zone: ZoneVersion, anchors: tuple[Anchor, ...]) -> Iterator[ZoneFinding]:
    """Yield what is true of any zone that was read, signed or not, whichever engine judges it."""
    if not anchors:
        yield finding("NO_TRUST_ANCHOR", "warning", zone.name, None, "no DS or trust anchor was given")
    for owner in zone.outside:
        yield finding("OUT_OF_ZONE", "warning", owner, None, "records outside the zone were ignored")


def _findings(
    zone: ZoneVersion,
    anchors: tuple[Anchor, ...],
    authority: Authority,
    keys: KeySet,
    judged: Sequence[JudgedRRset],
) -> Iterator[ZoneFinding]:
    apex_keys = next((one for one in judged if _is_apex_dnskey(one, zone)), None)
    yield from chain_findings(anchors, zone.name, keys, apex_keys)
    yield from key_findings(zone, keys)
    for one in judged:
        yield from signature_findings(one, keys.algorithms)
        yield from completeness_findings(one, keys.algorithms)
    yield from denial_findings(zone, authority)
    yield from revocation_findings(zone.name, keys, apex_keys)
    yield from horizon_findings(zone.name, min_remaining_of(judged), max_ttl_of(zone))
    yield from common_findings(zone, anchors)


def _is_apex_dnskey(one: JudgedRRset, zone: ZoneVersion) -> bool:
    return one.rrset.owner == zone.name and one.rrset.rtype == RdataType.DNSKEY
