"""Records that cannot stand where they do: signatures may be perfect, and still name servers do not load the zone."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import TYPES, type_text

_CNAME, _DNAME, _DS, _NS, _SOA = (TYPES[name] for name in (b"CNAME", b"DNAME", b"DS", b"NS", b"SOA"))
SINGLE = frozenset({_CNAME, _DNAME, _SOA})
"""types of which a name has one record"""
_BESIDE_CNAME = frozenset(TYPES[name] for name in (b"CNAME", b"NSEC", b"NSEC3", b"KEY"))


def misplaced_findings(
    owner: bytes, rdatas: Mapping[int, Sequence[bytes]], apex: bytes, *, is_hidden: bool
) -> Iterator[ZoneFinding]:
    """Yield what cannot stand at one name, or has no effect there, given the RDATA of all its types but RRSIG.

    That a delegation or DNAME hides the name changes nothing about what name servers load: the whole zone or nothing.
    """
    yield from _clash_findings(owner, rdatas)
    yield from _apex_findings(owner, rdatas) if owner == apex else _below_findings(owner, rdatas)
    if owner != apex and not is_hidden:
        yield from _cut_findings(owner, rdatas)


def dname_finding(owner: bytes, message: str) -> ZoneFinding:
    """Return the warning about records and a DNAME that cannot both have an effect (RFC 6672)."""
    return finding("DNAME_MISPLACED", "warning", text_name(owner), "DNAME", message)


def alone_finding(owner: bytes) -> ZoneFinding:
    """Return the error for a name with signatures and nothing else.

    Name servers take it for a name that is there, of which the denial chain says that it is not: BIND answers with a
    denial that no resolver accepts, also where a wildcard would have matched.
    """
    message = "a name with signatures alone: name servers find it, and nothing proves what it has not"
    return finding("DENIAL_CHAIN", "error", text_name(owner), "RRSIG", message)


def _clash_findings(owner: bytes, rdatas: Mapping[int, Sequence[bytes]]) -> Iterator[ZoneFinding]:
    beside = sorted(rdatas.keys() - _BESIDE_CNAME)
    if _CNAME in rdatas and beside:
        message = f"a CNAME record beside {', '.join(map(type_text, beside[:8]))} (RFC 2181, 10.1)"
        yield finding("RECORDS_CLASH", "error", text_name(owner), "CNAME", message)
    for rtype in sorted(SINGLE & rdatas.keys()):
        if (count := len(set(rdatas[rtype]))) > 1:
            message = f"{count} {type_text(rtype)} records, where one may be"
            yield finding("RECORDS_CLASH", "error", text_name(owner), type_text(rtype), message)


def _apex_findings(apex: bytes, types: Collection[int]) -> Iterator[ZoneFinding]:
    if _NS not in types:
        message = "no NS records at the apex (RFC 1035, 5.2)"
        yield finding("RECORDS_CLASH", "error", text_name(apex), "NS", message)
    if _DS in types:
        message = "a DS record at the apex, which belongs to the parent (RFC 4034, 5)"
        yield finding("RECORDS_CLASH", "error", text_name(apex), "DS", message)


def _below_findings(owner: bytes, types: Collection[int]) -> Iterator[ZoneFinding]:
    if _SOA in types:
        message = "a SOA record below the apex, which begins another zone (RFC 1035, 5.2)"
        yield finding("RECORDS_CLASH", "error", text_name(owner), "SOA", message)


def _cut_findings(owner: bytes, types: Collection[int]) -> Iterator[ZoneFinding]:
    """Yield a warning for what a name below the apex, with these types, should not delegate or redirect."""
    if _NS in types and _DNAME in types:
        yield dname_finding(owner, "a DNAME beside NS records, which is for the apex alone (RFC 6672, 2.3)")
    for rtype in (_NS, _DNAME):
        if owner.startswith(b"\1*") and rtype in types:
            message = f"{type_text(rtype)} records at a wildcard (RFC 4592, {'4.2' if rtype == _NS else '4.4'})"
            yield finding("WILDCARD_DELEGATION", "warning", text_name(owner), type_text(rtype), message)
