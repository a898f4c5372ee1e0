"""Every RRset that must be signed is, by every published algorithm; nothing else is (RFC 4035, 2.2)."""

from collections.abc import Iterator

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import type_text
from attestations.zone.validation.apex import DNSKEY, Apex
from attestations.zone.validation.signatures import JudgedRRset, judge


def completeness_findings(judged: JudgedRRset, algorithms: tuple[int, ...]) -> Iterator[ZoneFinding]:
    """Yield what is missing at, or too much for, one RRset."""
    owner, rtype = text_name(judged.rrset.owner), type_text(judged.rrset.rtype)
    if not judged.must_be_signed:
        if judged.rrset.rdatas and judged.signatures:
            message = "is signed, though the zone is not authoritative for it (delegation or glue)"
            yield finding("SIG_UNEXPECTED", "warning", owner, rtype, message)
    elif not judged.signatures:
        yield finding("SIG_MISSING", "error", owner, rtype, "has no signature")
    else:
        present = {one.rrsig.algorithm for one in judged.signatures if not one.is_by_revoked_key}
        for algorithm in algorithms:
            if algorithm not in present and (judged.is_good() or not judged.is_checked or not present):
                message = f"has no signature of the published algorithm {algorithm} by a key that is not revoked"
                yield finding("ALG_INCOMPLETE", "error", owner, rtype, message)


def revocation_findings(apex: Apex, now: int) -> Iterator[ZoneFinding]:
    """Yield a warning for each revoked key that does not sign the DNSKEY RRset (RFC 5011, 2.1)."""
    rrset = apex.rrsets.get(DNSKEY)
    judged = judge(rrset, keys=apex.keys, apex=apex.wire, now=now) if rrset else ()
    signing = {one.key for one in judged}
    for key in apex.keys.keys:
        if key.is_revoked and key not in signing:
            message = f"the revoked key {key.tag} does not sign the DNSKEY RRset, so the revocation has no effect"
            yield finding("KEY_REVOKED", "warning", apex.name, "DNSKEY", message)
