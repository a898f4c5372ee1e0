"""How a case ends under a policy, as far as tests of policies look at it."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatekeeper.evaluation import evaluate
from gatekeeper.finding import Outcome
from gatekeeper.policy_testing.cases import PolicyCase
from gatekeeper.policy_testing.signing_off import signed_off
from gatekeeper.rulebook import Policy


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The verdict, and the requirements that are the reason of it with the codes they give."""

    decision: str
    reasons: Mapping[str, tuple[str, ...]]
    """id of every requirement that is neither met nor waived -> its reason codes"""

    @property
    def by(self) -> frozenset[str]:
        """Ids of the requirements that are neither met nor waived."""
        return frozenset(self.reasons)

    def __str__(self) -> str:
        return f"{self.decision} by {', '.join(self.reasons)}" if self.reasons else self.decision


def ending_of(case: PolicyCase, policy: Policy) -> Ending:
    """Return how the case ends under this policy, signed off by those who sign it off."""
    decision = evaluate(signed_off(case.case, policy, case.sayings), policy)
    good = (Outcome.MET, Outcome.WAIVED)
    return Ending(
        decision=decision.verdict.value,
        reasons={result.id: result.codes for result in decision.results if result.outcome not in good},
    )
