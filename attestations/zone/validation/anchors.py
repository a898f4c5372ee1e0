"""What ties a zone's keys to its parent: DS records, or DNSKEY records known from elsewhere (RFC 4035, 5.2)."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from attestations import dnskey
from attestations.errors import InputError, Location
from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.types import type_number
from attestations.zone.validation.algorithms import DIGEST_LEVELS
from attestations.zone.validation.published import KeySet, PublishedKey

MAX_ANCHORS = 16
Kind = Literal["DS", "DNSKEY"]

_HASHES = {2: "sha256", 4: "sha384"}
"""DS digest types that count. SHA-1 (1) does not: RFC 4509, 3 and RFC 9905."""
_UNJUDGED = "names a key of an algorithm that is not verified here"
_SHORTEST = 5
_TTL = re.compile(rb"\d{1,10}|(\d{1,8}[smhdw])+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """One DS record of the zone."""

    tag: int
    algorithm: int
    digest_type: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.tag} {self.algorithm} {self.digest_type} {self.digest.hex().upper()}"

    @property
    def counts(self) -> bool:
        """Whether the digest is of a type that names a key at all."""
        return self.digest_type in _HASHES

    def names(self, key: bytes, zone: str) -> bool:
        """Return whether this DS names the key with this DNSKEY RDATA; SHA-1 digests name nothing (RFC 9905)."""
        return (
            (self.tag, self.algorithm) == (dnskey.key_tag(key), key[3])
            and self.counts
            and self.digest == _digest(self.digest_type, zone, key)
        )


def read_anchors(raw: bytes, file_name: str, zone: str, kind: Kind) -> tuple[Anchor, ...]:
    """Return the anchors in a file of DS or DNSKEY records of `zone`, as dig and dsset files write them.

    Raises InputError (DNS-ANCHOR): none, too many, other records, another owner, no records at all.
    """
    try:
        rdatas = read_rdatas(raw, zone, kind)
        anchors = tuple(dict.fromkeys(anchor_of(rdata, zone, kind) for rdata in rdatas))
    except ValueError as error:
        raise _refused(f"{error}", file_name, zone, kind) from None
    if not 0 < len(anchors) <= MAX_ANCHORS:
        raise _refused(f"{len(anchors)} records", file_name, zone, kind)
    return anchors


def read_rdatas(raw: bytes, zone: str, kind: Kind) -> tuple[bytes, ...]:
    """Return the RDATA of the DS or DNSKEY records of `zone` in a file; raise ValueError where it has others."""
    return tuple(_rdata(fields, zone, kind) for fields in _lines(raw))


def anchors_text(anchors: tuple[Anchor, ...], zone: str) -> bytes:
    """Return anchors as a file of DS records, for tools that want one."""
    return "".join(f"{zone} 3600 IN DS {anchor}\n" for anchor in anchors).encode("ascii")


def chain_findings(
    anchors: tuple[Anchor, ...], zone: str, keys: KeySet, signers: Collection[PublishedKey]
) -> Iterator[ZoneFinding]:
    """Yield an error for an algorithm of the DS set that leads to no key among `signers`, those of the DNSKEY RRset.

    Each algorithm in the DS set must sign it (RFC 4035, 2.2; the .gov class of 2013). While one DS of the algorithm
    holds, the others are warnings: legal for a stand-by key (RFC 6781, 4.1.2). So are those whose key nobody here can
    judge: its signatures leave the verdict open. The SEP flag decides nothing.
    """
    for anchor, severity, fault in broken_anchors(anchors, zone, keys, signers):
        yield finding("DS_CHAIN", severity, zone, "DNSKEY", f"DS {str(anchor)[:60]}... {fault}")


def broken_anchors(
    anchors: Iterable[Anchor], zone: str, keys: KeySet, signers: Collection[PublishedKey]
) -> Iterator[tuple[Anchor, Severity, str]]:
    """Yield each anchor that does not hold, how bad that is among the others (see chain_findings), and why."""
    faults = {anchor: _fault(anchor, zone, keys, signers) for anchor in anchors}
    holding = {anchor.algorithm for anchor, fault in faults.items() if not fault}
    for anchor, fault in faults.items():
        if fault:
            is_beside = anchor.algorithm in holding or (bool(holding) and not anchor.counts)
            yield anchor, "warning" if is_beside or fault == _UNJUDGED else "error", fault


def _fault(anchor: Anchor, zone: str, keys: KeySet, signers: Collection[PublishedKey]) -> str:
    """Return why the anchor does not hold; empty if it does."""
    if not anchor.counts:
        level = DIGEST_LEVELS.get(anchor.digest_type)
        why = f" ({level.mnemonic}: {level.signing} for delegation, {level.source})" if level else ""
        return f"has digest type {anchor.digest_type}{why}, which is not accepted"
    named = [key for key in keys.candidates(anchor.tag, anchor.algorithm) if anchor.names(key.rdata, zone)]
    if not named:
        return "names no published key"
    if named[0].is_revoked:
        return "names a revoked key"
    if not named[0].is_judged:
        return _UNJUDGED
    if named[0] not in signers:
        return "names a published key that does not sign the DNSKEY RRset"
    return ""


def _lines(raw: bytes) -> Iterator[list[bytes]]:
    """Yield the fields of each record. Neither type has quoted strings, so every semicolon begins a comment."""
    text = b"\n".join(line.partition(b";")[0] for line in raw.splitlines())
    open_brackets = 0
    fields: list[bytes] = []
    for token in re.findall(rb"[()\n]|[^\s()]+", text):
        if token in b"()":
            open_brackets += 1 if token == b"(" else -1
            if open_brackets not in (0, 1):
                raise ValueError("unbalanced parentheses")
        elif token != b"\n":
            fields.append(token)
        elif fields and open_brackets == 0:
            yield fields
            fields = []
    if open_brackets:
        raise ValueError("unbalanced parentheses")
    if fields:
        yield fields


def _rdata(fields: list[bytes], zone: str, kind: Kind) -> bytes:
    """Return the RDATA of one record: owner, then TTL and class in any order or none, then type and RDATA."""
    owner, *rest = fields
    if owner != b"@" and wire_name(owner) != wire_name(zone.encode("ascii")):
        raise ValueError("records of another owner or type")
    while rest and (rest[0].upper() == b"IN" or _TTL.fullmatch(rest[0])):
        rest = rest[1:]
    if not rest or rest[0].upper() != kind.encode("ascii"):
        raise ValueError("records of another owner or type")
    return rdata_wire(type_number(rest[0].upper()), rest[1:])


def anchor_of(rdata: bytes, zone: str, kind: Kind) -> Anchor:
    """Return the anchor that RDATA of a DS, or of a DNSKEY as its SHA-256 DS, is; raise ValueError for a short one."""
    if len(rdata) < _SHORTEST:
        raise ValueError(f"{kind} RDATA of {len(rdata)} octets")
    if kind == "DNSKEY":
        digest = _digest(2, zone, rdata)
        return Anchor(tag=dnskey.key_tag(rdata), algorithm=rdata[3], digest_type=2, digest=digest)
    anchor = Anchor(tag=int.from_bytes(rdata[:2], "big"), algorithm=rdata[2], digest_type=rdata[3], digest=rdata[4:])
    if anchor.counts and len(anchor.digest) != hashlib.new(_HASHES[anchor.digest_type]).digest_size:
        raise ValueError(f"a digest of {len(anchor.digest)} octets")
    return anchor


def _digest(digest_type: int, zone: str, dnskey_rdata: bytes) -> bytes:
    """Return the digest of a DS record for a key (RFC 4034, 5.1.4)."""
    return hashlib.new(_HASHES[digest_type], wire_name(zone.encode("ascii")) + dnskey_rdata).digest()


def _refused(found: str, file_name: str, zone: str, kind: Kind) -> InputError:
    return InputError(
        "DNS-ANCHOR",
        found=f"{found!a:.300}",
        wanted=f"1 to {MAX_ANCHORS} {kind} records of {zone}, one a line",
        fix=f"get them from the parent:  dig {zone} {kind} +noall +answer > anchors.txt",
        where=Location(file=file_name),
    )
