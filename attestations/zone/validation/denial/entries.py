"""The fixed-width entries that the pass over a zone leaves for the check of its chains, in buckets of equal size."""

import hashlib
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from attestations.zone.validation.denial.parameters import HASH_SIZE, Parameters

DIGEST_SIZE, KEY_SIZE = 8, 16
OPT_OUT = 0x01

NAME = struct.Struct(f"{HASH_SIZE}s{DIGEST_SIZE}sB")
"""a name that an NSEC3 chain may or must deny around: hash, digest of the bitmap it needs, kind (below)"""
LINK = struct.Struct(f"{HASH_SIZE}s{HASH_SIZE}s{DIGEST_SIZE}sB")
"""an NSEC3 record: hash in its owner, next hash (NO_HASH if it has not 20 octets), digest of its bitmap, flags"""

# Kinds of names, as the last octet of a NAME entry. A fast loop writes: hashed + digest + DATA
DATA = b"\0"
"""it has authoritative data or is a secure delegation: it must have an NSEC3 record"""
INSECURE = b"\1"
"""an insecure delegation: it may be opted out"""
ABOVE_DATA = b"\2"
"""an ancestor of a DATA name: it must have an NSEC3 record, with an empty bitmap unless it is a name itself"""
ABOVE_INSECURE = b"\3"
"""an ancestor of insecure delegations alone: it may be opted out"""

NO_HASH = bytes(HASH_SIZE)
_PER_BUCKET, _MAX_BITS = 4096, 16

Buckets = Mapping[int, bytes]
"""Entries, joined, by bucket: the number in the leading bits of the hash (or key) that an entry begins with."""


def bits_for(names: int) -> int:
    """Return how many leading bits make buckets of about 4,000 entries, for about so many names; at most 16."""
    return min((names // _PER_BUCKET).bit_length(), _MAX_BITS)


def partition(entries: Iterable[bytes], bits: int) -> dict[int, bytes]:
    """Return the entries, joined, by bucket."""
    buckets: defaultdict[int, list[bytes]] = defaultdict(list)
    shift = 16 - bits
    for entry in entries:
        buckets[(entry[0] << 8 | entry[1]) >> shift].append(entry)
    return {number: b"".join(entries) for number, entries in buckets.items()}


def bitmap_digest(wire: bytes, key: bytes) -> bytes:
    """Return the short name of a bitmap in canonical wire form; `key` is a random one of the run."""
    return hashlib.blake2b(wire, digest_size=DIGEST_SIZE, key=key).digest()


def name_key(name: bytes, key: bytes) -> bytes:
    """Return the short name of an owner in lower-case wire form, for NSEC chains; `key` is a random one of the run."""
    return hashlib.blake2b(name, digest_size=KEY_SIZE, key=key).digest()


@dataclass(frozen=True, kw_only=True)
class ChainEntries:
    """What one piece of the zone says about one NSEC3 chain."""

    names: Buckets = field(repr=False)
    """NAME entries"""
    links: Buckets = field(repr=False)
    """LINK entries"""


@dataclass(frozen=True, kw_only=True)
class DenialEntries:
    """What one piece of the zone says about its denial of existence."""

    chains: tuple[ChainEntries, ...]
    """in the order of `parameters.checked`"""
    nsec_owners: Buckets = field(repr=False)
    """name_key of each name that must have an NSEC record; empty in a zone without NSEC"""
    nsec_nexts: Buckets = field(repr=False)
    """name_key of the next name in each NSEC record at such a name"""
    nsec: bool
    """it holds an NSEC record"""
    parameters: frozenset[Parameters]
    """those of its NSEC3 records, announced or not; at most MAX_CHAINS + 1 of them"""
    bitmaps: Mapping[bytes, bytes] = field(repr=False)
    """bitmaps in canonical wire form, by digest"""
