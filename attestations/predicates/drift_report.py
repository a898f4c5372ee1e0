"""drift-report: what was approved against what is live."""

from typing import Literal

from attestations.predicates.common import Common, predicate_type
from attestations.records import JsonRecord, Name, Sha256, Text, ZoneName
from attestations.times import Instant

TYPE = predicate_type("drift-report")


class Difference(JsonRecord, frozen=True, kw_only=True):
    """One thing that is not as approved."""

    item: Name
    intended: Text
    observed: Text
    vantage: Name
    seen_on: Instant
    severity: Literal["error", "warning", "note"]


class DriftReport(Common, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the approved release."""

    zone: ZoneName
    approval_digest: Sha256
    vantages: tuple[Name, ...]
    items_compared: tuple[Name, ...]
    differences: tuple[Difference, ...]
