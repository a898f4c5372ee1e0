"""What one engine found in one version of a zone, before anybody signs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from attestations.predicates.zone_validation import Counts, Coverage, Denial, KeyUse, TagUse, Verdict
from attestations.times import Instant
from attestations.zone.findings import Findings
from attestations.zone.reading.flat import Zone
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.tally import Tally


@dataclass(frozen=True, kw_only=True)
class ZoneReport:
    """The result of a validation."""

    zone: Zone = field(repr=False)
    at: Instant
    anchors: tuple[Anchor, ...]
    coverage: Coverage
    counts: Counts
    by_type: Mapping[str, int]
    by_key: tuple[KeyUse, ...]
    by_tag: tuple[TagUse, ...]
    """empty where the engine does not say which key verifies what"""
    min_remaining_seconds: int
    max_ttl: int
    denial: Denial
    findings: Findings
    libraries: tuple[str, ...] = ()
    """those that confirmed signatures beside the engine's own"""

    @property
    def verdict(self) -> Verdict:
        """The verdict that the findings leave."""
        return self.findings.verdict


def report_on(
    zone: Zone,
    apex: Apex,
    anchors: tuple[Anchor, ...],
    at: Instant,
    tally: Tally,
    denial: Denial,
    *,
    coverage: Coverage | None = None,
    by_tag: tuple[TagUse, ...] | None = None,
) -> ZoneReport:
    """Return the report on a zone with these sums; `coverage` and `by_tag` are theirs unless somebody knows better."""
    return ZoneReport(
        zone=zone,
        at=at,
        anchors=anchors,
        coverage=tally.coverage if coverage is None else coverage,
        counts=tally.counts,
        by_type=tally.by_type_text,
        by_key=tally.by_key(apex.keys),
        by_tag=tally.by_tag(apex.keys) if by_tag is None else by_tag,
        min_remaining_seconds=tally.min_remaining,
        max_ttl=tally.max_ttl,
        denial=denial,
        findings=tally.findings,
        libraries=tuple(sorted(tally.libraries)),
    )
