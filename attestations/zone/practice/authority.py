"""What a zone is authoritative for: cuts, glue, occluded names, empty non-terminals (RFC 4035 2.2, RFC 6672 2.4)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dns.name import Name
from dns.rdatatype import RdataType

from attestations.zone.practice.model import RRset, ZoneVersion

DELEGATION_TYPES = frozenset({RdataType.DS, RdataType.NSEC})
"""What is signed at a delegation beside nothing else (RFC 4035, 2.2 and 2.3)."""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Which names and RRsets of a zone must be signed and denied."""

    apex: Name
    types: Mapping[Name, frozenset[RdataType]] = field(repr=False)
    """types that have records, by owner; without RRSIG"""
    cuts: frozenset[Name] = field(repr=False)
    """owners of NS records below the apex: delegations"""
    occluding: frozenset[Name] = field(repr=False)
    """names below which nothing is authoritative: delegations, and owners of a DNAME"""

    def must_be_signed(self, rrset: RRset) -> bool:
        """Return whether the RRset must have a signature."""
        if not rrset.rdatas or (self.is_occluded(rrset.owner) and rrset.rtype != RdataType.NSEC3):
            return False
        return rrset.owner not in self.cuts or rrset.rtype in DELEGATION_TYPES

    def is_occluded(self, name: Name) -> bool:
        """Return whether the name lies below a delegation or a DNAME."""
        return any(ancestor in self.occluding for ancestor in self.ancestors(name))

    def ancestors(self, name: Name) -> Iterator[Name]:
        """Yield the proper ancestors of a name within the zone, nearest first."""
        while name != self.apex:
            name = name.parent()
            yield name

    def names(self) -> Iterator[Name]:
        """Yield the names that exist with authoritative data or as a delegation, in no order."""
        for name, types in self.types.items():
            if types - {RdataType.NSEC, RdataType.NSEC3} and not self.is_occluded(name):
                yield name

    def empty_non_terminals(self, names: frozenset[Name]) -> frozenset[Name]:
        """Return the names between `names` and the apex that have no data of their own."""
        return frozenset(ancestor for name in names for ancestor in self.ancestors(name)) - names - {self.apex}

    def types_to_deny_around(self, name: Name) -> frozenset[RdataType]:
        """Return the types that a bitmap at `name` must show, without NSEC and RRSIG (RFC 4034, 4.1.2)."""
        types = self.types.get(name, frozenset()) - {RdataType.NSEC, RdataType.NSEC3}
        return types & {RdataType.NS, RdataType.DS} if name in self.cuts else types


def authority_of(zone: ZoneVersion) -> Authority:
    """Return what `zone` is authoritative for."""
    types: dict[Name, set[RdataType]] = defaultdict(set)
    for rrset in zone.rrsets:
        if rrset.rdatas:
            types[rrset.owner].add(rrset.rtype)
    cuts = frozenset(name for name, present in types.items() if RdataType.NS in present and name != zone.name)
    dnames = frozenset(name for name, present in types.items() if RdataType.DNAME in present)
    return Authority(
        apex=zone.name,
        types={name: frozenset(present) for name, present in types.items()},
        cuts=cuts,
        occluding=cuts | dnames,
    )
