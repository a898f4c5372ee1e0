"""The same decision again, from nothing but the case file: no clock, no network, no ledger."""

from dataclasses import dataclass, replace

from gatekeeper.case_file.reading import CaseFile
from gatekeeper.decision import Decision
from gatekeeper.documents import Source
from gatekeeper.gate import Judgement, decide


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A decision reached again, beside the one that was recorded."""

    recorded_digest: str
    judgement: Judgement
    differences: tuple[str, ...]
    """requirements that end otherwise than recorded, in words"""

    @property
    def decision(self) -> Decision:
        """The decision reached now."""
        return self.judgement.decision

    @property
    def identical(self) -> bool:
        """Whether the decision is the recorded one, byte for byte."""
        return self.decision.digest == self.recorded_digest


def replay(case_file: CaseFile, policy: Source | None = None) -> Replay:
    """Return the decision reached again as of the recorded time, under the recorded policy or another."""
    inputs = case_file.inputs if policy is None else replace(case_file.inputs, policy=policy)
    judgement = decide(inputs, case_file.decision.evaluated_on)
    return Replay(
        recorded_digest=case_file.decision_digest,
        judgement=judgement,
        differences=_differences(case_file, judgement.decision),
    )


def _differences(case_file: CaseFile, decision: Decision) -> tuple[str, ...]:
    before = {item.id: item.outcome for item in case_file.decision.requirements}
    after = {result.id: result.outcome.value for result in decision.results}
    named = [
        f"{name}: {before.get(name, 'not asked')} then, {after.get(name, 'not asked')} now"
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]
    then, now = case_file.decision.decision, decision.verdict.value
    return tuple(named if then == now else [f"decision: {then} then, {now} now", *named])
