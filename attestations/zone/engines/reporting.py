"""Reports in the name of a tool: our reader goes through the zone and counts, the tool's words judge."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from attestations.predicates.zone_validation import Denial, ZoneFinding
from attestations.times import Instant
from attestations.zone.engines.complaints import Complaints, Verifies
from attestations.zone.findings import collect, finding, merge
from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Unflat, Zone
from attestations.zone.reading.names import RelativeNameError
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import NSEC3PARAM, Apex, apex_of
from attestations.zone.validation.denial.checking import denial_of
from attestations.zone.validation.report import ZoneReport, report_on
from attestations.zone.validation.survey import Survey, survey
from attestations.zone.validation.tally import Tally
from attestations.zone.validation.whole import (
    DENIAL_CODES,
    common_findings,
    horizon_findings,
    is_signed,
    unsigned_findings,
    workers_for,
)
from attestations.zone.validation.work import LostWorkerError

T = TypeVar("T")
Said = Complaints | ZoneFinding | None
"""what a tool said; a finding: why it gave no vote; None: it was not asked, since the zone is not signed"""

_SILENCE = Complaints(apex=b"", refused=True, verifies=Verifies.ONE, blamed={}, explained=False)
"""judges nothing"""


def of_flat(zone: Zone, use: Callable[[Zone], T]) -> T:
    """Return what `use` makes of the zone; of its rewritten form where it turns out not to be flat."""
    try:
        return use(zone)
    except (Unflat, RelativeNameError) as reason:
        if zone.is_sorted:
            raise RuntimeError(f"our own file is not flat and sorted: {reason}") from reason
    with rewritten(zone) as flat:
        return use(flat)


def has_signatures(zone: Zone, apex: Apex, at: Instant, jobs: int | None) -> bool:
    """Return whether any signature is in the zone; raise Unflat, InputError and LostWorkerError as a pass does."""
    with workers_for(zone, jobs) as workers, survey(zone, apex, int(at.timestamp()), workers, _SILENCE) as done:
        return is_signed(apex, done.tally)


def report_of(zone: Zone, anchors: tuple[Anchor, ...], at: Instant, said: Said, jobs: int | None = None) -> ZoneReport:
    """Return the report that a tool's words leave; raise Unflat, and InputError as a pass does."""
    apex = apex_of(zone)
    blame = said if isinstance(said, Complaints) else _SILENCE
    try:
        with workers_for(zone, jobs) as workers, survey(zone, apex, int(at.timestamp()), workers, blame) as done:
            tally = _with_findings(done.tally, apex, anchors, said)
            return report_on(zone, apex, anchors, at, tally, _denial(apex, done, tally), by_tag=())
    except LostWorkerError:
        found = finding("VALIDATOR_FAILED", "warning", zone.name, None, "a worker process died, and again when retried")
        return report_on(
            zone, apex, anchors, at, Tally(findings=collect([found])), Denial(kind="none", chain_ok=False), by_tag=()
        )


def _with_findings(tally: Tally, apex: Apex, anchors: tuple[Anchor, ...], said: Said) -> Tally:
    if isinstance(said, Complaints):
        further = collect(_further(apex, anchors, tally, said))
        return replace(tally, findings=merge((collect(said.others), tally.findings, further)))
    found = unsigned_findings(apex, tally, anchors) if said is None else iter([said])
    return replace(tally, checked=0, findings=collect(found))


def _further(apex: Apex, anchors: tuple[Anchor, ...], tally: Tally, said: Complaints) -> Iterator[ZoneFinding]:
    explained = any(severity == "error" for _, severity in tally.findings.totals)
    if said.refused and not explained and not any(one.severity == "error" for one in said.others):
        message = "the tool refuses the zone without naming an RRset"
        yield finding("VALIDATOR_REFUSED", "error", apex.name, None, message)
    yield from horizon_findings(apex, tally)
    yield from common_findings(apex, tally, anchors)


def _denial(apex: Apex, done: Survey, tally: Tally) -> Denial:
    broken = any(code in DENIAL_CODES and severity == "error" for code, severity in tally.findings.totals)
    chain_ok = tally.checked > 0 and not broken
    return denial_of(done.gathered, apex.rdatas(NSEC3PARAM), opt_out=tally.opt_out, chain_ok=chain_ok)
