"""Judging one requirement of a world, with the real gate."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from world.registry import World

from gatekeeper.finding import Finding, Outcome, Result

AGAINST = (Outcome.UNMET, Outcome.INCONCLUSIVE)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How one requirement ended, and what was said against it."""

    result: Result

    @property
    def outcome(self) -> str:
        return self.result.outcome.value

    @property
    def against(self) -> list[tuple[str, str, str]]:
        """Code, outcome and text of every finding that kept the requirement from being met."""
        return [(f.code, f.outcome.value, f.found) for f in self.result.findings if f.outcome in AGAINST]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.result.findings if finding.outcome is Outcome.NOTE]

    @property
    def for_it(self) -> list[Finding]:
        return [finding for finding in self.result.findings if finding.outcome is Outcome.MET]


@pytest.fixture(scope="session")
def judge() -> Callable[[str, World], Judged]:
    """Return a function that gives the result of the requirement with an id, in a world; nobody signs off."""

    def judged(requirement: str, world: World) -> Judged:
        results = replace(world, signing_off=()).judge().decision.results
        return Judged(result=next(result for result in results if result.id == requirement))

    return judged


@pytest.fixture(scope="session")
def digest_of() -> Callable[[str, World], str]:
    """Return a function that gives the SHA-256 of one evidence file of a world."""

    def found(name: str, world: World) -> str:
        offered = replace(world, signing_off=()).inputs().offered
        return next(item.sha256 for item in offered if item.name == f"evidence/{name}")

    return found
