"""waiver: one requirement is not asked of one release in one environment, for a while, for a stated reason."""

from attestations.predicates.common import EnvironmentReference, predicate_type
from attestations.records import JsonRecord, Name, Text
from attestations.times import Instant

TYPE = predicate_type("waiver")


class Waiver(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: every component of the one release it is for. Signed by each approver."""

    requirement: Name
    environment: EnvironmentReference
    owner: Name
    reason: Text
    not_before: Instant
    not_after: Instant
