"""From a tool's complaints to judged signatures: the tool says which RRsets fail, our reader counts and says why.

Nothing is verified here. A signature counts as good only if the tool must have verified this very one: it went
through the zone, does not complain about the RRset, and had no other signature to choose. Of several it verified
at least one, so one counts; the rest stays unjudged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.validation.groups import RRset
from attestations.zone.validation.published import KeySet
from attestations.zone.validation.signatures import Judged, Outcome, remaining_seconds, seconds_since_inception

ANY = 0
"""in place of an algorithm: the tool complains about the RRset, whatever the algorithm"""
_DNSKEY = TYPES[b"DNSKEY"]


class Verifies(Enum):
    """How many signatures of an RRset a tool must have verified before it is silent."""

    ONE = "at least one"
    ONE_OF_EACH_ALGORITHM = "at least one of each published algorithm"
    EVERY = "every one with a published key"


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """What a tool said that came to a verdict: the judge of signatures in its name."""

    apex: bytes
    refused: bool
    verifies: Verifies
    blamed: Mapping[tuple[bytes, int], frozenset[int]] = field(repr=False)
    """owner and type of RRsets without a correct signature, with the algorithms that are meant (or ANY)"""
    others: tuple[ZoneFinding, ...] = ()
    """everything else it complains about"""
    explained: bool = True
    """every line of it was understood, and it went on after the first"""

    @property
    def is_complete(self) -> bool:
        """Whether silence about an RRset means that it was verified: without good keys tools stop early."""
        return not self.refused or (self.explained and (self.apex, _DNSKEY) not in self.blamed)

    def explains(self, rrset: RRset) -> bool:
        """Return whether the tool complains about the RRset."""
        return (rrset.owner, rrset.rtype) in self.blamed

    def judge(self, rrset: RRset, keys: KeySet, now: int, *, must_be_signed: bool) -> tuple[Judged, ...]:
        """Return what became of each signature, as far as the tool's words tell."""
        blamed = self.blamed.get((rrset.owner, rrset.rtype), frozenset())
        if not must_be_signed:
            return tuple(_unexpected(rrsig) for rrsig in rrset.signatures)
        if not blamed and not self.is_complete:
            return tuple(Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED) for rrsig in rrset.signatures)
        judged: dict[Rrsig, Judged] = {}
        for group, rrsigs in self._groups(rrset).items():
            if blamed & {group, ANY}:
                judged |= {rrsig: _refused(rrsig, keys, now) for rrsig in rrsigs}
            else:
                judged |= {one.rrsig: one for one in _accepted(rrsigs, keys, now)}
        return tuple(judged[rrsig] for rrsig in rrset.signatures)

    def _groups(self, rrset: RRset) -> dict[int | Rrsig, list[Rrsig]]:
        """Return the signatures in groups of which the tool verified at least one."""
        groups: defaultdict[int | Rrsig, list[Rrsig]] = defaultdict(list)
        for rrsig in rrset.signatures:
            match self.verifies:
                case Verifies.ONE:
                    groups[ANY].append(rrsig)
                case Verifies.ONE_OF_EACH_ALGORITHM:
                    groups[rrsig.algorithm].append(rrsig)
                case Verifies.EVERY:
                    groups[rrsig].append(rrsig)
        return groups


def blame(said: Iterable[tuple[str, str, int]]) -> dict[tuple[bytes, int], frozenset[int]]:
    """Return complaints about (owner, type, algorithm) by RRset; what cannot be parsed is left out."""
    blamed: defaultdict[tuple[bytes, int], frozenset[int]] = defaultdict(frozenset)
    for owner, rtype, algorithm in said:
        try:
            key = wire_name(owner.rstrip(".").encode("ascii") + b"."), type_number(rtype.upper().encode("ascii"))
        except ValueError:
            continue  # the verdict stands without the name: see VALIDATOR_REFUSED
        blamed[key] |= {algorithm}
    return dict(blamed)


def _accepted(rrsigs: list[Rrsig], keys: KeySet, now: int) -> Iterator[Judged]:
    """At least one of them is good; which one is known only if one alone can be. The earliest expiry is stated."""
    able = [rrsig for rrsig in rrsigs if keys.candidates(rrsig.key_tag, rrsig.algorithm) and _is_current(rrsig, now)]
    yield from (Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED) for rrsig in rrsigs if rrsig not in able[:1])
    if able:
        candidates = keys.candidates(able[0].key_tag, able[0].algorithm)
        key = candidates[0] if len(able) == len(candidates) == 1 else None
        remaining = min(remaining_seconds(rrsig, now) for rrsig in able)
        yield Judged(rrsig=able[0], outcome=Outcome.OK, key=key, remaining=remaining)


def _is_current(rrsig: Rrsig, now: int) -> bool:
    return remaining_seconds(rrsig, now) >= 0 and seconds_since_inception(rrsig, now) >= 0


def _unexpected(rrsig: Rrsig) -> Judged:
    reason = "covers what must not be signed, and the tool refuses it"
    return Judged(rrsig=rrsig, outcome=Outcome.UNJUDGED, code="SIG_UNEXPECTED", reason=reason)


def _refused(rrsig: Rrsig, keys: KeySet, now: int) -> Judged:
    """The tool refuses it; what can be seen without verifying says why."""
    if not keys.candidates(rrsig.key_tag, rrsig.algorithm):
        outcome, code, why = Outcome.NO_KEY, "KEY_NOT_PUBLISHED", "and no DNSKEY has its tag and algorithm"
    elif remaining_seconds(rrsig, now) < 0:
        outcome, code, why = Outcome.EXPIRED, "SIG_EXPIRED", "and it has expired"
    elif seconds_since_inception(rrsig, now) < 0:
        outcome, code, why = Outcome.NOT_YET, "SIG_FUTURE", "and it is not valid yet"
    else:
        outcome, code, why = Outcome.BOGUS, "SIG_WRONG_KEY", "though a published key has its tag and algorithm"
    reason = f"is refused by the tool, {why}"
    return Judged(rrsig=rrsig, outcome=outcome, code=code, reason=reason, remaining=remaining_seconds(rrsig, now))
