"""Records that cannot stand where they do: signatures may be perfect, and still name servers do not load the zone."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import TYPES, type_text

_CNAME, _DNAME, _DS, _NS = (TYPES[name] for name in (b"CNAME", b"DNAME", b"DS", b"NS"))
SINGLE = frozenset({_CNAME, _DNAME})
"""types of which a name has one record"""
_BESIDE_CNAME = frozenset(TYPES[name] for name in (b"CNAME", b"NSEC", b"NSEC3", b"KEY"))


def clash_findings(owner: bytes, rdatas: Mapping[int, Sequence[bytes]], apex: bytes) -> Iterator[ZoneFinding]:
    """Yield an error for what cannot stand at one authoritative name, given the RDATA of its types."""
    beside = sorted(rdatas.keys() - _BESIDE_CNAME)
    if _CNAME in rdatas and beside:
        message = f"a CNAME record beside {', '.join(map(type_text, beside[:8]))} (RFC 2181, 10.1)"
        yield finding("RECORDS_CLASH", "error", text_name(owner), "CNAME", message)
    for rtype in sorted(SINGLE & rdatas.keys()):
        if (count := len(set(rdatas[rtype]))) > 1:
            message = f"{count} {type_text(rtype)} records, where one may be"
            yield finding("RECORDS_CLASH", "error", text_name(owner), type_text(rtype), message)
    if owner == apex and _DS in rdatas:
        message = "a DS record at the apex, which belongs to the parent (RFC 4034, 5)"
        yield finding("RECORDS_CLASH", "error", text_name(owner), "DS", message)


def dname_finding(owner: bytes, message: str) -> ZoneFinding:
    """Return the warning about records and a DNAME that cannot both have an effect (RFC 6672)."""
    return finding("DNAME_MISPLACED", "warning", text_name(owner), "DNAME", message)


def cut_findings(owner: bytes, types: Collection[int], *, is_wildcard: bool) -> Iterator[ZoneFinding]:
    """Yield a warning for what one name below the apex, with these types, should not delegate or redirect."""
    if _NS in types and _DNAME in types:
        yield dname_finding(owner, "a DNAME beside NS records, which is for the apex alone (RFC 6672, 2.3)")
    for rtype in (_NS, _DNAME):
        if is_wildcard and rtype in types:
            message = f"{type_text(rtype)} records at a wildcard (RFC 4592, {'4.2' if rtype == _NS else '4.4'})"
            yield finding("WILDCARD_DELEGATION", "warning", text_name(owner), type_text(rtype), message)
