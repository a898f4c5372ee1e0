"""Results about policies as lines of text and as JSON values. Text out of policies and cases is made inert."""

from collections.abc import Iterator
from typing import Any

from attestations.inert import visible
from gatekeeper.policy_testing.comparing import ChangedCase, Comparison
from gatekeeper.policy_testing.judging import Ending
from gatekeeper.policy_testing.linting import Remark
from gatekeeper.policy_testing.mutants import Mutant
from gatekeeper.policy_testing.testing import PolicyTestRun, TestedCase
from gatekeeper.policy_testing.wording import Clause, clauses_of, waiver_rules
from gatekeeper.rulebook import Policy

SCHEMAS = "https://signer-gatekeeper.github.io/schemas"


def remarks_text(remarks: tuple[Remark, ...]) -> str:
    """Return the remarks of the lint, one or two lines each."""
    return _joined(_remark_lines(remarks))


def remarks_json(remarks: tuple[Remark, ...]) -> dict[str, Any]:
    """Return the remarks of the lint as JSON values."""
    return {
        "schema": f"{SCHEMAS}/policy-lint/v1",
        "refused": any(remark.refused for remark in remarks),
        "remarks": [
            {
                "refused": remark.refused,
                "found": remark.found,
                "next": remark.fix,
                "file": remark.where.file,
                "line": remark.where.line,
                "column": remark.where.column,
            }
            for remark in remarks
        ],
    }


def tests_text(run: PolicyTestRun) -> str:
    """Return how each case ended, what no case is about, and the mutants that nobody noticed."""
    return _joined(_test_lines(run))


def tests_json(run: PolicyTestRun) -> dict[str, Any]:
    """Return what the tests showed as JSON values."""
    return {
        "schema": f"{SCHEMAS}/policy-test/v1",
        "passed": run.passed,
        "cases": [_tested_json(tested) for tested in run.cases],
        "approves": run.approves,
        "withoutReason": list(run.without_reason),
        "mutants": run.mutants,
        "survivors": [
            {"of": mutant.of, "change": mutant.change, "missingCase": mutant.missing_case} for mutant in run.survivors
        ],
    }


def comparison_text(comparison: Comparison) -> str:
    """Return what differs: first the cases, then the members."""
    return _joined(_comparison_lines(comparison))


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return what differs as JSON values."""
    return {
        "schema": f"{SCHEMAS}/policy-diff/v1",
        "looser": comparison.looser,
        "compared": comparison.compared,
        "cases": [
            {
                "case": case.name,
                "before": _ending_json(case.before),
                "after": _ending_json(case.after),
                "newlyApproved": case.newly_approved,
            }
            for case in comparison.cases
        ],
        "members": [
            {"place": member.place, "before": member.before, "after": member.after, "effect": member.effect}
            for member in comparison.members
        ],
    }


def policy_text(policy: Policy) -> str:
    """Return the policy in plain words."""
    return _joined(_policy_lines(policy))


def policy_json(policy: Policy) -> dict[str, Any]:
    """Return the policy in plain words, as JSON values."""
    metadata, spec = policy.record.metadata, policy.record.spec
    return {
        "schema": f"{SCHEMAS}/policy-show/v1",
        "name": metadata.name,
        "version": metadata.version,
        "digest": policy.digest,
        "expires": str(metadata.expires),
        "owners": list(metadata.owners),
        "changes": list(spec.applies_to.changes),
        "stages": list(spec.applies_to.stages),
        "requirements": [_clause_json(clause) for clause in clauses_of(policy)],
        "waivers": waiver_rules(policy),
        "approvalValidFor": str(spec.approval.valid_for),
    }


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(map(visible, lines))


def _remark_lines(remarks: tuple[Remark, ...]) -> Iterator[str]:
    if not remarks:
        yield "✓ nothing to remark"
    for remark in remarks:
        yield f"{'✗ refused' if remark.refused else '~ warning'}  {remark.where}  {remark.found}"
        yield f"    next    {remark.fix}"


def _test_lines(run: PolicyTestRun) -> Iterator[str]:
    for tested in run.cases:
        yield f"{'✓' if tested.passed else '✗'} {tested.test.name}: {tested.ending}"
        if not tested.passed:
            yield f"    found   {_reasons(tested.ending)}"
            yield f"    wanted  {_expected(tested)}"
            yield f"    next    correct the policy, or the case:  {tested.case.name}"
    if not run.approves:
        yield "✗ no case is approved: a policy that refuses everything would pass"
        yield "    next    write a case in which everything is in order"
    for name in run.without_reason:
        yield f"✗ {name} is the reason of no case"
        yield f"    next    write a case in which {name} is not met, and expect  by: [{name}]"
    for mutant in run.survivors:
        yield from _survivor(mutant)
    noticed = run.mutants - len(run.survivors)
    yield f"{'✓' if run.passed else '✗'} {len(run.cases)} cases; {noticed} of {run.mutants} mutants noticed"


def _survivor(mutant: Mutant) -> Iterator[str]:
    yield f"✗ no case notices this mutant: {mutant.of}: {mutant.change}"
    yield f"    next    write {mutant.missing_case}"


def _expected(tested: TestedCase) -> str:
    expected = tested.test.expect
    return f"{expected.decision} by {', '.join(expected.by)}" if expected.by else expected.decision


def _reasons(ending: Ending) -> str:
    reasons = (f"{name} ({', '.join(codes) or 'no code'})" for name, codes in ending.reasons.items())
    return f"{ending.decision} by {'; '.join(reasons)}" if ending.reasons else ending.decision


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    for case in comparison.cases:
        yield from _changed_case(case)
    for member in comparison.members:
        yield f"{member.effect}: {member.place}: {member.before or 'nothing'} -> {member.after or 'nothing'}"
    count = f"{len(comparison.cases)} of {comparison.compared} cases end otherwise"
    yield f"✗ {count}; some are approved that were not" if comparison.looser else f"✓ {count}; none is newly approved"


def _changed_case(case: ChangedCase) -> Iterator[str]:
    yield f"{'✗ newly approved' if case.newly_approved else '~'} {case.name}"
    yield f"    before  {_reasons(case.before)}"
    yield f"    after   {_reasons(case.after)}"


def _policy_lines(policy: Policy) -> Iterator[str]:
    metadata, spec = policy.record.metadata, policy.record.spec
    yield f"{metadata.name}, version {metadata.version}, until {metadata.expires}; owners: {', '.join(metadata.owners)}"
    yield f"sha256 {policy.digest}"
    yield f"judges {', '.join(spec.applies_to.changes)} to stage {', '.join(spec.applies_to.stages)}"
    for number, clause in enumerate(clauses_of(policy), 1):
        yield ""
        yield from _clause_lines(number, clause)
    yield ""
    yield f"All {len(spec.requirements)} must be met; an approval is valid for {spec.approval.valid_for}."
    yield f"Waivers: {waiver_rules(policy)}."


def _clause_lines(number: int, clause: Clause) -> Iterator[str]:
    yield f"{number}. {clause.title}  ({clause.id})"
    yield from (f"   - {sentence}" for sentence in clause.asks)
    yield f"   shown by {clause.of}; {clause.age}; {'can be waived' if clause.waivable else 'can never be waived'}"


def _tested_json(tested: TestedCase) -> dict[str, Any]:
    expected = tested.test.expect
    return {
        "name": tested.test.name,
        "case": tested.test.case,
        "passed": tested.passed,
        "expected": {"decision": expected.decision, "by": list(expected.by)},
        "found": _ending_json(tested.ending),
    }


def _ending_json(ending: Ending) -> dict[str, Any]:
    return {
        "decision": ending.decision,
        "by": [{"requirement": name, "reasonCodes": list(codes)} for name, codes in ending.reasons.items()],
    }


def _clause_json(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "kind": clause.kind,
        "title": clause.title,
        "asks": list(clause.asks),
        "of": clause.of,
        "age": clause.age,
        "waivable": clause.waivable,
    }
