"""Which published keys really sign an RRset of the apex: found by verifying, never by key tag."""

from attestations.times import Instant
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.published import PublishedKey
from attestations.zone.validation.signatures import Outcome, judge


def signers_of(apex: Apex, rtype: int, at: Instant) -> frozenset[PublishedKey]:
    """Return the keys of the apex that have a signature over its RRset of a type that is good at the moment `at`."""
    if rtype not in apex.rrsets:
        return frozenset()
    judged = judge(apex.rrsets[rtype], keys=apex.keys, apex=apex.wire, now=int(at.timestamp()))
    return frozenset(one.key for one in judged if one.key is not None and one.outcome is Outcome.OK)
