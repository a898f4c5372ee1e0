"""The byte forms of RFC 4034: canonical order, signed data, DS digests."""

import hashlib

from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.zone.practice.model import RRset

_RRSIG_HEAD = 18  # octets of RRSIG RDATA before the signer's name (RFC 4034, 3.1)


def order(name: Name) -> tuple[bytes, ...]:
    """Return a key that sorts names canonically (RFC 4034, 6.1)."""
    return tuple(label.lower() for label in reversed(name.labels))


def rdata_wire(rdata: Rdata) -> bytes:
    """Return RDATA in canonical form (RFC 4034, 6.2)."""
    return rdata.to_digestable()


def label_count(owner: Name) -> int:
    """Return the Labels field that a signature over `owner` must have (RFC 4034, 3.1.3)."""
    return len(owner.labels) - 1 - owner.is_wild()


def signed_data(rrsig: RRSIG, rrset: RRset) -> bytes:
    """Return the bytes that `rrsig` signs (RFC 4034, 3.1.8.1), for a Labels field that fits the owner."""
    head = rdata_wire(rrsig)[:_RRSIG_HEAD] + rrsig.signer.to_digestable()
    prefix = rrset.owner.to_digestable() + rrset.rtype.to_bytes(2, "big") + RdataClass.IN.to_bytes(2, "big")
    prefix += rrsig.original_ttl.to_bytes(4, "big")
    wires = (rdata_wire(rdata) for rdata in rrset.rdatas)
    return head + b"".join(prefix + len(wire).to_bytes(2, "big") + wire for wire in wires)


def ds_digest(owner: Name, dnskey_rdata: bytes) -> bytes:
    """Return the SHA-256 digest of a DS record for a key (RFC 4034, 5.1.4; RFC 4509)."""
    return hashlib.sha256(owner.to_digestable() + dnskey_rdata).digest()
