"""Results about policies as lines of text. Text out of policies and cases is made inert."""

from collections.abc import Iterator

from attestations.inert import visible
from gatekeeper.policy_testing.comparing import ChangedCase, Comparison
from gatekeeper.policy_testing.judging import Ending
from gatekeeper.policy_testing.linting import Remark
from gatekeeper.policy_testing.mutants import Mutant
from gatekeeper.policy_testing.testing import PolicyTestRun, TestedCase
from gatekeeper.policy_testing.wording import Clause, clauses_of, waiver_rules
from gatekeeper.rulebook import Policy


def remarks_text(remarks: tuple[Remark, ...]) -> str:
    """Return the remarks of the lint, one or two lines each."""
    return _joined(_remark_lines(remarks))


def tests_text(run: PolicyTestRun) -> str:
    """Return how each case ended, what no case is about, and the mutants that nobody noticed."""
    return _joined(_test_lines(run))


def comparison_text(comparison: Comparison) -> str:
    """Return what differs: first the cases, then the members."""
    return _joined(_comparison_lines(comparison))


def policy_text(policy: Policy) -> str:
    """Return the policy in plain words."""
    return _joined(_policy_lines(policy))


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
