"""What was handed in for a step: a link, or a sublayout whose summary stands for one."""

from dataclasses import dataclass, field
from typing import Any

from attestations.layout.rules import Ruled


@dataclass(frozen=True, kw_only=True)
class StepDone:
    """A step, and the keys of those who say to have done it."""

    name: str
    done_by: tuple[str, ...]
    """SHA-256 of each key's SubjectPublicKeyInfo"""
    steps: tuple["StepDone", ...] = ()
    """how it was done, where a functionary handed in a sublayout"""

    @property
    def keys(self) -> frozenset[str]:
        """Fingerprints of all who did it or a step below it."""
        return frozenset(self.done_by).union(*(step.keys for step in self.steps))

    @property
    def facts(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {"name": self.name, "doneBy": list(self.done_by), "steps": [step.facts for step in self.steps]}


@dataclass(frozen=True, kw_only=True)
class Part:
    """A link for a step, signed by somebody entitled, or a sublayout that was followed."""

    model: Any = field(repr=False)
    """the library's Link: the one that was signed, or the summary of the sublayout"""
    by: frozenset[str]
    """fingerprints of the step's functionaries who signed it"""
    said: frozenset[tuple[str, str]] = field(repr=False)
    """content and signer of every link that it consists of"""
    steps: tuple[StepDone, ...] = ()
    """of the sublayout; a link has none"""
    ruled: tuple[Ruled, ...] = field(default=(), repr=False)

    @property
    def is_sublayout(self) -> bool:
        """Whether it is a sublayout: every one has steps (guards.py)."""
        return bool(self.steps)

    @property
    def keys(self) -> frozenset[str]:
        """Fingerprints of all who signed it or a part of it."""
        return self.by.union(*(step.keys for step in self.steps))
