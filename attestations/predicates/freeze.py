"""freeze: no approval for these kinds of change in this environment until the exit conditions are met (R17)."""

from typing import Annotated

from msgspec import Meta

from attestations.predicates.common import EnvironmentReference, predicate_type
from attestations.records import JsonRecord, Name, Text
from attestations.times import Instant

TYPE = predicate_type("freeze")


class Freeze(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: the environment document. An empty `changes` freezes nothing and is refused."""

    id: Name
    environment: EnvironmentReference
    changes: Annotated[tuple[Name, ...], Meta(min_length=1)]
    reason: Text
    exit_conditions: tuple[Text, ...]
    not_before: Instant
    not_after: Instant
