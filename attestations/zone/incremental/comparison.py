"""Owners that may have changed, judged as they were and as they are: the difference is what a step does."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from attestations.zone.findings import Findings
from attestations.zone.incremental.affected import Names
from attestations.zone.incremental.judging import Contribution, judge_of
from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.store import Entry, Owner
from attestations.zone.incremental.terms import insist_on_one_denial
from attestations.zone.incremental.version import Version
from attestations.zone.reading.sorting import key_of
from attestations.zone.validation.effort import MAX_EFFORT, TooMuchWorkError, insist_on_bounded
from attestations.zone.validation.terms import Terms


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a step does."""

    counts: Counter[str]
    """to be added to the sums of the zone; some are negative"""
    entries: Counter[Entry]
    """to be added to those of the state"""
    owners: tuple[Owner, ...] = field(repr=False)
    """as they are"""
    gone: tuple[bytes, ...]
    """keys of owners that are no more"""
    findings: tuple[Findings, ...]
    checked: int
    """RRsets that were judged as they are"""


class Sides:
    """Two versions of the zone, and the judges of their owners."""

    def __init__(self, old: Version, before: Terms, new: Version, after: Terms, flagged: Names) -> None:
        self._old, self._new = old, new
        self._after = after
        self._flagged = flagged
        self._known = judge_of(before, is_known=True)
        self._doubtful = judge_of(before, is_known=False)
        self._judge = judge_of(after, is_known=False)
        self._was: dict[bytes, Contribution | None] = {}

    def was(self, name: bytes) -> Contribution | None:
        """Return what an owner added as it was; None if there was none. Only what was good is believed."""
        if name not in self._was:
            lines = self._old.lines(name)
            judge = self._doubtful if name in self._flagged else self._known
            self._was[name] = judge.contribution(lines, self._old.hiding(name)) if lines else None
        return self._was[name]

    def compare(self, names: Collection[bytes]) -> Comparison:
        """Return what becomes of owners; raise InputError (DNS-STATE) for what only a full pass can judge."""
        counts: Counter[str] = Counter()
        entries: Counter[Entry] = Counter()
        effort: Counter[str] = Counter()
        owners, gone, findings, checked = [], [], [], 0
        for name in sorted(names, key=key_of):
            if (was := self.was(name)) is not None:
                counts.subtract(was.counts)
                entries.subtract(was.entries)
            lines = self._new.lines(name)
            if not lines:
                gone.append(key_of(name))
                continue
            now = self._judge.contribution(lines, self._new.hiding(name))
            insist_on_one_denial(self._after, now.parameters, has_nsec=now.has_nsec)
            counts.update(now.counts)
            entries.update(now.entries)
            findings.append(now.findings)
            effort.update(now.effort)
            _insist_on_bounded(effort)
            checked += now.counts["checked"]
            is_flagged = bool(now.findings.totals)
            owners.append(Owner(key=key_of(name), lines=lines, expires=now.expires, flagged=is_flagged))
        return Comparison(
            counts=counts,
            entries=Counter({entry: change for entry, change in entries.items() if change}),
            owners=tuple(owners),
            gone=tuple(gone),
            findings=tuple(findings),
            checked=checked,
        )


def _insist_on_bounded(effort: Counter[str]) -> None:
    try:
        insist_on_bounded(effort, MAX_EFFORT)
    except TooMuchWorkError as reason:
        raise full_pass_needed(str(reason), "a step that costs less") from None
