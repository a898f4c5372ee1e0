"""halt: approvals for this environment are not valid from now on."""

from attestations.predicates.common import EnvironmentReference, predicate_type
from attestations.records import JsonRecord, Name, Text, ZoneName
from attestations.times import Instant

TYPE = predicate_type("halt")


class Halt(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: the environment document."""

    id: Name
    environment: EnvironmentReference
    zones: tuple[ZoneName, ...]
    reason: Text
    findings: tuple[Text, ...] = ()
    effective_on: Instant
    exit_conditions: tuple[Text, ...]
