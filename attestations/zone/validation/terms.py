"""What every piece of a zone is judged by: fixed before the pass, the same for all pieces, and able to travel."""

from dataclasses import dataclass, field
from typing import Protocol

from attestations.zone.validation.denial.parameters import Parameters
from attestations.zone.validation.effort import MAX_EFFORT
from attestations.zone.validation.groups import RRset
from attestations.zone.validation.published import KeySet
from attestations.zone.validation.signatures import Judged


class Blame(Protocol):
    """Another judge of signatures than verification: the complaints of a tool. It must be picklable."""

    def judge(self, rrset: RRset, keys: KeySet, now: int, *, must_be_signed: bool) -> tuple[Judged, ...]:
        """Return what became of each signature of the RRset, in their order."""
        ...

    def explains(self, rrset: RRset) -> bool:
        """Return whether what is wrong with the RRset is to be told as findings."""
        ...


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of one pass."""

    apex: bytes
    """the zone's name in lower-case wire form"""
    keys: KeySet
    now: int
    """the moment of validation, in seconds since 1970"""
    chains: tuple[Parameters, ...] = ()
    """NSEC3 chains to be checked: announced, and cheap enough to hash"""
    is_sorted: bool = False
    """the file was written by our sorter: an owner that seems to stand in two places does not"""
    sees_all: bool = False
    """every owner of the file is judged, so one that stands in two places must be noticed"""
    has_nsec: bool = False
    """names are checked against an NSEC chain as well"""
    hashes_insecure: bool = True
    """insecure delegations are hashed too; False where every NSEC3 record is expected to opt out"""
    bits: int = 0
    """entries go into 2^bits buckets"""
    in_a_hurry: bool = False
    """so many signatures that loading a faster library pays (see faster.py)"""
    allowed: int = MAX_EFFORT
    """units of work for the whole zone (see effort.py)"""
    secret: bytes = field(repr=False, default=b"")
    """random, of this run: the key of short digests of bitmaps and names"""
    blame: Blame | None = None
    """judges the signatures instead of the published keys; chains are not looked at then"""

    @property
    def notes_insecure(self) -> bool:
        """Whether delegations with NS records alone have a place in a chain that is checked."""
        return self.has_nsec or (self.hashes_insecure and bool(self.chains))
