"""Digests in records, whose length follows from their type: name servers do not load a zone where it does not."""

from collections.abc import Mapping
from types import MappingProxyType

from attestations.zone.reading.types import TYPES, type_text

_OF_KEYS: Mapping[int, int] = MappingProxyType({1: 20, 2: 32, 4: 48})
DIGESTS: Mapping[int, tuple[int, Mapping[int, int]]] = MappingProxyType(
    {
        TYPES[b"DS"]: (3, _OF_KEYS),
        TYPES[b"CDS"]: (3, _OF_KEYS),
        TYPES[b"SSHFP"]: (1, MappingProxyType({1: 20, 2: 32})),
    }
)
"""Type -> place of the octet that says which digest follows it; octets of each digest (RFC 4034, 4509, 6605, 4255)"""


def insist_on_digest(rtype: int, wire: bytes) -> None:
    """Raise ValueError for RDATA of a type in DIGESTS whose digest has another length; of unknown digests any may."""
    at, sizes = DIGESTS[rtype]
    size = len(wire) - at - 1
    wanted = sizes.get(wire[at], size)
    if size != wanted:
        raise ValueError(f"a {type_text(rtype)} record with a digest of {size} octets, where its type has {wanted}")
