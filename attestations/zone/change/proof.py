"""Which keys really signed an RRset of a version, where the rules of transition would else believe a key tag.

Signatures that nobody can verify are easily put beside good ones. By their tags alone they would make a step look safe.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from attestations.times import Instant
from attestations.zone.reading.flat import line_of
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.groups import rrsets_of
from attestations.zone.validation.published import KeySet, PublishedKey, key_set
from attestations.zone.validation.signatures import JudgedRRset, Outcome, judge

Signers = frozenset[tuple[int, int]]
"""(key tag, algorithm) of each signature of one RRset"""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The keys of one version, seen from the other."""

    apex: bytes
    keys: KeySet
    """its own, and those of the other version for signatures that none of its own made"""
    lasting: frozenset[PublishedKey] = field(repr=False)
    """keys of both versions"""
    now: int
    """when the signatures must be good, in seconds since 1970"""

    def is_needed(self, signers: Iterable[tuple[int, int]]) -> bool:
        """Return whether it matters which of the signatures are good: there are several, and not all keys last.

        An RRset whose only signature is not good is wrong in its own version, whatever the other one has.
        """
        keys = [self.keys.candidates(*signer) for signer in signers]
        return len(keys) > 1 and not all(some and self.lasting.issuperset(some) for some in keys)

    def judged(self, rtype: int, lines: Iterable[bytes]) -> JudgedRRset:
        """Return an RRset with its judged signatures, from the flat lines of its owner; raise Unflat, ValueError."""
        rrset = rrsets_of(line_of(line, 0) for line in lines)[1][rtype]
        signatures = judge(rrset, keys=self.keys, apex=self.apex, now=self.now)
        return JudgedRRset(rrset=rrset, must_be_signed=True, signatures=signatures)


def proof_of(own: Apex, other: Apex, now: Instant) -> Proof:
    """Return what tells who signed a version that is compared with another one."""
    further = (key.rdata for key in other.keys.keys if not own.keys.candidates(key.tag, key.algorithm))
    return Proof(
        apex=own.wire,
        keys=key_set((*(key.rdata for key in own.keys.keys), *further)),
        lasting=frozenset(own.keys.keys) & frozenset(other.keys.keys),
        now=int(now.timestamp()),
    )


def good_signers(judged: JudgedRRset) -> Signers:
    """Return who made the good signatures of an RRset."""
    return frozenset((one.rrsig.key_tag, one.rrsig.algorithm) for one in judged.signatures if one.outcome is Outcome.OK)
