"""Every RRset that must be signed is, by every published algorithm; nothing else is (RFC 4035, 2.2)."""

from collections.abc import Iterator

from dns.name import Name
from dns.rdatatype import RdataType

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.published import KeySet
from attestations.zone.signatures import JudgedRRset


def completeness_findings(judged: JudgedRRset, algorithms: tuple[int, ...]) -> Iterator[ZoneFinding]:
    """Yield what is missing at, or too much for, one RRset."""
    if judged.must_be_signed:
        yield from _missing(judged, algorithms)
    elif judged.rrset.rdatas and judged.signatures:
        message = "is signed, though the zone is not authoritative for it (delegation or glue)"
        yield finding("SIG_UNEXPECTED", "warning", judged.rrset.owner, judged.rrset.rtype, message)


def revocation_findings(apex: Name, keys: KeySet, dnskey_rrset: JudgedRRset | None) -> Iterator[ZoneFinding]:
    """Yield a warning for each revoked key that does not sign the DNSKEY RRset (RFC 5011, 2.1)."""
    signing = {one.key for one in dnskey_rrset.signatures} if dnskey_rrset else set()
    for key in keys.keys:
        if key.is_revoked and key not in signing:
            message = f"the revoked key {key.tag} does not sign the DNSKEY RRset, so the revocation has no effect"
            yield finding("KEY_REVOKED", "warning", apex, RdataType.DNSKEY, message)


def horizon_findings(apex: Name, min_remaining: int, max_ttl: int) -> Iterator[ZoneFinding]:
    """Yield a warning if the earliest signature expires before the longest TTL has run out."""
    if 0 <= min_remaining < max_ttl:
        message = f"the earliest signature expires in {min_remaining} seconds, the longest TTL is {max_ttl}"
        yield finding("SIG_HORIZON", "warning", apex, None, message)


def _missing(judged: JudgedRRset, algorithms: tuple[int, ...]) -> Iterator[ZoneFinding]:
    rrset = judged.rrset
    if not judged.signatures:
        yield finding("SIG_MISSING", "error", rrset.owner, rrset.rtype, "has no signature")
        return
    present = {one.rrsig.algorithm for one in judged.signatures if not one.is_by_revoked_key}
    for algorithm in algorithms:
        if algorithm not in present and (judged.is_good() or not present):
            message = f"has no signature of the published algorithm {algorithm} by a key that is not revoked"
            yield finding("ALG_INCOMPLETE", "error", rrset.owner, rrset.rtype, message)
