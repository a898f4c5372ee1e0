"""What ties a zone's keys to its parent: DS records, or DNSKEY records known from elsewhere (RFC 4035, 5.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dns.exception import DNSException
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.zonefile import read_rrsets

from attestations import dnskey
from attestations.errors import InputError, Location
from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.canonical import DIGESTS, ds_digest, rdata_wire
from attestations.zone.findings import finding
from attestations.zone.published import KeySet, PublishedKey
from attestations.zone.signatures import JudgedRRset, Outcome

MAX_ANCHORS = 16
Kind = Literal["DS", "DNSKEY"]


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """One DS record of the zone."""

    tag: int
    algorithm: int
    digest_type: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.tag} {self.algorithm} {self.digest_type} {self.digest.hex().upper()}"

    def names(self, key: PublishedKey, zone: Name) -> bool:
        """Return whether this DS names `key`; SHA-1 digests name nothing (RFC 9905)."""
        return (
            (self.tag, self.algorithm) == (key.tag, key.algorithm)
            and self.digest_type in DIGESTS
            and self.digest == ds_digest(self.digest_type, zone, key.rdata)
        )


def read_anchors(raw: bytes, file_name: str, zone: Name, kind: Kind) -> tuple[Anchor, ...]:
    """Return the anchors in a file of DS or DNSKEY records of `zone`.

    Raises InputError (DNS-ANCHOR): none, too many, other records, another owner, no records at all.
    """
    try:
        rrsets = read_rrsets(raw.decode("ascii"), rdclass=None, default_ttl=0, origin=zone)
    except (DNSException, ValueError) as error:
        raise _refused(f"{error}", file_name, zone, kind) from None
    if any(rrset.name != zone or rrset.rdtype != RdataType.make(kind) for rrset in rrsets):
        raise _refused("records of another owner or type", file_name, zone, kind)
    anchors = tuple(dict.fromkeys(_anchor(rdata, zone) for rrset in rrsets for rdata in rrset))
    if not 0 < len(anchors) <= MAX_ANCHORS:
        raise _refused(f"{len(anchors)} records", file_name, zone, kind)
    return anchors


def anchors_text(anchors: tuple[Anchor, ...], zone: Name) -> bytes:
    """Return anchors as a file of DS records, for tools that want one."""
    return "".join(f"{zone} 3600 IN DS {anchor}\n" for anchor in anchors).encode("ascii")


def chain_findings(
    anchors: tuple[Anchor, ...], zone: Name, keys: KeySet, dnskey_rrset: JudgedRRset | None
) -> Iterator[ZoneFinding]:
    """Yield an error if no anchor names a published, unrevoked key that signs the DNSKEY RRset.

    While one holds, each of the others is a warning: legal for a stand-by key (RFC 6781, 4.1.2).
    """
    broken = [(anchor, fault) for anchor in anchors if (fault := _fault(anchor, zone, keys, dnskey_rrset))]
    for anchor, fault in broken:
        severity: Literal["error", "warning"] = "error" if len(broken) == len(anchors) else "warning"
        yield finding("DS_CHAIN", severity, zone, RdataType.DNSKEY, f"DS {str(anchor)[:60]}... {fault}")


def _fault(anchor: Anchor, zone: Name, keys: KeySet, dnskey_rrset: JudgedRRset | None) -> str:
    """Return why the anchor does not hold; empty if it does."""
    if anchor.digest_type not in DIGESTS:
        return f"has digest type {anchor.digest_type}, which is not accepted"
    named = next((key for key in keys.candidates(anchor.tag, anchor.algorithm) if anchor.names(key, zone)), None)
    if named is None:
        return "names no published key"
    if named.is_revoked:
        return "names a revoked key"
    signatures = dnskey_rrset.signatures if dnskey_rrset else ()
    if not any(one.outcome is Outcome.OK and one.key == named for one in signatures):
        return "names a published key that does not sign the DNSKEY RRset"
    return ""


def _anchor(rdata: Rdata, zone: Name) -> Anchor:
    if isinstance(rdata, DS):
        return Anchor(
            tag=rdata.key_tag, algorithm=int(rdata.algorithm), digest_type=int(rdata.digest_type), digest=rdata.digest
        )
    wire = rdata_wire(rdata)
    return Anchor(tag=dnskey.key_tag(wire), algorithm=wire[3], digest_type=2, digest=ds_digest(2, zone, wire))


def _refused(found: str, file_name: str, zone: Name, kind: Kind) -> InputError:
    return InputError(
        "DNS-ANCHOR",
        found=f"{found!a:.300}",
        wanted=f"1 to {MAX_ANCHORS} {kind} records of {zone}, one a line",
        fix=f"get them from the parent:  dig {zone} {kind} +noall +answer > anchors.txt",
        where=Location(file=file_name),
    )
