"""What the story reads of the JSON documents that commands print; all else in them is left alone."""

from typing import TypeVar

import msgspec

from attestations.records import decode
from attestations.strict import read_json

T = TypeVar("T", bound=msgspec.Struct)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Why a requirement has its result."""

    code: str
    outcome: str
    found: str


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one requirement."""

    id: str
    outcome: str
    findings: tuple[Finding, ...]


class Decision(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A decision of the gate."""

    case_digest: str
    requirements: tuple[Requirement, ...]


class Fault(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One fault of a halt drill."""

    fault: str
    verdict: str
    seconds_to_detection: float | None
    seconds_to_halt: float | None


class HaltDrill(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a halt drill."""

    verdict: str
    faults: tuple[Fault, ...]


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What a resolver answered."""

    asked: int
    servfail: int


class Resolver(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a resolver answered while the bad version was served, and afterwards."""

    outage: Answers
    after: Answers
    after_flush: Answers


class Way(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One way back of a rollback drill."""

    way: str
    verdict: str
    seconds_to_restore: float | None
    resolver: Resolver


class RollbackDrill(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a rollback drill."""

    verdict: str
    ways: tuple[Way, ...]


def read(printed: str, kind: type[T]) -> T:
    """Return the document that a command printed; raise InputError where it is another."""
    return decode(read_json(printed.encode("utf-8"), kind.__name__), kind)
