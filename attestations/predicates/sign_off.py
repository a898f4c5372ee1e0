"""sign-off: a person's yes or no to exactly one case."""

from typing import Annotated, Literal

from msgspec import Meta

from attestations.predicates.common import EnvironmentReference, predicate_type
from attestations.records import JsonRecord, Name, Sha256
from attestations.times import Instant

TYPE = predicate_type("sign-off")


class SignOff(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the release."""

    case_digest: Sha256
    request_id: Name
    request_digest: Sha256
    environment: EnvironmentReference
    stage: Name
    person: Name
    verdict: Literal["approve", "reject"]
    reason: Annotated[str, Meta(max_length=4096)] = ""
    signed_on: Instant
