"""The gate in the laboratory: evidence put together, two people who say yes, and the decision."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.demo import world
from gatekeeper.demo.runner import Runner, everything
from gatekeeper.lab.printed import Decision, Requirement, read
from gatekeeper.lab.release import ENVIRONMENT_FILE, Release, signs

LEDGER, ORIGIN = "sqlite:ledger.db", "registry.example/demo"
DENIED, UNDECIDED = 10, 11


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A decision that went against the release."""

    point: str
    """where, on the way to publication"""
    decision: Decision
    folder: str
    """its evidence"""

    @property
    def refusing(self) -> tuple[Requirement, ...]:
        """The requirements that are not met."""
        return tuple(one for one in self.decision.requirements if one.outcome != "met")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The gate's commands."""

    runner: Runner

    def open_ledger(self) -> None:
        """Make the ledger."""
        self.runner.quietly("gatekeeper", "log", "init", "--ledger", LEDGER, "--origin", ORIGIN, *signs("ledger"))

    def refuse(self, release: Release, points: Mapping[str, Sequence[str]]) -> tuple[Refusal, ...]:
        """Return the decision at each point, with these statements as evidence, after two people said yes."""
        cases = {
            point: self._case(release, f"refusal-{number}", statements)
            for number, (point, statements) in enumerate(points.items(), 1)
        }
        self._sign_off(tuple(cases.values()))
        started = {point: self.runner.start(*_evaluation(case, "text")) for point, case in cases.items()}
        refusals = []
        for point, case in cases.items():
            self.runner.say(f"  {point}; two people say yes all the same:")
            self.runner.show(started[point], ends=(DENIED,), show=everything)
            decision = (self.runner.folder / _decision_file(case)).read_text(encoding="utf-8")
            refusals.append(Refusal(point=point, decision=read(decision, Decision), folder=case[-1]))
        return tuple(refusals)

    def issue(self, release: Release, statements: Sequence[str]) -> str:
        """Return the file with the commissioning approval."""
        case = self._case(release, "approval", statements)
        self._sign_off((case,))
        keys = (*signs("gate"), "--gate", "gate.yaml", "--ledger", LEDGER, "--ledger-key", "file:keys/ledger.key")
        self.runner.run("gatekeeper", "issue", *case, *keys, "--approval", "approval.json", show=everything)
        return "approval.json"

    def _case(self, release: Release, name: str, statements: Sequence[str]) -> tuple[str, ...]:
        """Return what names a case; its evidence lies in a folder of its own, so that anybody can run it again."""
        folder = f"evidence/{name}"
        (self.runner.folder / folder).mkdir(parents=True)
        for statement in statements:
            shutil.copy(self.runner.folder / release.statement(statement), self.runner.folder / folder)
        files = ("--request", release.request, "--environment", ENVIRONMENT_FILE, "--policy", "policy.yaml")
        return (*files, "--trust", "trust.yaml", "--evidence", folder)

    def _sign_off(self, cases: Sequence[Sequence[str]]) -> None:
        """Let each person sign the digest of each case; sign-offs count to the evidence, but not to what is signed."""
        judged = [(case, self.runner.start(*_evaluation(case))) for case in cases]
        digests = [
            (case, read(self.runner.finish(one, ends=(DENIED, UNDECIDED)).output, Decision).case_digest)
            for case, one in judged
        ]
        saying = [
            self.runner.start(*_sign_off(case, digest, person)) for case, digest in digests for person in world.PEOPLE
        ]
        for one in saying:
            self.runner.finish(one)


def _evaluation(case: Sequence[str], *forms: str) -> tuple[str, ...]:
    asked = [part for form in forms for part in ("--report", form)]
    return ("gatekeeper", "evaluate", *case, *asked, "--report", f"json={_decision_file(case)}" if forms else "json")


def _decision_file(case: Sequence[str]) -> str:
    return f"{case[-1]}-decision.json"


def _sign_off(case: Sequence[str], digest: str, person: str) -> tuple[str, ...]:
    said = ("--confirm", digest, "--out", f"{case[-1]}/sign-off-{person}.json")
    return ("gatekeeper", "sign-off", *case, "--as", person, *signs(person), *said)
