"""What an assertion came to: true, false, or not decided."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

MAX_REASON = 240


class Truth(StrEnum):
    """The three outcomes of an assertion."""

    TRUE = "true"
    FALSE = "false"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of one assertion on one set of facts; `reason` says why it is inconclusive."""

    truth: Truth
    reason: str = ""

    def __bool__(self) -> NoReturn:
        # Every object is truthy unless it says otherwise, and an inconclusive verdict must never pass an `if`.
        raise TypeError("a verdict has three values: compare verdict.truth")


TRUE = Verdict(truth=Truth.TRUE)
FALSE = Verdict(truth=Truth.FALSE)


def inconclusive(reason: str) -> Verdict:
    """Return the verdict that nothing was decided, its reason made printable and cut to a bounded length."""
    return Verdict(truth=Truth.INCONCLUSIVE, reason=printable(reason, MAX_REASON))


def printable(text: str, limit: int) -> str:
    """Return `text` in printable ASCII, control and foreign characters escaped, at most `limit` characters long."""
    shown = text[:limit].encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= limit and len(text) <= limit else shown[: limit - 3] + "..."
