"""The zone as a whole: what its pieces together show, the chains of denial and of trust, and the report on it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from attestations.predicates.zone_validation import Denial, ZoneFinding
from attestations.times import Instant
from attestations.zone.findings import Findings, collect, finding, merge
from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Unflat, Zone
from attestations.zone.validation.algorithms import algorithm_findings
from attestations.zone.validation.anchors import Anchor, chain_findings
from attestations.zone.validation.apex import DNSKEY, NSEC, NSEC3PARAM, Apex, apex_of
from attestations.zone.validation.cds import cds_findings
from attestations.zone.validation.completeness import revocation_findings
from attestations.zone.validation.denial.checking import Question, check_denial, denial_of
from attestations.zone.validation.denial.lookup import Source
from attestations.zone.validation.effort import TooMuchWorkError
from attestations.zone.validation.key_strength import strength_findings
from attestations.zone.validation.lifetimes import Margins, denial_ttl_findings, lifetime_findings
from attestations.zone.validation.nonces import nonce_findings, repeated
from attestations.zone.validation.published import ignored_findings, key_findings
from attestations.zone.validation.report import ZoneReport, report_on
from attestations.zone.validation.signers import signers_of
from attestations.zone.validation.survey import Survey, survey
from attestations.zone.validation.tally import Tally
from attestations.zone.validation.work import Here, LostWorkerError, Pool, Workers, processors
from attestations.zone.validation.zonemd import zonemd_findings

DENIAL_CODES = frozenset({"DENIAL_CHAIN", "DENIAL_BITMAP", "NSEC3_PARAM", "NSEC3_COST"})

_ALONE_BELOW = 1024 * 1024  # bytes; for less, starting processes takes longer than the work


def validate(
    zone: Zone, anchors: tuple[Anchor, ...], at: Instant, *, jobs: int | None = None, workers: Workers | None = None
) -> ZoneReport:
    """Return what is true of `zone` at the moment `at`, given the DS records `anchors`.

    `jobs` processes do it, or `workers` where they are given: a cluster for one.

    Raises InputError (DNS-ZONEFILE): a record that cannot be read, no SOA record. A worker that dies, and again when
    its piece is done once more, leaves the zone unvalidated (VALIDATOR_FAILED), and so does a zone that asks for more
    work than one of its size may (VALIDATOR_WORK).
    """
    try:
        with workers_for(zone, jobs, workers) as chosen:
            return _validated(zone, anchors, at, chosen)
    except Unflat as reason:
        if zone.is_sorted:
            raise RuntimeError(f"our own file is not flat and sorted: {reason}") from reason
    with rewritten(zone) as flat:
        return replace(validate(flat, anchors, at, jobs=jobs, workers=workers), zone=zone)


def workers_for(zone: Zone, jobs: int | None, workers: Workers | None = None) -> AbstractContextManager[Workers]:
    """Return who works on the pieces of a zone: those given, or so many processes; for a small one this one alone."""
    if zone.size < _ALONE_BELOW:
        return nullcontext(Here())
    if workers is not None:
        return nullcontext(workers)
    count = processors() if jobs is None else jobs
    return nullcontext(Here()) if count == 1 else Pool(count)


def is_signed(apex: Apex, tally: Tally) -> bool:
    """Return whether the zone has anything to check: a key or a signature."""
    return DNSKEY in apex.rrsets or tally.by_type.total() > 0


def unsigned_findings(apex: Apex, tally: Tally, anchors: tuple[Anchor, ...]) -> Iterator[ZoneFinding]:
    """Yield what is wrong with a zone without keys and signatures: nothing was checked, and a DS makes it fatal."""
    if anchors:
        yield finding("UNSIGNED_WITH_DS", "error", apex.name, None, "no key and no signature in the zone, but a DS")
    yield finding("NOTHING_CHECKED", "warning", apex.name, None, "no key and no signature in the zone")
    yield from common_findings(apex, tally, anchors)


def common_findings(apex: Apex, tally: Tally, anchors: tuple[Anchor, ...]) -> Iterator[ZoneFinding]:
    """Yield what is true of any zone that was read, signed or not, whichever engine judges it."""
    if not anchors:
        yield finding("NO_TRUST_ANCHOR", "warning", apex.name, None, "no DS or trust anchor was given")
    for owner in tally.outside:
        yield finding("OUT_OF_ZONE", "warning", owner, None, "records outside the zone were ignored")


def horizon_findings(apex: Apex, tally: Tally) -> Iterator[ZoneFinding]:
    """Yield how the lives of the signatures fit the TTLs and the SOA's timers."""
    margins = Margins(
        min_remaining=tally.min_remaining,
        max_ttl=tally.max_ttl,
        soa_expire=apex.expire,
        longest_life=tally.longest_life,
    )
    yield from lifetime_findings(apex.name, margins)
    yield from denial_ttl_findings(apex.name, apex.soa_ttl, apex.minimum, tally.denial_ttls)


def _validated(zone: Zone, anchors: tuple[Anchor, ...], at: Instant, workers: Workers) -> ZoneReport:
    apex = apex_of(zone)
    try:
        with survey(zone, apex, int(at.timestamp()), workers) as done:
            if is_signed(apex, done.tally):
                return _signed(zone, apex, anchors, at, done, workers)
            return _unsigned(zone, apex, anchors, at, done)
    except LostWorkerError as lost:
        found = finding("VALIDATOR_FAILED", "warning", zone.name, None, str(lost))
    except TooMuchWorkError as reason:
        found = finding("VALIDATOR_WORK", "warning", zone.name, None, str(reason))
    return report_on(zone, apex, anchors, at, Tally(findings=collect([found])), Denial(kind="none", chain_ok=False))


def _signed(
    zone: Zone, apex: Apex, anchors: tuple[Anchor, ...], at: Instant, done: Survey, workers: Workers
) -> ZoneReport:
    denial = _denial(zone, apex, done, workers)
    broken = any(code in DENIAL_CODES and severity == "error" for code, severity in denial.totals)
    broken = broken or any(code in DENIAL_CODES for code, severity in done.tally.findings.totals if severity == "error")
    described = denial_of(done.gathered, apex.rdatas(NSEC3PARAM), opt_out=done.tally.opt_out, chain_ok=not broken)
    findings = merge(
        (
            collect(apex_findings(apex, anchors, at)),
            done.tally.findings,
            denial,
            collect(_zone_findings(zone, apex, anchors, at, done)),
        )
    )
    return report_on(zone, apex, anchors, at, replace(done.tally, findings=findings), described)


def _unsigned(zone: Zone, apex: Apex, anchors: tuple[Anchor, ...], at: Instant, done: Survey) -> ZoneReport:
    findings = collect((*unsigned_findings(apex, done.tally, anchors), *zonemd_findings(apex, zone)))
    described = denial_of(done.gathered, apex.rdatas(NSEC3PARAM), opt_out=done.tally.opt_out, chain_ok=False)
    return report_on(zone, apex, anchors, at, replace(done.tally, checked=0, findings=findings), described)


def _denial(zone: Zone, apex: Apex, done: Survey, workers: Workers) -> Findings:
    terms = done.terms
    question = Question(
        zone=zone,
        source=Source(apex=zone.wire, chains=terms.chains, bits=terms.bits, allowed=terms.allowed, secret=terms.secret),
        effort=done.tally.effort,
        spans=done.spans,
        nsec3params=apex.rdatas(NSEC3PARAM),
        has_nsec=bool(apex.rdatas(NSEC)),
        hashes_insecure=terms.hashes_insecure,
    )
    return check_denial(done.gathered, question, workers.run)


def apex_findings(apex: Apex, anchors: tuple[Anchor, ...], at: Instant) -> Iterator[ZoneFinding]:
    """Yield what the keys, and what ties them to the parent, show by themselves."""
    yield from chain_findings(anchors, apex.name, apex.keys, signers_of(apex, DNSKEY, at))
    yield from ignored_findings(apex.name, apex.rdatas(DNSKEY))
    yield from key_findings(apex.name, apex.keys)
    yield from strength_findings(apex.name, apex.keys.keys)
    yield from algorithm_findings(apex.name, apex.keys)
    yield from cds_findings(apex, anchors, at)


def _zone_findings(
    zone: Zone, apex: Apex, anchors: tuple[Anchor, ...], at: Instant, done: Survey
) -> Iterator[ZoneFinding]:
    suspects = frozenset(entry for number in done.nonces.numbers() for entry in repeated(done.nonces.bucket(number)))
    yield from nonce_findings(zone, apex.keys, suspects)
    yield from zonemd_findings(apex, zone)
    yield from revocation_findings(apex, int(at.timestamp()))
    yield from horizon_findings(apex, done.tally)
    yield from common_findings(apex, done.tally, anchors)
