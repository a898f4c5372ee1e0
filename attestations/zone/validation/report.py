"""What one engine found in one version of a zone, before anybody signs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from attestations.predicates.zone_validation import Counts, Coverage, Denial, KeyUse, TagUse, Verdict
from attestations.times import Instant
from attestations.zone.findings import Findings
from attestations.zone.reading.flat import Zone
from attestations.zone.validation.anchors import Anchor


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

    @property
    def verdict(self) -> Verdict:
        """The verdict that the findings leave."""
        return self.findings.verdict
