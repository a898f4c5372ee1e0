"""The signatures that forensics looks at: all of a small zone; of a large one some, from all over the file."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from attestations.zone.excerpts import excerpt, owner_around
from attestations.zone.reading.flat import Zone, pieces
from attestations.zone.reading.names import is_below, label_count
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.groups import RRset, groups, signed_data
from attestations.zone.validation.published import MAX_KEYS_OF_ONE_TAG, KeySet, PublishedKey

WHOLE_BELOW = 8 * 1024 * 1024
"""bytes: smaller zones are looked at as a whole"""
MAX_SIGNATURES = 20_000
"""looked at; one takes 0.1 ms"""
_FEW = 20
_EXCERPT_BITS = 6
_EXCERPT_BYTES = 48 * 1024
_MAX_OWNERS = 50


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One signature, the data that it covers, and the published key that verifies it."""

    owner: bytes
    rrsig: Rrsig
    data: bytes
    key: PublishedKey | None
    """None: no published key of its tag and algorithm verifies it"""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What was looked at."""

    observed: tuple[Observed, ...]
    is_complete: bool


def gather(zone: Zone, apex: Apex, limit: int, owners: Collection[str]) -> Gathered:
    """Return signatures of the zone, with at most `limit` that no published key verifies.

    `owners` are names at which signatures are known to fail: where a large zone shows few such signatures they are
    looked up, the first 50. Signatures of a wrong form (signer, labels, nothing to cover) are left out.
    Raises Unflat and ValueError as validation.groups does, and InputError (DNS-ZONEFILE).
    """
    is_small = zone.size < WHOLE_BELOW
    observed = _until(limit, _observed(zone, apex, pieces(zone) if is_small else _excerpts(zone)))
    if not is_small and _failing(observed) < _FEW:
        looked_up = _until(limit, _observed(zone, apex, _places_of(zone, frozenset(islice(owners, _MAX_OWNERS)))))
        observed = list(dict.fromkeys((*observed, *looked_up)))
    is_complete = is_small and len(observed) < MAX_SIGNATURES and _failing(observed) < limit
    return Gathered(observed=tuple(observed), is_complete=is_complete)


def _until(limit: int, observed: Iterator[Observed]) -> list[Observed]:
    taken: list[Observed] = []
    failing = 0
    for one in islice(observed, MAX_SIGNATURES):
        taken.append(one)
        failing += one.key is None
        if failing == limit:
            break
    return taken


def _failing(observed: Collection[Observed]) -> int:
    return sum(one.key is None for one in observed)


def _observed(zone: Zone, apex: Apex, places: Iterable[tuple[int, int]]) -> Iterator[Observed]:
    for offset, size in places:
        for owner, rrsets in groups(zone, offset, size):
            if owner == apex.wire or is_below(owner, apex.wire):
                for rrset in rrsets.values():
                    yield from _of_rrset(rrset, apex)


def _of_rrset(rrset: RRset, apex: Apex) -> Iterator[Observed]:
    for rrsig in rrset.signatures:
        if rrset.rdatas and rrsig.signer == apex.wire and rrsig.labels == label_count(rrset.owner):
            data = signed_data(rrsig, rrset)
            yield Observed(owner=rrset.owner, rrsig=rrsig, data=data, key=_verifying(rrsig, data, apex.keys))


def _verifying(rrsig: Rrsig, data: bytes, keys: KeySet) -> PublishedKey | None:
    candidates = keys.candidates(rrsig.key_tag, rrsig.algorithm)[:MAX_KEYS_OF_ONE_TAG]
    return next((key for key in candidates if key.verify is not None and key.verify(rrsig.signature, data)), None)


def _excerpts(zone: Zone) -> Iterator[tuple[int, int]]:
    """Yield places all over the file, so that the first few of them are as well."""
    for number in range(2**_EXCERPT_BITS):
        spread = int(f"{number:0{_EXCERPT_BITS}b}"[::-1], 2)  # the van der Corput sequence
        yield excerpt(zone, zone.size * spread >> _EXCERPT_BITS, _EXCERPT_BYTES)


def _places_of(zone: Zone, owners: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield where the given names stand in the file."""
    wanted = {owner.lower().encode("ascii") for owner in owners}
    for offset, size in pieces(zone) if wanted else ():
        text = (b"\n" + zone.read(offset, size)).lower().replace(b"\t", b" ")
        for owner in sorted(wanted.intersection([line.partition(b" ")[0] for line in text.split(b"\n")])):
            yield owner_around(zone, offset + text.find(b"\n" + owner + b" "))
