"""Judges what was gathered from all pieces: parameters, chains, bitmaps; names hashes where a finding needs a name."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from attestations.predicates.zone_validation import Denial, Severity, ZoneFinding
from attestations.zone.findings import Findings, collect, finding, merge
from attestations.zone.reading.flat import Unflat, Zone
from attestations.zone.reading.names import order, text_name
from attestations.zone.reading.rdata import bitmap_wire
from attestations.zone.validation.carrying import Piece
from attestations.zone.validation.denial.announcement import announcement_findings
from attestations.zone.validation.denial.bitmap import NS, bitmap_fault, bitmap_types
from attestations.zone.validation.denial.entries import NAME, bitmap_digest, name_key
from attestations.zone.validation.denial.gathering import Gathered
from attestations.zone.validation.denial.lookup import (
    Source,
    above_insecure_names,
    insecure_names,
    names_by_hash,
    names_by_key,
    nsec_records_to,
    occluding_names,
)
from attestations.zone.validation.denial.nsec import (
    Ring,
    check_ring,
    join_rings,
    misled_findings,
    unreached_finding,
)
from attestations.zone.validation.denial.nsec3 import Bucket, ChainReport, Fault, Kind, check_bucket, join
from attestations.zone.validation.denial.parameters import MAX_CHAINS, announced, hashed_owner
from attestations.zone.validation.effort import HASHING, insist_on_bounded

T = TypeVar("T")
R = TypeVar("R")

_CHAIN_MESSAGES: Mapping[Kind, str] = {
    "missing": "no NSEC3 record has this name's hash",
    "surplus": "an NSEC3 record for a name that does not exist",
    "broken": "the NSEC3 record does not point to the next hash: the chain is not closed here",
    "twice": "two NSEC3 records of one chain at one name",
    "flags": "the NSEC3 record has unknown flags: validators ignore it (RFC 5155, 8.2)",
}
_AT_NAMES = frozenset({"missing", "bitmap"})


class Run(Protocol):
    """Applies a function to many items, here or in other processes; results come in any order."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T]) -> Iterable[R]:
        """Yield the results."""
        ...


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of the gathered entries."""

    zone: Zone
    source: Source
    spans: Sequence[tuple[int, int]]
    """offset and size of all its pieces"""
    nsec3params: tuple[bytes, ...]
    """RDATA of the apex NSEC3PARAM records"""
    has_nsec: bool
    """an NSEC chain is expected: there is a record at the apex"""
    hashes_insecure: bool
    """insecure delegations are among the names already"""
    effort: Mapping[str, int]
    """units of work that the pass over the zone took"""

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces, for one more pass."""
        return (Piece(self.zone, offset, size) for offset, size in self.spans)


def check_denial(gathered: Gathered, question: Question, run: Run) -> Findings:
    """Return what is wrong with the denial of existence as a whole; `gathered` may grow by insecure delegations.

    Raises OSError if a temporary file cannot be written or read, TooMuchWorkError, and Unflat where only a sorted file
    tells.
    """
    parts = [collect(_kind_findings(gathered, question))]
    if question.nsec3params or gathered.parameters:
        apex = question.zone.name
        found = announcement_findings(apex, question.nsec3params, gathered.parameters, has_nsec=question.has_nsec)
        parts.append(collect(found))
        reports = _chain_reports(gathered, question, run)
        if not question.zone.is_sorted and any(report.faults.totals["twice"] for report in reports):
            raise Unflat(0, "two NSEC3 records at one hash, which may be one record twice")
        parts.append(_chain_findings(gathered, question, reports, run))
    if question.has_nsec:
        parts.append(_ring_findings(gathered, question, run))
    return merge(parts)


def denial_of(gathered: Gathered, nsec3params: tuple[bytes, ...], *, opt_out: bool, chain_ok: bool) -> Denial:
    """Return the description of the zone's denial."""
    if nsec3params:
        first = min(announced(nsec3params), key=str)
        salt = first.salt.hex()
        return Denial(kind="nsec3", iterations=first.iterations, salt=salt, opt_out=opt_out, chain_ok=chain_ok)
    return Denial(kind="nsec" if gathered.has_nsec else "none", chain_ok=chain_ok)


def _kind_findings(gathered: Gathered, question: Question) -> Iterator[ZoneFinding]:
    apex = question.zone.name
    if not gathered.has_nsec and not gathered.parameters:
        yield finding("DENIAL_CHAIN", "error", apex, None, "the zone has neither NSEC nor NSEC3 records")
    if gathered.has_nsec and not question.has_nsec:
        yield finding("DENIAL_CHAIN", "error", apex, "NSEC", "NSEC records in the zone, but none at the apex")


def _chain_reports(gathered: Gathered, question: Question, run: Run) -> tuple[ChainReport, ...]:
    """Check every chain; hash the insecure delegations too where a chain turns out not to opt all of them out."""
    if len(gathered.parameters) > MAX_CHAINS:
        return ()
    source = question.source
    reports = tuple(_check(gathered, index, run) for index in range(len(source.chains)))
    if question.hashes_insecure or not any(map(_needs_insecure, reports)):
        return reports
    asked: frozenset[bytes] = frozenset().union(*run(partial(above_insecure_names, source), question.pieces()))
    hiding: frozenset[bytes] = frozenset().union(*run(partial(occluding_names, source, asked), question.pieces()))
    effort = Counter(question.effort)
    for entries in run(partial(insecure_names, source, hiding), question.pieces()):
        effort[HASHING] += source.effort_of_name * (sum(map(len, entries[0].values())) // NAME.size)
        insist_on_bounded(effort, source.allowed)
        for spool, buckets in zip(gathered.names, entries, strict=True):
            spool.add(buckets)
    return tuple(_check(gathered, index, run) for index in range(len(source.chains)))


def _check(gathered: Gathered, index: int, run: Run) -> ChainReport:
    names, links = gathered.names[index], gathered.links[index]
    if not links.numbers():  # no record of the chain: announcement_findings says so
        return join(())
    numbers = sorted({*names.numbers(), *links.numbers()})
    buckets = (Bucket(number=number, names=names.bucket(number), links=links.bucket(number)) for number in numbers)
    return join(run(check_bucket, buckets))


def _needs_insecure(report: ChainReport) -> bool:
    """A record without opt-out may be the one that must not skip them; a surplus one may be theirs (RFC 5155, 7.1)."""
    return report.opted_out < report.records or report.faults.totals["surplus"] > 0


def _chain_findings(gathered: Gathered, question: Question, reports: Iterable[ChainReport], run: Run) -> Findings:
    kept = [fault for report in reports for fault in report.faults.kept]
    wanted = frozenset(fault.hashed for fault in kept if fault.kind in _AT_NAMES)
    names = _looked_up(partial(names_by_hash, question.source, wanted), wanted, question, run)
    totals: Counter[tuple[str, Severity]] = Counter()
    for report in reports:
        for kind, count in report.faults.totals.items():
            totals[_code(kind), "error"] += count
    findings = collect(_chain_finding(fault, names, gathered, question) for fault in kept)
    return Findings(kept=findings.kept, totals=totals)


def _chain_finding(fault: Fault, names: Mapping[bytes, bytes], gathered: Gathered, question: Question) -> ZoneFinding:
    if fault.kind in _AT_NAMES and fault.hashed in names:
        owner = text_name(names[fault.hashed])
    else:
        owner = hashed_owner(fault.hashed, question.zone.name)
    message = _CHAIN_MESSAGES.get(fault.kind) or _bitmap_message(fault, gathered, question.source)
    return finding(_code(fault.kind), "error", owner, "NSEC3", message)


def _bitmap_message(fault: Fault, gathered: Gathered, source: Source) -> str:
    known = {bitmap_digest(wire, source.secret): wire for wire in (b"", bitmap_wire({NS}))} | gathered.bitmaps
    if fault.shown not in known or fault.wanted not in known:
        return "the NSEC3 bitmap differs from the types at the name"
    return f"the NSEC3 bitmap {bitmap_fault(known[fault.shown], bitmap_types(known[fault.wanted]))}"


def _code(kind: Kind) -> str:
    return "DENIAL_BITMAP" if kind == "bitmap" else "DENIAL_CHAIN"


def _ring_findings(gathered: Gathered, question: Question, run: Run) -> Findings:
    owners, nexts = gathered.nsec_owners, gathered.nsec_nexts
    numbers = sorted({*owners.numbers(), *nexts.numbers()})
    ring = join_rings(run(check_ring, ((owners.bucket(number), nexts.bucket(number)) for number in numbers)))
    if not ring.faults:
        return collect(())
    findings = collect(_faults_in(ring, question, run))
    return Findings(kept=findings.kept, totals=Counter({("DENIAL_CHAIN", "error"): ring.faults}))


def _faults_in(ring: Ring, question: Question, run: Run) -> Iterator[ZoneFinding]:
    source = question.source
    wanted = frozenset(ring.unreached)
    names = _looked_up(partial(names_by_key, source, wanted), wanted, question, run)
    yield from map(unreached_finding, sorted(names.values(), key=order))
    misled = frozenset((*ring.nowhere, *ring.shared))
    parts = run(partial(nsec_records_to, source, misled), question.pieces()) if misled else ()
    records = [record for part in parts for record in part]
    yield from misled_findings(records, lambda following: name_key(following, source.secret) in ring.shared)


def _looked_up(
    look: Callable[[Piece], Mapping[bytes, bytes]], wanted: Collection[bytes], question: Question, run: Run
) -> dict[bytes, bytes]:
    """Return what `look` finds in any piece; nothing is read if nothing is wanted."""
    found: dict[bytes, bytes] = {}
    for part in run(look, question.pieces()) if wanted else ():
        found.update(part)
    return found
