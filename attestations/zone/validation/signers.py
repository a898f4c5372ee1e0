"""Which published keys really sign an RRset of the apex: found by verifying, never by key tag."""

from attestations.times import Instant
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.groups import RRset, signed_data
from attestations.zone.validation.published import MAX_KEYS_OF_ONE_TAG, KeySet, PublishedKey

_TRIED = 8  # signatures of one RRset (KeyTrap); one with more is refused elsewhere


def signers_of(apex: Apex, rtype: int, at: Instant) -> frozenset[PublishedKey]:
    """Return the keys of the apex that have a signature over its RRset of a type that is good at the moment `at`."""
    rrset = apex.rrsets.get(rtype)
    if rrset is None:
        return frozenset()
    found = (_signer(rrsig, rrset, apex.keys) for rrsig in rrset.signatures[:_TRIED] if _is_valid(rrsig, apex, at))
    return frozenset(key for key in found if key is not None)


def _is_valid(rrsig: Rrsig, apex: Apex, at: Instant) -> bool:
    """RFC 4035, 5.3.1; times in serial number arithmetic (RFC 4034, 3.1.5)."""
    now = int(at.timestamp())
    is_current = (rrsig.expiration - now) % 2**32 < 2**31 and (now - rrsig.inception) % 2**32 < 2**31
    return is_current and rrsig.signer == apex.wire


def _signer(rrsig: Rrsig, rrset: RRset, keys: KeySet) -> PublishedKey | None:
    candidates = keys.candidates(rrsig.key_tag, rrsig.algorithm)[:MAX_KEYS_OF_ONE_TAG]
    data = signed_data(rrsig, rrset)
    return next((key for key in candidates if key.verify is not None and key.verify(rrsig.signature, data)), None)
