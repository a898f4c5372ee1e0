"""The decision: a pure function's answer, in one canonical byte form."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from attestations.digest import canonical_digest
from gatekeeper.evidence import Refusal
from gatekeeper.finding import Finding, Outcome, Result

SCHEMA = "https://signer-gatekeeper.github.io/schemas/decision/v1"


class Verdict(StrEnum):
    """What was decided. A process that ends otherwise than with one of these decided nothing."""

    APPROVE = "approve"
    DENY = "deny"
    INCONCLUSIVE = "inconclusive"
    FROZEN = "frozen"

    @property
    def exit_code(self) -> int:
        """The exit code of the table in docs/exit-codes."""
        return {"approve": 0, "deny": 10, "inconclusive": 11, "frozen": 12}[self.value]


@dataclass(frozen=True, kw_only=True)
class Input:
    """A document that had a say: what it calls itself, and the digest of its bytes."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Considered:
    """One piece of evidence that was offered, and what became of it: nothing is silently absent."""

    name: str
    digest: str
    predicate_type: str
    said_by: tuple[str, ...]
    refusal: Refusal | None = None
    statement: str | None = None
    """SHA-256 of the statement in the file; no part of the decision's bytes, which the file's digest fixes"""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Everything that led to a verdict. Made in one place only: gatekeeper/evaluation.py."""

    verdict: Verdict
    request: Input
    environment: Input
    policy: Input
    trust: Input
    stage: str
    change: str
    release: str
    components: tuple[tuple[str, str], ...]
    """name and SHA-256 of each component"""
    requester: str
    results: tuple[Result, ...]
    freezes: tuple[Finding, ...]
    evidence: tuple[Considered, ...]
    case_digest: str
    evaluated_on: str
    development: bool

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Reason codes that stand between this request and an approval, sorted."""
        unsatisfied = (result for result in self.results if result.outcome is not Outcome.WAIVED)
        codes = {code for result in unsatisfied for code in result.codes}
        return tuple(sorted(codes | {finding.code for finding in self.freezes}))

    def to_json(self) -> dict[str, Any]:
        """Return the decision as plain values: the document `decision.json`."""
        return {
            "schema": SCHEMA,
            "decision": self.verdict.value,
            "exitCode": self.verdict.exit_code,
            "reasonCodes": list(self.reason_codes),
            "evaluatedOn": self.evaluated_on,
            "request": {**_input(self.request), "requester": self.requester},
            "environment": _input(self.environment),
            "policy": _input(self.policy),
            "trust": {**_input(self.trust), "development": self.development},
            "stage": self.stage,
            "change": self.change,
            "release": self.release,
            "components": [{"name": name, "digest": digest} for name, digest in self.components],
            "caseDigest": self.case_digest,
            "freezes": [_finding(finding) for finding in self.freezes],
            "requirements": [_result(result) for result in self.results],
            "evidence": [_considered(item) for item in self.evidence],
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical form (RFC 8785): the same for the same inputs, anywhere, any year."""
        return canonical_digest(self.to_json())


def _input(document: Input) -> dict[str, Any]:
    return {"name": document.name, "version": document.version, "digest": document.digest}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "outcome": finding.outcome.value,
        "found": finding.found,
        "wanted": finding.wanted,
        "next": finding.next,
        "evidence": list(finding.evidence),
    }


def _result(result: Result) -> dict[str, Any]:
    waiver = result.waiver
    return {
        "id": result.id,
        "kind": result.kind,
        "title": result.title,
        "outcome": result.outcome.value,
        "findings": [_finding(finding) for finding in result.findings],
        "waiver": None
        if waiver is None
        else {
            "owner": waiver.owner,
            "reason": waiver.reason,
            "approvers": list(waiver.approvers),
            "notAfter": waiver.not_after,
            "evidence": waiver.evidence,
        },
    }


def _considered(item: Considered) -> dict[str, Any]:
    refusal = item.refusal
    return {
        "name": item.name,
        "digest": item.digest,
        "predicateType": item.predicate_type,
        "saidBy": list(item.said_by),
        "refused": None
        if refusal is None
        else {"code": refusal.code, "found": refusal.found, "wanted": refusal.wanted, "next": refusal.next},
    }
