"""Two versions of a policy compared: by how cases end under each, and member by member."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from attestations.errors import InputError
from attestations.records import JsonRecord, plain
from gatekeeper.policy_testing.cases import PolicyCase
from gatekeeper.policy_testing.judging import Ending, ending_of
from gatekeeper.policy_testing.strength import MemberPath, is_weaker
from gatekeeper.rulebook import Policy, check_policy_fits

NOT_JUDGED = "not judged"
WORDS = {True: "weaker", False: "stronger", None: "changed"}


@dataclass(frozen=True, kw_only=True)
class ChangedCase:
    """A case that ends otherwise under the new policy."""

    name: str
    before: Ending
    after: Ending

    @property
    def newly_approved(self) -> bool:
        """Whether the new policy approves what the old one did not."""
        return self.after.decision == "approve" != self.before.decision


class ChangedMember(JsonRecord, frozen=True, kw_only=True):
    """A member of the policy that reads otherwise, and which way where it can be told."""

    place: str
    before: str
    after: str
    effect: str
    """`weaker`, `stronger` or `changed`"""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Everything in which two policies differ."""

    compared: int
    """number of cases that were judged under both"""
    cases: tuple[ChangedCase, ...]
    members: tuple[ChangedMember, ...]

    @property
    def looser(self) -> bool:
        """Whether some case is approved now and was not before."""
        return any(case.newly_approved for case in self.cases)


def compare(old: Policy, new: Policy, cases: Iterable[PolicyCase]) -> Comparison:
    """Return in what the two policies differ, judging every case under both."""
    judged = [(case.name, _ending(case, old), _ending(case, new)) for case in cases]
    changed = tuple(ChangedCase(name=name, before=was, after=now) for name, was, now in judged if was != now)
    return Comparison(compared=len(judged), cases=changed, members=tuple(_members(old, new)))


def _ending(case: PolicyCase, policy: Policy) -> Ending:
    """A policy that may not judge the case at all ends it too, in its own way."""
    try:
        check_policy_fits(policy, case.case.request, case.case.trust, case.case.now)
    except InputError as error:
        return Ending(decision=NOT_JUDGED, reasons={error.code: (error.found,)})
    return ending_of(case, policy)


def _members(old: Policy, new: Policy) -> Iterator[ChangedMember]:
    before, after = plain(old.record.spec), plain(new.record.spec)
    for name in ("applies_to", "parameters", "waivers", "approval"):
        yield from _changed(name, (name,), before[name], after[name])
    was, now = _by_id(before), _by_id(after)
    for name in dict.fromkeys((*was, *now)):
        if name not in now:
            yield ChangedMember(place=name, before=was[name]["title"], after="", effect="weaker: removed")
        elif name not in was:
            yield ChangedMember(place=name, before="", after=now[name]["title"], effect="stronger: added")
        else:
            yield from _changed(name, (), was[name], now[name])


def _by_id(spec: Any) -> dict[str, Any]:
    return {requirement["id"]: requirement for requirement in spec["requirements"]}


def _changed(place: str, path: MemberPath, before: Any, after: Any) -> Iterator[ChangedMember]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _changed(f"{place}.{name}", (*path, name), before.get(name), after.get(name))
        return
    yield ChangedMember(
        place=place, before=_text(before), after=_text(after), effect=WORDS[is_weaker(path, before, after)]
    )


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(item["expr"] if isinstance(item, dict) else str(item) for item in value) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    return str(value)
