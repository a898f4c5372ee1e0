"""What the `gatekeeper policy` commands print as JSON."""

from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, Sha256
from attestations.times import Duration, Instant
from gatekeeper.policy_testing.comparing import ChangedCase, ChangedMember, Comparison
from gatekeeper.policy_testing.judging import Ending
from gatekeeper.policy_testing.linting import Remark
from gatekeeper.policy_testing.testing import PolicyTestRun, TestedCase
from gatekeeper.policy_testing.wording import Clause, clauses_of, waiver_rules
from gatekeeper.rulebook import Policy


class Noted(JsonRecord, frozen=True, kw_only=True):
    """One remark about a policy, with its place."""

    refused: bool
    """a policy with such a remark must not be used; any other remark is a warning"""
    found: str
    next: str
    file: str
    line: int | None
    column: int | None


class LintResult(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("policy-lint")):
    """What `gatekeeper policy lint --output json` prints."""

    refused: bool
    remarks: tuple[Noted, ...]


class Cause(JsonRecord, frozen=True, kw_only=True):
    """A requirement that is neither met nor waived, and the codes it gives."""

    requirement: str
    reason_codes: tuple[str, ...]


class Ended(JsonRecord, frozen=True, kw_only=True):
    """How a case ended, and why."""

    decision: str
    by: tuple[Cause, ...]


class Expected(JsonRecord, frozen=True, kw_only=True):
    """How a case has to end."""

    decision: str
    by: tuple[str, ...]


class Judged(JsonRecord, frozen=True, kw_only=True):
    """One case of a policy's tests."""

    name: str
    case: str
    passed: bool
    expected: Expected
    found: Ended


class Survivor(JsonRecord, frozen=True, kw_only=True):
    """A weaker version of the policy that no case notices."""

    of: str
    """id of the requirement, or `waivers`"""
    change: str
    missing_case: str


class PolicyTestResult(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("policy-test")):
    """What `gatekeeper policy test --output json` prints."""

    passed: bool
    cases: tuple[Judged, ...]
    approves: bool
    """whether some case is approved: a policy that refuses everything passes every other test"""
    without_reason: tuple[str, ...]
    """ids of requirements that are the reason of no case"""
    mutants: Count
    survivors: tuple[Survivor, ...]


class EndsOtherwise(JsonRecord, frozen=True, kw_only=True):
    """A case that ends otherwise under the new policy."""

    case: str
    before: Ended
    after: Ended
    newly_approved: bool


class PolicyDifference(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("policy-diff")):
    """What `gatekeeper policy diff --output json` prints."""

    looser: bool
    """whether some case is approved now and was not before"""
    compared: Count
    """number of cases that were judged under both"""
    cases: tuple[EndsOtherwise, ...]
    members: tuple[ChangedMember, ...]


class PolicyInWords(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("policy-show")):
    """What `gatekeeper policy show --output json` prints."""

    name: Name
    version: Count
    digest: Sha256
    expires: Instant
    owners: tuple[str, ...]
    changes: tuple[str, ...]
    stages: tuple[str, ...]
    requirements: tuple[Clause, ...]
    waivers: str
    approval_valid_for: Duration


def lint_result(remarks: tuple[Remark, ...]) -> LintResult:
    """Return the remarks of the lint."""
    return LintResult(refused=any(remark.refused for remark in remarks), remarks=tuple(map(_noted, remarks)))


def test_result(run: PolicyTestRun) -> PolicyTestResult:
    """Return how each case ended, what no case is about, and the mutants that nobody noticed."""
    return PolicyTestResult(
        passed=run.passed,
        cases=tuple(map(_judged, run.cases)),
        approves=run.approves,
        without_reason=run.without_reason,
        mutants=run.mutants,
        survivors=tuple(
            Survivor(of=mutant.of, change=mutant.change, missing_case=mutant.missing_case) for mutant in run.survivors
        ),
    )


def difference(comparison: Comparison) -> PolicyDifference:
    """Return what differs."""
    return PolicyDifference(
        looser=comparison.looser,
        compared=comparison.compared,
        cases=tuple(map(_ends_otherwise, comparison.cases)),
        members=comparison.members,
    )


def in_words(policy: Policy) -> PolicyInWords:
    """Return the policy in plain words."""
    metadata, spec = policy.record.metadata, policy.record.spec
    return PolicyInWords(
        name=metadata.name,
        version=metadata.version,
        digest=policy.digest,
        expires=metadata.expires,
        owners=metadata.owners,
        changes=spec.applies_to.changes,
        stages=spec.applies_to.stages,
        requirements=clauses_of(policy),
        waivers=waiver_rules(policy),
        approval_valid_for=spec.approval.valid_for,
    )


def _noted(remark: Remark) -> Noted:
    where = remark.where
    return Noted(
        refused=remark.refused,
        found=remark.found,
        next=remark.fix,
        file=where.file,
        line=where.line,
        column=where.column,
    )


def _judged(tested: TestedCase) -> Judged:
    expected = tested.test.expect
    return Judged(
        name=tested.test.name,
        case=tested.test.case,
        passed=tested.passed,
        expected=Expected(decision=expected.decision, by=expected.by),
        found=_ended(tested.ending),
    )


def _ends_otherwise(case: ChangedCase) -> EndsOtherwise:
    return EndsOtherwise(
        case=case.name, before=_ended(case.before), after=_ended(case.after), newly_approved=case.newly_approved
    )


def _ended(ending: Ending) -> Ended:
    causes = (Cause(requirement=name, reason_codes=codes) for name, codes in ending.reasons.items())
    return Ended(decision=ending.decision, by=tuple(causes))
