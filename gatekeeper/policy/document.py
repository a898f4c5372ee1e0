"""The policy document: who owns it, what it applies to, what must hold, and its own tests."""

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from attestations.records import Count, Name, Record, Text
from attestations.times import Duration, Instant
from gatekeeper.documents import Header
from gatekeeper.request import Change

R = TypeVar("R")

RequirementId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*(?!\n)$", max_length=64)]
ParameterName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*(?!\n)$", max_length=64)]
People = Annotated[dict[Name, Annotated[int, Meta(ge=1, le=16)]], Meta(min_length=1)]
"""how many distinct people of each role"""


class Requirement(Record, frozen=True, kw_only=True, tag_field="kind"):
    """What every requirement has, whatever its kind."""

    id: RequirementId
    title: Text
    controls: tuple[Name, ...] = ()
    """clauses of a practice statement or standard that this requirement enforces"""
    waivable: bool = True


class EvidenceRequirement(Requirement, frozen=True, kw_only=True):
    """A requirement that rests on attestations by named parties. An empty list of parties is refused (S05)."""

    parties: Annotated[tuple[Name, ...], Meta(min_length=1)] = msgspec.field(name="from")


class AppliesTo(Record, frozen=True, kw_only=True):
    """Which requests this policy judges; any other is refused as wrong usage."""

    changes: Annotated[tuple[Change, ...], Meta(min_length=1)]
    stages: Annotated[tuple[Name, ...], Meta(min_length=1)]


class Parameter(Record, frozen=True, kw_only=True):
    """A value with a name, used as `parameters.NAME` and bound in expressions."""

    type: Literal["duration", "integer", "string", "boolean"]
    default: bool | int | str
    description: str = ""


class WaiverRules(Record, frozen=True, kw_only=True):
    """Who may waive, and for how long. Without this part nothing can be waived."""

    approvers: People
    max_life: Duration


class ApprovalRules(Record, frozen=True, kw_only=True):
    """How long an approval made under this policy is valid."""

    valid_for: Duration


class PolicyMetadata(Record, frozen=True, kw_only=True):
    """Which policy this is, whose, and how long it may be used."""

    name: Name
    version: Count
    expires: Instant
    owners: Annotated[tuple[Name, ...], Meta(min_length=1)]


class Expectation(Record, frozen=True, kw_only=True):
    """What a test case of the policy must end in, and which requirements must be the reason."""

    decision: Literal["approve", "deny", "inconclusive", "frozen"]
    by: tuple[RequirementId, ...] = ()


class PolicyTest(Record, frozen=True, kw_only=True):
    """One case beside the policy."""

    name: Name
    case: Name
    expect: Expectation


class PolicySpec(Record, Generic[R], frozen=True, kw_only=True):
    """What must hold. A policy without requirements is refused (threat S01)."""

    applies_to: AppliesTo
    parameters: dict[ParameterName, Parameter] = {}
    requirements: Annotated[tuple[R, ...], Meta(min_length=1, max_length=64)]
    waivers: WaiverRules | None = None
    approval: ApprovalRules


class PolicyDocument(Header, Generic[R], frozen=True, kw_only=True):
    """The document of kind Policy."""

    kind: Literal["Policy"]
    metadata: PolicyMetadata
    spec: PolicySpec[R]
    tests: tuple[PolicyTest, ...] = ()
