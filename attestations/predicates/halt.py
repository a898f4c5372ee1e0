"""halt: approvals for this environment are not valid from now on, until the halt is ended by at least two signers."""

from typing import Literal

from attestations.predicates.common import EnvironmentReference, predicate_type
from attestations.records import JsonRecord, Name, Text, ZoneName
from attestations.times import Instant

TYPE = predicate_type("halt")


class Halt(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: the environment document."""

    id: Name
    state: Literal["halted", "ended"] = "halted"
    """`ended` ends the halt of the same id, where at least two distinct keys or people say so (threat D10)"""
    environment: EnvironmentReference
    zones: tuple[ZoneName, ...]
    reason: Text
    findings: tuple[Text, ...] = ()
    effective_on: Instant
    exit_conditions: tuple[Text, ...]
