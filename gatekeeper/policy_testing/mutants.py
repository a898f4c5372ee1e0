"""Weaker versions of a policy, one small change each. A policy is tested when some case notices every one of them.

The cases guard the policy against its own later editors: a requirement that can be dropped, a threshold that can be
lowered or a party that can be added without any case ending otherwise is held up by nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from math import ceil
from types import MappingProxyType
from typing import Any

from attestations.errors import InputError
from attestations.records import decode, plain
from attestations.strict.document import Document
from attestations.times import Duration
from gatekeeper.policy_testing.strength import MemberPath, Way, way_of
from gatekeeper.requirements import AnyPolicy
from gatekeeper.rulebook import Policy

WAIVERS = "waivers"
LENGTHENED = 1000
LONGEST = 999_999
"""days, as many as a duration can be written with"""
BARE_SAMPLE = {"detectable_fraction": 1.0, "confidence": 0.001}

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One weaker version, and the case that is missing where nothing notices it."""

    of: str
    """id of the requirement, or `waivers`"""
    change: str
    missing_case: str
    policy: Policy = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Weaker:
    """One weaker value of a member, in words and with the case that tells it from the present one."""

    value: Any
    change: str
    missing_case: str


def mutants_of(policy: Policy, parties: frozenset[str]) -> Iterator[Mutant]:
    """Yield every weaker version of `policy` that is still a policy; `parties` are all that the cases know.

    `waivable` is left alone: that hsm-key-coverage and zone-validation cannot be waived is for the lint.
    """
    document = plain(policy.record)
    spec, requirements = document["spec"], document["spec"]["requirements"]
    for index, requirement in enumerate(requirements):
        name = requirement["id"]
        for weaker in _weakened(requirement, parties):
            changed = [*requirements[:index], weaker.value, *requirements[index + 1 :]]
            yield from _mutant(policy, name, weaker, {**document, "spec": {**spec, "requirements": changed}})
        dropped = _Weaker(value=None, change="dropped", missing_case=f"a case in which {name} is not met")
        rest = _without(requirements, name)
        yield from _mutant(policy, name, dropped, {**document, "spec": {**spec, "requirements": rest}})
    for weaker in _weakened(spec["waivers"] or {}, parties):
        yield from _mutant(policy, WAIVERS, weaker, {**document, "spec": {**spec, "waivers": weaker.value}})


def _without(requirements: list[Values], dropped: str) -> list[Values]:
    """An assertion goes with the requirement whose evidence it reads."""
    return [each for each in requirements if dropped not in (each["id"], each.get("over"))]


def _mutant(policy: Policy, of: str, weaker: _Weaker, document: Values) -> Iterator[Mutant]:
    """Only the record changes; the source stays, and with it the policy's digest, name and version.

    A mutant asks how the same case would end under a weaker rule, not under another document: an evaluation that
    sees nothing but a new digest would call every mutant noticed.
    """
    mutated = Document(name=policy.source.document.name, raw=b"", value=document, find_marks=dict)
    try:
        record = decode(mutated, AnyPolicy)
    except InputError:  # no policy any more: whoever edits it so is told by the loader
        return
    changed = replace(policy, record=record)
    yield Mutant(of=of, change=weaker.change, missing_case=weaker.missing_case, policy=changed)


def _weakened(part: Values, parties: frozenset[str]) -> Iterator[_Weaker]:
    """Yield `part` (a requirement, or the waiver rules) with one member weaker."""
    for path, value in _members(part, ()):
        for weaker in chain(_weaker_values(path, value), _widened(path, value, parties)):
            yield replace(weaker, value=_with(part, path, weaker.value), change=f"{'.'.join(path)}: {weaker.change}")
    for index, entry in enumerate(part.get("assert", ())):
        entries = [*part["assert"][:index], {**entry, "expr": "true"}, *part["assert"][index + 1 :]]
        missing = f"a case whose evidence makes this false: {entry['expr']}"
        yield _Weaker(
            value={**part, "assert": entries}, change=f"{entry['expr']} replaced by true", missing_case=missing
        )


def _members(part: Values, path: MemberPath) -> Iterator[tuple[MemberPath, Any]]:
    """Yield every member with its path, from outside in."""
    for name, value in part.items():
        yield (*path, name), value
        if isinstance(value, dict):
            yield from _members(value, (*path, name))


def _with(part: Values, path: MemberPath, value: Any) -> Values:
    name, *rest = path
    if rest:
        return {**part, name: _with(part[name], tuple(rest), value)}
    if value is None and name in part:
        return {other: kept for other, kept in part.items() if other != name}
    return {**part, name: value}


def _weaker_values(path: MemberPath, value: Any) -> Iterator[_Weaker]:
    make = _WEAKER.get(way_of(path))
    if make is not None and value:
        yield from make(path[-1], value)


def _longer(name: str, value: str) -> Iterator[_Weaker]:
    days = min(ceil(Duration.parse(value).total_seconds() * LENGTHENED / 86400), LONGEST)
    missing = f"a case in which {name} is just over {value}"
    yield _Weaker(value=f"{days}d", change=f"{value} made {days}d", missing_case=missing)


def _absent(name: str, value: Any) -> Iterator[_Weaker]:
    shown = ", ".join(value) if isinstance(value, list) else value
    missing = f"a case whose evidence does not keep to {name} {shown}"
    yield _Weaker(value=None, change=f"{shown} taken out", missing_case=missing)


def _lower(name: str, value: Any) -> Iterator[_Weaker]:
    if isinstance(value, int):
        missing = f"a case that reaches {value - 1} for {name}, no more"
        yield _Weaker(value=value - 1 or None, change=f"{value} made {value - 1}", missing_case=missing)


def _fewer(name: str, value: list[str]) -> Iterator[_Weaker]:
    for entry in value:
        missing = f"a case that lacks {entry} and nothing else of {name}"
        rest = [other for other in value if other != entry]
        yield _Weaker(value=rest, change=f"{entry} taken out", missing_case=missing)


def _false(name: str, value: bool) -> Iterator[_Weaker]:  # noqa: FBT001  # the value itself
    yield _Weaker(value=not value, change="true made false", missing_case=f"a case without {name}")


def _sampled(name: str, value: Any) -> Iterator[_Weaker]:
    missing = f"a case whose {name} is a sample that is too small"
    if value != BARE_SAMPLE:
        yield _Weaker(value=BARE_SAMPLE, change="a single RRset accepted as a sample", missing_case=missing)


_WEAKER: Mapping[Way, Callable[[str, Any], Iterator[_Weaker]]] = MappingProxyType(
    {
        Way.LONGER: _longer,
        Way.SHORTER: _absent,
        Way.ABSENT: _absent,
        Way.ANY: _absent,
        Way.LOWER: _lower,
        Way.FEWER: _fewer,
        Way.FALSE: _false,
        Way.COVERAGE: _sampled,
    }
)


def _widened(path: MemberPath, value: Any, parties: frozenset[str]) -> Iterator[_Weaker]:
    if path != ("from",):
        return
    strangers = sorted(parties - set(value))
    missing = "a case in which the evidence comes from a party of the trust root that is not named here"
    yield _Weaker(value=[*value, *strangers], change=f"any party ({', '.join(strangers)})", missing_case=missing)
