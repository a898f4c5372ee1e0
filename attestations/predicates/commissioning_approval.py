"""commissioning-approval: the one statement that lets a signer start. Only an approving decision makes it."""

from typing import Literal

from attestations.predicates.common import EnvironmentReference, Instance, predicate_type
from attestations.records import JsonRecord, Name, Sha256, Text
from attestations.times import Instant

TYPE = predicate_type("commissioning-approval")


class RequirementOutcome(JsonRecord, frozen=True, kw_only=True):
    """How one requirement of the policy ended, and on which evidence it rests."""

    id: Name
    outcome: Literal["met", "waived"]
    evidence: tuple[Sha256, ...]


class WaiverReference(JsonRecord, frozen=True, kw_only=True):
    """A waiver that this approval leans on. It stays visible to everyone who reads the approval."""

    requirement: Name
    owner: Name
    reason: Text
    approvers: tuple[Name, ...]
    not_after: Instant
    digest: Sha256


class CommissioningApproval(JsonRecord, frozen=True, kw_only=True):
    """The predicate. Subject: the components of the release, name and digest."""

    request_id: Name
    request_digest: Sha256
    environment: EnvironmentReference
    stage: Name
    change: Name
    release: Name
    version: Name
    policy: Instance
    trust: Instance
    requirements: tuple[RequirementOutcome, ...]
    waivers: tuple[WaiverReference, ...]
    evidence: tuple[Sha256, ...]
    """every file that counted and every statement in one"""
    case_digest: Sha256
    decision_digest: Sha256
    issued_on: Instant
    not_after: Instant
    development: bool = False
    """made under a trust root that is marked as a development root; a production host refuses it"""
