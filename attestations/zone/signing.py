"""Signs practice zones: small, TLD-like, in memory. For calibration, tests, drills and the HSM laboratory.

Not a production signer. Three hooks let a caller build any fault of the incident library: which private key
signs RRset i, what becomes of a finished RRSIG, and an edit of the zone before it is signed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import dns.name
import dns.rdata
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations import dnskey
from attestations.times import Instant
from attestations.zone.authority import authority_of
from attestations.zone.canonical import ds_digest, label_count, signed_data
from attestations.zone.master import Record, read_master
from attestations.zone.model import RRset, ZoneVersion
from attestations.zone.practice_denial import DenialKind, Nsec3, with_denial
from attestations.zone.source import canonical_text, records_of, zone_from_bytes

KSK_FLAGS, ZSK_FLAGS = 257, 256
Sign = Callable[[bytes], bytes]
"""Takes data, returns a signature in DNSSEC form. An HSM can stand behind it."""


@dataclass(frozen=True, kw_only=True)
class PracticeKey:
    """A key to publish, and the private key that signs for it: normally, but not necessarily, its own."""

    rdata: bytes
    """DNSKEY RDATA, as attestations.dnskey.rdata makes it"""
    sign: Sign = field(repr=False)
    signs: bool = True
    """False: published only (stand-by)"""

    @property
    def tag(self) -> int:
        """The key tag, computed."""
        return dnskey.key_tag(self.rdata)

    @property
    def algorithm(self) -> int:
        """The algorithm number."""
        return self.rdata[3]

    @property
    def is_ksk(self) -> bool:
        """Whether it signs the DNSKEY RRset; others sign the rest."""
        return bool(self.rdata[1] & 1)


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

    name: Name
    text: bytes = field(repr=False)
    """master file"""
    ds: bytes
    """DS records of its KSKs, as a file"""


RFC_9276 = Nsec3()
HONEST = Hooks()


def new_key(flags: int) -> PracticeKey:
    """Return a fresh P-256 key pair (algorithm 13) that signs deterministically (RFC 6979)."""
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return PracticeKey(rdata=dnskey.rdata(flags, 3, dnskey.ECDSAP256SHA256, point[1:]), sign=sign)


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
    base = _base_text(serial, delegations) + further
    records = read_master(base.encode("ascii"), "practice zone", origin, max_records=1_000_000)
    records += tuple(Record(owner=origin, ttl=3600, rdata=_dnskey(key)) for key in keys)
    zone = hooks.edit(_read(with_denial(_read(records, origin), denial), origin))
    signed = [*records_of(zone), *_signatures(zone, keys, at, hooks)]
    return PracticeZone(name=origin, text=canonical_text(signed), ds=ds_text(keys, origin))


def ds_text(keys: Iterable[PracticeKey], zone: Name) -> bytes:
    """Return the DS records (SHA-256) of those `keys` that are KSKs, as a file."""
    lines = (
        f"{zone} 3600 IN DS {key.tag} {key.algorithm} 2 {ds_digest(2, zone, key.rdata).hex().upper()}\n"
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
        "$TTL 3600",
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


def _read(records: Iterable[Record], origin: Name) -> ZoneVersion:
    return zone_from_bytes(canonical_text(records), "practice zone", origin)


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
