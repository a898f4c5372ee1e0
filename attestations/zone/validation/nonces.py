"""ECDSA nonces used twice: two signatures of one key with one r give its private key away (INC-26).

The pass over the zone leaves an entry for each ECDSA signature; entries that occur twice are looked up in the zone.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from attestations.dnskey import ECDSAP256SHA256, ECDSAP384SHA384
from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.flat import Zone, pieces
from attestations.zone.reading.names import text_name
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.reading.types import type_text
from attestations.zone.validation.groups import RRset, groups, signed_data
from attestations.zone.validation.published import KeySet
from attestations.zone.validation.signatures import Judged

ENTRY_SIZE = 9
ALGORITHMS = frozenset({ECDSAP256SHA256, ECDSAP384SHA384})
MAX_SUSPECTS = 1000
"""values of r that are looked up; a signer whose nonces repeat is found with the first"""

_PREFIX = 8


@dataclass(frozen=True, kw_only=True)
class _Use:
    """The first signature with some r, and how many others there are over other data."""

    data: bytes
    what: str
    again: str = ""
    others: int = 0


def entry_of(key_index: int, signature: bytes) -> bytes:
    """Return the entry for a signature that verifies with the key at `key_index` (below 256) of the key set."""
    return bytes((key_index,)) + signature[:_PREFIX]


def entries_of(signatures: Iterable[Judged], keys: KeySet) -> Iterator[bytes]:
    """Yield the entries for those signatures that a key verifies, in time or not: a nonce does not expire."""
    for one in signatures:
        if one.key is not None and one.rrsig.algorithm in ALGORITHMS and (index := keys.keys.index(one.key)) < 256:
            yield entry_of(index, one.rrsig.signature)


def repeated(bucket: bytes) -> frozenset[bytes]:
    """Return the entries of one bucket that occur more than once; no entry may be in two buckets."""
    entries = [bucket[at : at + ENTRY_SIZE] for at in range(0, len(bucket), ENTRY_SIZE)]
    if len(set(entries)) == len(entries):
        return frozenset()
    return frozenset(entry for entry, count in Counter(entries).items() if count > 1)


def nonce_findings(zone: Zone, keys: KeySet, suspects: Collection[bytes]) -> Iterator[ZoneFinding]:
    """Yield an error for each r that one key used for different data: whoever reads both computes the private key.

    The same data signed twice with one r is no fault: that is what RFC 6979 prescribes. Costs a pass over the zone
    if there are suspects at all.
    """
    wanted = frozenset(sorted(suspects)[:MAX_SUSPECTS])
    uses: dict[tuple[int, bytes], _Use] = {}
    for offset, size in pieces(zone) if wanted else ():
        for _, rrsets in groups(zone, offset, size):
            for rrset in rrsets.values():
                for key_index, rrsig in _suspicious(rrset, keys, wanted):
                    _note(uses, key_index, rrsig, rrset)
    for (key_index, _), use in uses.items():
        if use.others:
            key = keys.keys[key_index]
            message = (
                f"the key {key.tag} (algorithm {key.algorithm}) used one nonce for {use.what} and for {use.again}"
                f" ({use.others + 1} signatures): its private key can be computed from them"
            )
            yield finding("NONCE_REUSE", "error", zone.name, "DNSKEY", message)


def _suspicious(rrset: RRset, keys: KeySet, wanted: frozenset[bytes]) -> Iterator[tuple[int, Rrsig]]:
    """Yield the signatures over the RRset that have a suspected r and verify, with the index of their key."""
    for rrsig in rrset.signatures:
        for key in keys.candidates(rrsig.key_tag, rrsig.algorithm) if rrsig.algorithm in ALGORITHMS else ():
            index = keys.keys.index(key)
            if entry_of(index, rrsig.signature) not in wanted or key.verify is None:
                continue
            if key.verify(rrsig.signature, signed_data(rrsig, rrset)):
                yield index, rrsig


def _note(uses: dict[tuple[int, bytes], _Use], key_index: int, rrsig: Rrsig, rrset: RRset) -> None:
    r = rrsig.signature[: len(rrsig.signature) // 2]
    data = signed_data(rrsig, rrset)
    what = f"{text_name(rrset.owner)} {type_text(rrset.rtype)}"
    first = uses.setdefault((key_index, r), _Use(data=data, what=what))
    if first.data != data:
        uses[key_index, r] = replace(first, again=first.again or what, others=first.others + 1)
