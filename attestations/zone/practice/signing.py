"""Signs practice zones: small, TLD-like, in memory. For calibration, tests, drills and the HSM laboratory.

Not a production signer. Three hooks let a caller build any fault of the incident library: which private key
signs RRset i, what becomes of a finished RRSIG, and an edit of the zone before it is signed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import dns.name
import dns.rdata
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.times import Instant
from attestations.zone.practice.authority import authority_of
from attestations.zone.practice.canonical import ds_digest, label_count, signed_data
from attestations.zone.practice.denial import DenialKind, Nsec3, with_denial
from attestations.zone.practice.keys import PracticeKey, Sign
from attestations.zone.practice.model import Record, RRset, ZoneVersion
from attestations.zone.practice.records import canonical_text, read_records, records_of, zone_of


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Where a fault can be put in; the defaults change nothing."""

    signer: Callable[[int, RRset, PracticeKey], Sign] = lambda _index, _rrset, key: key.sign
    """the private key that signs RRset i for `key`"""
    finish: Callable[[int, RRset, RRSIG], Iterable[RRSIG]] = lambda _index, _rrset, rrsig: (rrsig,)
    """what is published in place of a finished RRSIG: it, none, or several"""
    edit: Callable[[ZoneVersion], ZoneVersion] = lambda zone: zone
    """an edit of the zone, its denial chain included, before it is signed"""


@dataclass(frozen=True, kw_only=True)
class PracticeZone:
    """A signed zone."""

    name: str
    text: bytes = field(repr=False)
    """master file"""
    ds: bytes
    """DS records of its KSKs, as a file"""


RFC_9276 = Nsec3()
HONEST = Hooks()


def practice_zone(
    keys: Iterable[PracticeKey],
    at: Instant,
    *,
    name: str = "test.",
    serial: int = 1,
    delegations: int = 12,
    denial: DenialKind = RFC_9276,
    further: str = "",
    hooks: Hooks = HONEST,
) -> PracticeZone:
    """Return the base zone of the incident library, signed from one hour before `at` to two weeks after.

    Deterministic in its arguments (RFC 6979). `further` holds more records in master file form.
    """
    keys = tuple(keys)
    origin = dns.name.from_text(name)
    records = read_records(_base_text(serial, delegations) + further, origin)
    records += (Record(owner=origin, ttl=3600, rdata=_dnskey(key)) for key in keys)
    zone = hooks.edit(zone_of(origin, with_denial(zone_of(origin, records), denial)))
    signed = [*records_of(zone), *_signatures(zone, keys, at, hooks)]
    return PracticeZone(name=origin.to_text(), text=canonical_text(signed), ds=ds_text(keys, name))


def ds_text(keys: Iterable[PracticeKey], zone: str) -> bytes:
    """Return the DS records (SHA-256) of those `keys` that are KSKs, as a file."""
    owner = dns.name.from_text(zone)
    lines = (
        f"{owner} 3600 IN DS {key.tag} {key.algorithm} 2 {ds_digest(owner, key.rdata).hex().upper()}\n"
        for key in keys
        if key.is_ksk
    )
    return "".join(lines).encode("ascii")


def without(zone: ZoneVersion, unwanted: Callable[[RRset], bool]) -> ZoneVersion:
    """Return the zone without some RRsets: for the `edit` hook."""
    return replace(zone, rrsets=tuple(rrset for rrset in zone.rrsets if not unwanted(rrset)))


def _base_text(serial: int, delegations: int) -> str:
    """A zone like a TLD in small: every third delegation has a DS."""
    lines = [
        f"@ IN SOA ns1 hostmaster {serial} 7200 3600 1209600 3600",
        "@ IN NS ns1",
        "@ IN NS ns2",
        "ns1 IN A 192.0.2.1",
        "ns2 IN A 192.0.2.2",
        "nic IN A 192.0.2.3",
        "* IN A 192.0.2.4",
        "* IN AAAA 2001:db8::4",
    ]
    for number in range(delegations):
        lines.append(f"d{number} IN NS ns.d{number}")
        lines.append(f"ns.d{number} IN A 198.51.100.{number % 250 + 1}")
        if number % 3 == 0:
            lines.append(f"d{number} IN DS {number + 1} 13 2 {number:064X}")
    return "\n".join(lines) + "\n"


def _signatures(zone: ZoneVersion, keys: tuple[PracticeKey, ...], at: Instant, hooks: Hooks) -> list[Record]:
    authority = authority_of(zone)
    index = 0
    records = []
    for rrset in (rrset for rrset in zone.rrsets if authority.must_be_signed(rrset)):
        is_keys = rrset.rtype == RdataType.DNSKEY
        for key in (key for key in keys if key.signs and key.is_ksk == is_keys):
            rrsig = sign_rrset(rrset, key, zone.name, at, hooks.signer(index, rrset, key))
            finished = hooks.finish(index, rrset, rrsig)
            records += [Record(owner=rrset.owner, ttl=min(rrset.ttls), rdata=one) for one in finished]
        index += not is_keys
    return records


def sign_rrset(rrset: RRset, key: PracticeKey, zone: Name, at: Instant, sign: Sign) -> RRSIG:
    """Return a signature under `key`'s tag over an RRset, valid from one hour before `at` to two weeks after."""
    now = int(at.timestamp())
    fields = f"{RdataType.to_text(rrset.rtype)} {key.algorithm} {label_count(rrset.owner)} {min(rrset.ttls)}"
    times = f"{now + 14 * 86400} {now - 3600}"
    unsigned = dns.rdata.from_text(RdataClass.IN, RdataType.RRSIG, f"{fields} {times} {key.tag} {zone} AA==")
    return re_signed(cast("RRSIG", unsigned), rrset, sign)


def re_signed(rrsig: RRSIG, rrset: RRset, sign: Sign) -> RRSIG:
    """Return `rrsig` with the signature that its other fields call for."""
    return changed(rrsig, signature=sign(signed_data(rrsig, rrset)))


def changed(rrsig: RRSIG, **fields: Any) -> RRSIG:
    """Return `rrsig` with other values in some fields."""
    return cast("RRSIG", rrsig.replace(**fields))


def _dnskey(key: PracticeKey) -> Rdata:
    return dns.rdata.from_wire(RdataClass.IN, RdataType.DNSKEY, key.rdata, 0, len(key.rdata))
