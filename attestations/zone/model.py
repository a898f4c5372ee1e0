"""One version of a zone, as it was read: RRsets with the signatures that cover them."""

from dataclasses import dataclass, field

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.SOA import SOA

from attestations.predicates.zone_validation import Source


@dataclass(frozen=True, kw_only=True)
class RRset:
    """The records of one owner and type. Without records it is a signature over nothing."""

    owner: Name
    rtype: RdataType
    ttls: frozenset[int]
    """of its records; RFC 2181, 5.2 wants one"""
    rdatas: tuple[Rdata, ...]
    """without duplicates, in canonical order"""
    signatures: tuple[RRSIG, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ZoneVersion:
    """A zone as one file or one transfer gave it."""

    name: Name
    rrsets: tuple[RRset, ...] = field(repr=False)
    """in canonical order of owner and type; records outside the zone are not among them"""
    outside: tuple[Name, ...]
    """owners outside the zone (at most a few): such records are ignored"""
    master: bytes = field(repr=False)
    """the bytes that were validated: the file, or the transfer as text in canonical order"""
    sha256: str
    """of `master`"""
    source: Source

    @property
    def soa(self) -> SOA:
        """The SOA record at the apex; a ZoneVersion is never made without one."""
        for rrset in self.rrsets:
            if rrset.owner == self.name and rrset.rtype == RdataType.SOA and isinstance(rrset.rdatas[0], SOA):
                return rrset.rdatas[0]
        raise LookupError("a zone version without SOA")

    @property
    def serial(self) -> int:
        """The serial number of the SOA record."""
        return int(self.soa.serial)
