"""A practice zone before it is signed: records, grouped into RRsets."""

from dataclasses import dataclass, field

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource record of class IN."""

    owner: Name
    ttl: int
    rdata: Rdata


@dataclass(frozen=True, kw_only=True)
class RRset:
    """The records of one owner and type."""

    owner: Name
    rtype: RdataType
    ttls: frozenset[int]
    rdatas: tuple[Rdata, ...]
    """without duplicates, in canonical order"""


@dataclass(frozen=True, kw_only=True)
class ZoneVersion:
    """A zone without signatures."""

    name: Name
    rrsets: tuple[RRset, ...] = field(repr=False)
    """in canonical order of owner and type"""

    @property
    def soa(self) -> SOA:
        """The SOA record at the apex; a practice zone is never made without one."""
        for rrset in self.rrsets:
            if rrset.owner == self.name and rrset.rtype == RdataType.SOA and isinstance(rrset.rdatas[0], SOA):
                return rrset.rdatas[0]
        raise LookupError("a practice zone without SOA")
