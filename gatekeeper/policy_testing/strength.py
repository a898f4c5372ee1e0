"""Which way each member of a policy makes it weaker: what mutation weakens, and what a comparison calls weaker.

Members go by the name that policies write; a name means the same in every kind of requirement. A test holds this
table against the kinds, so that a new member is not forgotten.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from attestations.times import Duration

MemberPath = tuple[str, ...]


class Way(StrEnum):
    """What a value of a member does to the policy."""

    LONGER = "a longer time is weaker"
    SHORTER = "a shorter time, or none, is weaker"
    LOWER = "a lower number is weaker"
    HIGHER = "a higher number is weaker"
    FEWER = "it lists demands: fewer are weaker"
    MORE = "it lists what is accepted: more is weaker"
    ANY = "it lists what is accepted: more is weaker, and an empty list accepts anything"
    ABSENT = "it demands one value: none is weaker"
    FALSE = "false is weaker"
    TRUE = "true, or being there at all, is weaker"
    COVERAGE = "a sample is weaker than a full pass"
    NEUTRAL = "neither, or nobody can tell"


_NAMES = {
    Way.LONGER: "max_age halted_within restored_within max_life valid_for",
    Way.SHORTER: "min_remaining backup_valid_for",
    Way.LOWER: "level at_least confidence need approvers",
    Way.HIGHER: "detectable_fraction",
    Way.FEWER: "scenarios roles faults tests steps refuse_warnings not",
    Way.MORE: "from formats allow_only values may_share changes stages",
    Way.ANY: "build_types runner_environment build_trigger",
    Way.ABSENT: "ref tag versioned_tag branch workflow",
    Way.FALSE: "unattended referee pinned_dependencies",
    Way.TRUE: "waivable waivers",
    Way.COVERAGE: "coverage",
    Way.NEUTRAL: "id title kind controls covers source topology distinct_by disagreement shares_no_code_with "
    "distinct_people over assert",
}
WAYS = MappingProxyType({name: way for way, names in _NAMES.items() for name in names.split()})
"""Member, as policies write it -> which way it is weaker."""

BY_NAME = frozenset({"need", "approvers", "values"})
"""members whose own members have names that somebody chose: roles, parameters"""


def way_of(path: MemberPath) -> Way:
    """Return which way the member at `path` is weaker; what is listed by name goes by its member."""
    name = path[-2] if len(path) > 1 and path[-2] in BY_NAME else path[-1]
    return WAYS.get(name, Way.NEUTRAL)


def is_weaker(path: MemberPath, before: Any, after: Any) -> bool | None:
    """Return whether `after` asks for less than `before`, False where it asks for more, None where none can tell."""
    compare = _COMPARE.get(way_of(path))
    return compare(before, after) if compare is not None and before != after else None


def _longer(before: str | None, after: str | None) -> bool:
    """Without a limit every age will do."""
    if before is None or after is None:
        return after is None
    return Duration.parse(after) > Duration.parse(before)


def _shorter(before: str | None, after: str | None) -> bool:
    """Without a least remaining time none is asked for."""
    if before is None or after is None:
        return after is None
    return Duration.parse(after) < Duration.parse(before)


def _contained(smaller: Sequence[Any] | None, larger: Sequence[Any] | None) -> bool | None:
    few, many = set(smaller or ()), set(larger or ())
    if few <= many:
        return True
    return False if few >= many else None


def _accepting(before: Sequence[Any], after: Sequence[Any]) -> bool | None:
    """An empty list accepts anything."""
    return not after if not (before and after) else _contained(before, after)


def _absent(before: object, after: object) -> bool | None:
    return after is None if None in (before, after) else None


_COMPARE: Mapping[Way, Callable[[Any, Any], bool | None]] = MappingProxyType(
    {
        Way.LONGER: _longer,
        Way.SHORTER: _shorter,
        Way.LOWER: lambda before, after: (after or 0) < (before or 0),
        Way.HIGHER: lambda before, after: (after or 0) > (before or 0),
        Way.FEWER: lambda before, after: _contained(after, before),
        Way.MORE: _contained,
        Way.ANY: _accepting,
        Way.FALSE: lambda _, after: not after,
        Way.TRUE: lambda _, after: bool(after),
        Way.ABSENT: _absent,
        Way.COVERAGE: lambda before, _: True if before == "full" else None,
    }
)
