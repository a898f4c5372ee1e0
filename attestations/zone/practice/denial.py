"""Builds the NSEC or NSEC3 chain of a practice zone (RFC 4034, 4; RFC 5155, 7.1)."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import dns.rdata
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations.zone.practice.authority import Authority, authority_of
from attestations.zone.practice.canonical import order
from attestations.zone.practice.model import Record, ZoneVersion
from attestations.zone.practice.records import records_of


@dataclass(frozen=True, kw_only=True)
class Nsec3:
    """The NSEC3 chain that is wanted; the defaults are those of RFC 9276."""

    iterations: int = 0
    salt: bytes = b""
    opt_out: bool = False

    def hash(self, name: Name) -> bytes:
        """Return the hash of a name (RFC 5155, 5)."""
        digest = name.to_digestable()
        for _ in range(self.iterations + 1):
            digest = hashlib.sha1(digest + self.salt, usedforsecurity=False).digest()
        return digest

    def __str__(self) -> str:
        return f"{self.iterations} {self.salt.hex() or '-'}"


DenialKind = Nsec3 | Literal["nsec"]


def with_denial(zone: ZoneVersion, denial: DenialKind) -> list[Record]:
    """Return the records of `zone` together with a denial chain."""
    records = records_of(zone)
    ttl = min(zone.soa.minimum, 3600)
    if isinstance(denial, Nsec3):
        records.append(Record(owner=zone.name, ttl=0, rdata=_rdata(RdataType.NSEC3PARAM, f"1 0 {denial}")))
        return records + [Record(owner=owner, ttl=ttl, rdata=rdata) for owner, rdata in _nsec3(zone, denial)]
    return records + [Record(owner=owner, ttl=ttl, rdata=rdata) for owner, rdata in _nsec(zone)]


def _nsec(zone: ZoneVersion) -> Iterator[tuple[Name, Rdata]]:
    authority = authority_of(zone)
    names = sorted(authority.names(), key=order)
    for name, following in zip(names, (*names[1:], zone.name), strict=True):
        types = authority.types_to_deny_around(name) | {RdataType.NSEC, RdataType.RRSIG}
        yield name, _rdata(RdataType.NSEC, f"{following} {_listed(types)}")


def _nsec3(zone: ZoneVersion, denial: Nsec3) -> Iterator[tuple[Name, Rdata]]:
    authority = authority_of(zone)
    names = frozenset(authority.names())
    if denial.opt_out:
        names = frozenset(name for name in names if name not in authority.cuts or _is_secure(name, authority))
    names |= authority.empty_non_terminals(names)
    hashes = sorted((denial.hash(name), name) for name in names)
    following = [hashed for hashed, _ in hashes[1:] + hashes[:1]]
    for (hashed, name), after in zip(hashes, following, strict=True):
        link = base64.b32hexencode(after).decode("ascii")
        text = f"1 {denial.opt_out:d} {denial} {link} {_listed(_types(name, zone, authority))}"
        yield _hashed_owner(hashed, zone.name), _rdata(RdataType.NSEC3, text)


def _types(name: Name, zone: ZoneVersion, authority: Authority) -> frozenset[RdataType]:
    types = authority.types_to_deny_around(name)
    if name == zone.name:
        types |= {RdataType.NSEC3PARAM}
    if types and (name not in authority.cuts or _is_secure(name, authority)):
        types |= {RdataType.RRSIG}
    return types


def _is_secure(name: Name, authority: Authority) -> bool:
    return RdataType.DS in authority.types[name]


def _hashed_owner(hashed: bytes, apex: Name) -> Name:
    return Name((base64.b32hexencode(hashed).lower(), *apex.labels))


def _listed(types: frozenset[RdataType]) -> str:
    return " ".join(RdataType.to_text(rtype) for rtype in sorted(types))


def _rdata(rtype: RdataType, text: str) -> Rdata:
    return dns.rdata.from_text(RdataClass.IN, rtype, text)
