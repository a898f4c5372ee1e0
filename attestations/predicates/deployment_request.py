"""deployment-request: the request as a statement, for those who sign what they ask."""

from attestations.predicates.common import Component, EnvironmentReference, predicate_type
from attestations.records import Hex, JsonRecord, Name, Sha256
from attestations.times import Instant

TYPE = predicate_type("deployment-request")


class DeploymentRequestPredicate(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the release."""

    request_digest: Sha256
    id: Name
    created: Instant
    requester: Name
    environment: EnvironmentReference
    stage: Name
    change: Name
    release: Name
    version: Name
    components: tuple[Component, ...]
    nonce: Hex
