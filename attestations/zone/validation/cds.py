"""CDS and CDNSKEY: what the zone asks its parent to publish (RFC 7344, RFC 8078)."""

from collections.abc import Iterator, Mapping

from attestations.predicates.zone_validation import ZoneFinding
from attestations.times import Instant
from attestations.zone.findings import finding
from attestations.zone.reading.types import TYPES
from attestations.zone.validation.anchors import MAX_ANCHORS, Anchor, anchor_of, broken_anchors
from attestations.zone.validation.apex import DNSKEY, Apex
from attestations.zone.validation.published import PublishedKey
from attestations.zone.validation.signers import signers_of

CDS, CDNSKEY = TYPES[b"CDS"], TYPES[b"CDNSKEY"]
_NAMES = {CDS: "CDS", CDNSKEY: "CDNSKEY"}
_DELETE = {CDS: bytes((0, 0, 0, 0, 0)), CDNSKEY: bytes((0, 0, 3, 0, 0))}
"""the RDATA that asks for the removal of all DS records (RFC 8078, 4)"""

_Asked = Mapping[int, tuple[bytes, ...]]


def cds_findings(apex: Apex, anchors: tuple[Anchor, ...], at: Instant) -> Iterator[ZoneFinding]:
    """Yield what would go wrong if the parent did as CDS and CDNSKEY ask, and why it might not (RFC 7344, 4 and 4.1).

    The DS set that they ask for must hold like the one that is there: an error where an algorithm of it leads to no
    key that signs the DNSKEY RRset, a warning for a record that is merely beside one that holds (double-DS).
    """
    asked = {rtype: apex.rdatas(rtype) for rtype in (CDS, CDNSKEY) if apex.rdatas(rtype)}
    if any(len(rdatas) > MAX_ANCHORS for rdatas in asked.values()):
        message = f"more than {MAX_ANCHORS} records"
        yield finding("CDS_MISMATCH", "error", apex.name, "CDS", message)
        return
    yield from _signer_findings(apex, asked, anchors, at)
    if any(_DELETE[rtype] in rdatas for rtype, rdatas in asked.items()):
        yield from _deletion_findings(apex.name, asked)
        return
    signers = signers_of(apex, DNSKEY, at)
    for rtype in asked:
        wanted = _wanted(apex.name, asked, rtype)
        for anchor, severity, fault in broken_anchors(wanted, apex.name, apex.keys, signers):
            message = f"asks for the DS {str(anchor)[:60]}..., which {fault}"
            yield finding("CDS_MISMATCH", severity, apex.name, _NAMES[rtype], message)
    yield from _disagreement_findings(apex, asked)


def _wanted(zone: str, asked: _Asked, rtype: int) -> tuple[Anchor, ...]:
    return tuple(anchor_of(rdata, zone, "DS" if rtype == CDS else "DNSKEY") for rdata in asked[rtype])


def _signer_findings(apex: Apex, asked: _Asked, anchors: tuple[Anchor, ...], at: Instant) -> Iterator[ZoneFinding]:
    for rtype in asked if anchors else ():
        if not any(_is_named(key, anchors, apex.name) for key in signers_of(apex, rtype, at)):
            message = "is not signed by a key that the DS names, so the parent ignores it (RFC 7344, 4.1)"
            yield finding("CDS_MISMATCH", "warning", apex.name, _NAMES[rtype], message)


def _is_named(key: PublishedKey, anchors: tuple[Anchor, ...], zone: str) -> bool:
    return any(anchor.names(key.rdata, zone) for anchor in anchors)


def _deletion_findings(zone: str, asked: _Asked) -> Iterator[ZoneFinding]:
    """The request for removal stands alone in each of the RRsets that are there (RFC 8078, 4)."""
    for rtype, rdatas in asked.items():
        if rdatas != (_DELETE[rtype],):
            message = "one record asks for the removal of the DS, another for a DS"
            yield finding("CDS_MISMATCH", "error", zone, _NAMES[rtype], message)
        else:
            message = "asks the parent to remove the DS: the zone becomes insecure"
            yield finding("CDS_DELETE", "warning", zone, _NAMES[rtype], message)


def _disagreement_findings(apex: Apex, asked: _Asked) -> Iterator[ZoneFinding]:
    """Where both are there, each must name the keys that the other names (RFC 7344, 4)."""
    if len(asked) < 2:
        return
    digests = [one for one in _wanted(apex.name, asked, CDS) if one.counts]
    if not all(any(one.names(key, apex.name) for key in asked[CDNSKEY]) for one in digests) or not all(
        any(one.names(key, apex.name) for one in digests) for key in asked[CDNSKEY]
    ):
        message = "CDS and CDNSKEY name different keys: what the parent does depends on which it reads (RFC 7344, 4)"
        yield finding("CDS_MISMATCH", "error", apex.name, "CDS", message)
