"""What stands at the apex of a zone: it decides how the rest is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from attestations.errors import Location
from attestations.zone.reading.flat import Line, Unflat, Zone, lines, pieces, unreadable
from attestations.zone.reading.types import TYPES
from attestations.zone.validation.denial.parameters import Parameters, announced
from attestations.zone.validation.groups import RRset, rrsets_of
from attestations.zone.validation.published import KeySet, key_set

SOA, NSEC, DNSKEY, NSEC3PARAM = (TYPES[name] for name in (b"SOA", b"NSEC", b"DNSKEY", b"NSEC3PARAM"))


@dataclass(frozen=True, kw_only=True)
class Apex:
    """The apex of one version of a zone."""

    wire: bytes
    name: str
    rrsets: Mapping[int, RRset] = field(repr=False)
    """every RRset, with its signatures"""

    @cached_property
    def keys(self) -> KeySet:
        """The published zone keys."""
        return key_set(self.rdatas(DNSKEY))

    def rdatas(self, rtype: int) -> tuple[bytes, ...]:
        """Return the canonical RDATA of one type; empty if there are no records."""
        return self.rrsets[rtype].rdatas if rtype in self.rrsets else ()

    @property
    def soa_ttl(self) -> int:
        """The TTL of the SOA record."""
        return self.rrsets[SOA].ttls[0]

    @property
    def serial(self) -> int:
        """The serial number of the SOA record."""
        return self._soa_number(0)

    @property
    def expire(self) -> int:
        """Seconds for which a secondary serves the zone without news (RFC 1035, 3.3.13)."""
        return self._soa_number(3)

    @property
    def minimum(self) -> int:
        """The TTL of negative answers (RFC 2308, 4)."""
        return self._soa_number(4)

    @property
    def nsec3(self) -> tuple[Parameters, ...]:
        """The parameters of the NSEC3 chains that the zone announces."""
        return announced(self.rdatas(NSEC3PARAM))

    def _soa_number(self, index: int) -> int:
        """The five numbers are the last 20 octets of the RDATA."""
        numbers = self.rrsets[SOA].rdatas[0][-20:]
        return int.from_bytes(numbers[4 * index : 4 * index + 4], "big")


def apex_of(zone: Zone) -> Apex:
    """Return what the owner that is the zone's name has, in the first place of the file where it stands.

    Raises Unflat, and InputError (DNS-ZONEFILE): not exactly one SOA record, a record that cannot be read.
    """
    owned = _owned(zone)
    try:
        rrsets = rrsets_of(owned)[1]
    except ValueError as error:
        raise unreadable(f"at the apex: {error}", Location(file=zone.label)) from None
    found = len(rrsets[SOA].rdatas) if SOA in rrsets else 0
    if not found and not zone.is_sorted:
        raise Unflat(owned[0].offset if owned else 0, "the first records of the apex are without its SOA record")
    if found != 1:
        raise unreadable(f"not exactly one SOA record at {zone.name}", Location(file=zone.label))
    return Apex(wire=zone.wire, name=zone.name, rrsets=rrsets)


def _owned(zone: Zone) -> list[Line]:
    """Return the first lines of the file whose owner is the zone's name. A piece ends where an owner does."""
    name = zone.name.encode("ascii")
    for offset, size in pieces(zone):
        if name in zone.read(offset, size).lower():
            owned = [line for line in lines(zone, offset, size) if line.owner.lower() == name]
            if owned:
                return owned
    return []
