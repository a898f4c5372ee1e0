"""The NSEC3 chain: one record for each hashed name, closed, with the announced parameters (RFC 5155)."""

import base64
import binascii
import bisect
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.NSEC3PARAM import NSEC3PARAM

from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.zone.authority import Authority
from attestations.zone.bitmap import difference, types_of
from attestations.zone.findings import finding
from attestations.zone.model import ZoneVersion

MAX_ITERATIONS = 150
"""beyond it resolvers treat the zone as insecure (BIND, Unbound, RFC 9276 3.2); nothing is hashed"""
MAX_CHAINS = 4
_SHA1, _OPT_OUT = 1, 0x01


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Hash algorithm, iterations and salt of one chain."""

    algorithm: int
    iterations: int
    salt: bytes

    def hash(self, name: Name) -> bytes:
        """Return the hash of a name (RFC 5155, 5)."""
        digest = name.to_digestable()
        for _ in range(self.iterations + 1):
            digest = hashlib.sha1(digest + self.salt, usedforsecurity=False).digest()
        return digest

    def __str__(self) -> str:
        return f"algorithm {self.algorithm}, {self.iterations} iterations, salt {self.salt.hex() or '-'}"


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The NSEC3 records of one set of parameters, by hashed owner."""

    parameters: Parameters
    records: Mapping[bytes, NSEC3] = field(repr=False)

    @property
    def opt_out(self) -> bool:
        """Whether any span is opted out."""
        return any(record.flags & _OPT_OUT for record in self.records.values())

    @cached_property
    def owners(self) -> tuple[bytes, ...]:
        """The hashes in order; never empty."""
        return tuple(sorted(self.records))

    def covering(self, hashed: bytes) -> NSEC3:
        """Return the record whose span a hash that owns no record falls into; before the first it is the last's."""
        return self.records[self.owners[bisect.bisect(self.owners, hashed) - 1]]


class _Parametrised(Protocol):
    """NSEC3 and NSEC3PARAM."""

    algorithm: int
    iterations: int
    salt: bytes


def announced(zone: ZoneVersion) -> tuple[Parameters, ...]:
    """Return the parameters in the apex NSEC3PARAM records; those with flags only if there are no others."""
    records = _nsec3param(zone)
    return tuple(_parameters(record) for record in records if record.flags == 0) or tuple(map(_parameters, records))


def chains(zone: ZoneVersion) -> tuple[Chain, ...]:
    """Return the chains in the zone, in no meaningful order; owners that are no hashes are left to nsec3_findings."""
    found: dict[Parameters, dict[bytes, NSEC3]] = {}
    for owner, record in _records(zone):
        if (hashed := _hash_in(owner, zone.name)) is not None:
            found.setdefault(_parameters(record), {})[hashed] = record
    return tuple(Chain(parameters=parameters, records=records) for parameters, records in found.items())


def nsec3_findings(zone: ZoneVersion, authority: Authority) -> Iterator[ZoneFinding]:
    """Yield what is wrong with parameters, cost, chain and bitmaps."""
    by_parameters = {chain.parameters: chain for chain in chains(zone)}
    wanted = announced(zone)
    yield from _parameter_findings(zone, frozenset(wanted), frozenset(by_parameters))
    if max(len(wanted), len(by_parameters)) > MAX_CHAINS:
        yield finding("DNS_BUDGET", "error", zone.name, RdataType.NSEC3PARAM, f"more than {MAX_CHAINS} NSEC3 chains")
        return
    yield from _owner_findings(zone)
    for parameters in wanted:
        if parameters.iterations <= MAX_ITERATIONS and parameters in by_parameters:
            yield from _chain_findings(by_parameters[parameters], authority)


def _parameter_findings(
    zone: ZoneVersion, wanted: frozenset[Parameters], present: frozenset[Parameters]
) -> Iterator[ZoneFinding]:
    for parameters in sorted(wanted | present, key=str):
        if parameters.iterations:
            severity: Severity = "error" if parameters.iterations > MAX_ITERATIONS else "warning"
            message = f"{parameters.iterations} extra iterations; RFC 9276 wants 0"
            yield finding("NSEC3_COST", severity, zone.name, RdataType.NSEC3PARAM, message)
    if wanted and all(record.flags for record in _nsec3param(zone)):
        message = "every NSEC3PARAM record has flags set: name servers ignore it (RFC 5155, 4.1.2)"
        yield finding("NSEC3_PARAM", "warning", zone.name, RdataType.NSEC3PARAM, message)
    for parameters in sorted(wanted - present, key=str):
        message = f"NSEC3PARAM announces a chain that is not there: {parameters}"
        yield finding("NSEC3_PARAM", "error", zone.name, RdataType.NSEC3PARAM, message)
    for parameters in sorted(present - wanted, key=str):
        message = f"NSEC3 records without their NSEC3PARAM: {parameters}"
        yield finding("NSEC3_PARAM", "warning" if wanted else "error", zone.name, RdataType.NSEC3PARAM, message)


def _owner_findings(zone: ZoneVersion) -> Iterator[ZoneFinding]:
    seen: set[tuple[Name, Parameters]] = set()
    for owner, record in _records(zone):
        if _hash_in(owner, zone.name) is None:
            yield finding("DENIAL_CHAIN", "error", owner, RdataType.NSEC3, "the owner is not a hash below the apex")
        elif (key := (owner, _parameters(record))) in seen:
            yield finding("DENIAL_CHAIN", "error", owner, RdataType.NSEC3, "two NSEC3 records of one chain at one name")
        else:
            seen.add(key)


def _chain_findings(chain: Chain, authority: Authority) -> Iterator[ZoneFinding]:
    if chain.parameters.algorithm != _SHA1:
        message = f"unknown hash algorithm {chain.parameters.algorithm}"
        yield finding("NSEC3_PARAM", "error", authority.apex, RdataType.NSEC3PARAM, message)
        return
    yield from _link_findings(chain, authority.apex)
    names = frozenset(authority.names())
    left = set(chain.records)
    optional = _may_be_opted_out(names, authority)
    for name in names | authority.empty_non_terminals(names):
        hashed = chain.parameters.hash(name)
        left.discard(hashed)
        record = chain.records.get(hashed)
        if record is not None:
            yield from _bitmap_findings(name, record, authority)
        elif not (name in optional and chain.covering(hashed).flags & _OPT_OUT):
            yield finding("DENIAL_CHAIN", "error", name, RdataType.NSEC3, "no NSEC3 record has this name's hash")
    for hashed in sorted(left):
        owner = hashed_owner(hashed, authority.apex)
        yield finding("DENIAL_CHAIN", "error", owner, RdataType.NSEC3, "an NSEC3 record for a name that does not exist")


def _link_findings(chain: Chain, apex: Name) -> Iterator[ZoneFinding]:
    for owner, following in zip(chain.owners, (*chain.owners[1:], chain.owners[0]), strict=True):
        if chain.records[owner].next != following:
            message = "the NSEC3 record does not point to the next hash: the chain is not closed here"
            yield finding("DENIAL_CHAIN", "error", hashed_owner(owner, apex), RdataType.NSEC3, message)


def _bitmap_findings(name: Name, record: NSEC3, authority: Authority) -> Iterator[ZoneFinding]:
    present = authority.types_to_deny_around(name)
    # RRSIG stands wherever something is signed: not at an insecure delegation, not at an empty non-terminal.
    if present and (name not in authority.cuts or RdataType.DS in present):
        present |= {RdataType.RRSIG}
    if wrong := difference(types_of(record.windows), present):
        yield finding("DENIAL_BITMAP", "error", name, RdataType.NSEC3, f"the NSEC3 bitmap {wrong}")


def _may_be_opted_out(names: frozenset[Name], authority: Authority) -> frozenset[Name]:
    """Return insecure delegations, and the empty non-terminals that only lead to such (RFC 5155, 7.1)."""
    insecure = frozenset(
        name for name in names & authority.cuts if RdataType.DS not in authority.types.get(name, frozenset())
    )
    needed = authority.empty_non_terminals(names - insecure)
    return insecure | (authority.empty_non_terminals(insecure) - needed - names)


def _records(zone: ZoneVersion) -> Iterator[tuple[Name, NSEC3]]:
    for rrset in zone.rrsets:
        if rrset.rtype == RdataType.NSEC3:
            for rdata in rrset.rdatas:
                if isinstance(rdata, NSEC3):
                    yield rrset.owner, rdata


def _nsec3param(zone: ZoneVersion) -> tuple[NSEC3PARAM, ...]:
    return tuple(
        rdata
        for rrset in zone.rrsets
        if rrset.owner == zone.name and rrset.rtype == RdataType.NSEC3PARAM
        for rdata in rrset.rdatas
        if isinstance(rdata, NSEC3PARAM)
    )


def hashed_owner(hashed: bytes, apex: Name) -> Name:
    """Return the owner of an NSEC3 record (RFC 5155, 3)."""
    return Name((base64.b32hexencode(hashed).lower(), *apex.labels))


def _parameters(record: _Parametrised) -> Parameters:
    return Parameters(algorithm=record.algorithm, iterations=record.iterations, salt=bytes(record.salt))


def _hash_in(owner: Name, apex: Name) -> bytes | None:
    if len(owner.labels) != len(apex.labels) + 1:
        return None
    try:
        hashed = base64.b32hexdecode(owner.labels[0].upper())
    except (binascii.Error, ValueError):
        return None
    return hashed if len(hashed) == hashlib.sha1(usedforsecurity=False).digest_size else None
