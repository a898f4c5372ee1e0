"""The tests of a policy: its own cases, whether each requirement is the reason of one, and whether mutants show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.policy.document import PolicyTest
from gatekeeper.policy_testing.cases import PolicyCase, read_case_folder
from gatekeeper.policy_testing.judging import Ending, ending_of
from gatekeeper.policy_testing.mutants import Mutant, mutants_of
from gatekeeper.rulebook import Policy, check_policy_fits


@dataclass(frozen=True, kw_only=True)
class TestedCase:
    """One case, how it had to end and how it ended."""

    __test__ = False  # no test class of pytest's
    test: PolicyTest
    case: PolicyCase
    ending: Ending

    @property
    def passed(self) -> bool:
        """Whether the verdict is the expected one, for exactly the expected requirements."""
        expected = self.test.expect
        return (self.ending.decision, self.ending.by) == (expected.decision, frozenset(expected.by))


@dataclass(frozen=True, kw_only=True)
class PolicyTestRun:
    """Everything that testing a policy showed."""

    cases: tuple[TestedCase, ...]
    without_reason: tuple[str, ...]
    """ids of requirements that are the reason of no case"""
    mutants: int
    survivors: tuple[Mutant, ...]
    """weaker versions of the policy that no case notices"""

    @property
    def approves(self) -> bool:
        """Whether some case is approved: a policy that refuses everything passes every other test."""
        return any(tested.ending.decision == "approve" for tested in self.cases)

    @property
    def passed(self) -> bool:
        """Whether every case ended as expected, each requirement is a reason, and every mutant was noticed."""
        ended_well = all(tested.passed for tested in self.cases)
        return ended_well and self.approves and not self.without_reason and not self.survivors


def run_tests(policy: Policy, folder: Path) -> PolicyTestRun:
    """Return what the policy's tests show, their cases read from below `folder`; raise InputError for a broken case."""
    cases = tuple(_tested(policy, test, folder) for test in policy.record.tests)
    mutants = tuple(mutants_of(policy, _parties(cases))) if cases else ()
    reasons = frozenset(name for tested in cases for name in tested.ending.by if tested.ending.decision != "approve")
    return PolicyTestRun(
        cases=cases,
        without_reason=tuple(each.id for each in policy.record.spec.requirements if each.id not in reasons),
        mutants=len(mutants),
        survivors=tuple(mutant for mutant in mutants if not _noticed(mutant, cases)),
    )


def _tested(policy: Policy, test: PolicyTest, folder: Path) -> TestedCase:
    case = read_case_folder(folder / test.case)
    check_policy_fits(policy, case.case.request, case.case.trust, case.case.now)
    return TestedCase(test=test, case=case, ending=ending_of(case, policy))


def _parties(cases: Sequence[TestedCase]) -> frozenset[str]:
    return frozenset(party.record.name for tested in cases for party in tested.case.case.trust.parties)


def _noticed(mutant: Mutant, cases: Sequence[TestedCase]) -> bool:
    """A case notices a mutant by another verdict or by other requirements that are not met."""
    return any(_differs(tested, mutant) for tested in _likely_first(mutant, cases))


def _differs(tested: TestedCase, mutant: Mutant) -> bool:
    ending = ending_of(tested.case, mutant.policy)
    return (ending.decision, ending.by) != (tested.ending.decision, tested.ending.by)


def _likely_first(mutant: Mutant, cases: Sequence[TestedCase]) -> Iterator[TestedCase]:
    """The cases that the changed requirement decides come first: most mutants are noticed by the first few."""
    yield from sorted(cases, key=lambda tested: mutant.of not in tested.ending.by)
