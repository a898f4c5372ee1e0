"""One class of zones: what is done to it, and what must be said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from fault_zones.bench import Bench

from attestations.zone.practice.signing import PracticeZone

Word = Literal["invalid", "valid", "inconclusive"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A zone whose verdict is known, and where other code bases differ."""

    what: str
    """for the table in docs"""
    rfc: str
    """where it is decided"""
    build: Callable[[Bench], PracticeZone]
    codes: Mapping[str, str] = field(default_factory=dict)
    """what the native engine must say, by code: severity. Empty: not a word"""
    differ: Mapping[str, Word] = field(default_factory=dict)
    """verdicts of other engines that differ from the native one"""
    has_twin: bool = True
    """there is a zone of RSA keys too: not where the algorithm is what the class is about"""

    @property
    def verdict(self) -> Word:
        """The verdict that the codes leave."""
        return "invalid" if "error" in self.codes.values() else "valid"
