"""The content of a zone against that of the version before: serial, volumes, apex. DNSSEC sees none of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.change.entries import Buckets
from attestations.zone.change.serial import relation
from attestations.zone.change.state import State
from attestations.zone.change.survey import DS, NAME_SIZE, NS
from attestations.zone.findings import finding
from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import TYPES
from attestations.zone.validation.apex import SOA, Apex
from attestations.zone.validation.zonemd import ZONEMD, zone_digests

_SHA384 = 1
_OF_SIGNING = frozenset({"SOA", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY", "ZONEMD"})
"""types whose records come and go with signing; the others are content"""


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """How much may change from one version to the next. Shares are of what was there before."""

    share: Fraction = Fraction(1, 3)
    """of delegations gone or with other name servers, of DS sets gone or changed, of records gone: too much"""
    least: int = 3
    """fewer are never too much, be the zone ever so small"""


USUAL = Volumes()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What became of the delegations. One that came or went is in no other number of the same version."""

    before: int = 0
    added: int = 0
    removed: int = 0
    ns_changed: int = 0
    secure_before: int = 0
    """delegations with a DS"""
    ds_added: int = 0
    ds_removed: int = 0
    ds_changed: int = 0

    def __str__(self) -> str:
        return (
            f"of {self.before} delegations {self.removed} gone, {self.added} new, NS of {self.ns_changed} changed; "
            f"of {self.secure_before} with DS {self.ds_removed} without, {self.ds_added} new, {self.ds_changed} changed"
        )


def content_findings(previous: State, current: State, volumes: Volumes = USUAL) -> Iterator[ZoneFinding]:
    """Yield what is suspicious about the step from one version of a zone to the next.

    Errors: a serial that does not rise over other content (RFC 1982), and more gone or changed than `volumes` allow:
    a truncated zone (.de, 12 May 2010), missing dots (.se, 12 October 2009). Warnings: the apex or the kind of denial
    changed, which is rare and should be wanted. A note has the numbers. Raises InputError as reading does.
    """
    yield from _serial_findings(previous, current)
    difference = difference_of(previous.survey.delegations, current.survey.delegations)
    yield from _volume_findings(previous, current, difference, volumes)
    yield from _apex_findings(previous.apex, current.apex)


def difference_of(previous: Buckets, current: Buckets) -> Difference:
    """Return what became of the delegations from one version to the next."""
    total: Counter[str] = Counter()
    for before, after in zip(previous.sets(), current.sets(), strict=True):
        total.update(_bucket_difference(before, after))
    return Difference(**total)


def _bucket_difference(before: frozenset[bytes], after: frozenset[bytes]) -> dict[str, int]:
    old, new = _names(before, NS), _names(after, NS)
    old_secure, new_secure = _names(before, DS) & old, _names(after, DS) & new
    changed, both = before ^ after, old & new
    return {
        "before": len(old),
        "added": len(new - old),
        "removed": len(old - new),
        "ns_changed": len(_names(changed, NS) & both),
        "secure_before": len(old_secure),
        "ds_added": len((new_secure - old_secure) & both),
        "ds_removed": len((old_secure - new_secure) & both),
        "ds_changed": len(_names(changed, DS) & old_secure & new_secure),
    }


def _names(entries: frozenset[bytes], kind: bytes) -> set[bytes]:
    return {entry[:NAME_SIZE] for entry in entries if entry[NAME_SIZE : NAME_SIZE + 1] == kind}


def _serial_findings(previous: State, current: State) -> Iterator[ZoneFinding]:
    new, old = current.apex.serial, previous.apex.serial
    is_related = relation(new, old)
    if is_related == "higher" or (is_related == "equal" and _have_same_content(previous, current)):
        return
    why = {
        "equal": f"serial {new} is that of the version before, whose content is another",
        "lower": f"serial {new} is lower than {old}, that of the version before",
        "undefined": f"serial {new} is neither higher nor lower than {old}, that of the version before",
    }[is_related]
    message = f"{why}: secondary servers keep what they have (RFC 1982)"
    yield finding("SERIAL_NOT_HIGHER", "error", current.apex.name, "SOA", message)


def _have_same_content(previous: State, current: State) -> bool:
    """Two files may differ where the records do not: in order, or in how they are written."""
    if previous.zone.sha256 == current.zone.sha256:
        return True
    same_digests = previous.apex.rdatas(ZONEMD) == current.apex.rdatas(ZONEMD)
    return same_digests and zone_digests(previous.zone, {_SHA384}) == zone_digests(current.zone, {_SHA384})


def _volume_findings(
    previous: State, current: State, difference: Difference, volumes: Volumes
) -> Iterator[ZoneFinding]:
    records_before, records_after = _content_records(previous), _content_records(current)
    volumes_of = {
        "delegations are gone": (difference.removed, difference.before),
        "delegations have other name servers": (difference.ns_changed, difference.before),
        "secure delegations lost their DS": (difference.ds_removed, difference.secure_before),
        "secure delegations have another DS": (difference.ds_changed, difference.secure_before),
        "records are gone": (records_before - records_after, records_before),
    }
    for what, (count, before) in volumes_of.items():
        if count >= volumes.least and count >= before * volumes.share:
            message = f"{count} of {before} {what} since serial {previous.apex.serial}"
            yield finding("CONTENT_DELTA", "error", current.apex.name, None, message)
    message = (
        f"since serial {previous.apex.serial}: {difference}; {records_before} records of content, {records_after} now"
    )
    yield finding("CONTENT_COUNTED", "note", current.apex.name, None, message)


def _content_records(state: State) -> int:
    return sum(count for rtype, count in state.survey.counts.items() if rtype not in _OF_SIGNING)


def _apex_findings(previous: Apex, current: Apex) -> Iterator[ZoneFinding]:
    if previous.rdatas(TYPES[b"NS"]) != current.rdatas(TYPES[b"NS"]):
        message = f"the zone's own name servers are others than in serial {previous.serial}"
        yield finding("APEX_CHANGED", "warning", current.name, "NS", message)
    if _primary(previous) != _primary(current):
        message = f"the primary server (MNAME) was {_primary(previous)}, it is {_primary(current)}"
        yield finding("APEX_CHANGED", "warning", current.name, "SOA", message)
    if _denial(previous) != _denial(current):
        message = f"denial of existence was by {_denial(previous)}, it is by {_denial(current)}"
        yield finding("DENIAL_CHANGED", "warning", current.name, None, message)


def _primary(apex: Apex) -> str:
    (soa,) = apex.rdatas(SOA)
    return text_name(soa)  # the RDATA begins with it, and a name ends with the root


def _denial(apex: Apex) -> str:
    """Return how the zone denies existence. A new salt alone is no change, and opt-out is not in NSEC3PARAM."""
    if apex.nsec3:
        costs = {(chain.algorithm, chain.iterations) for chain in apex.nsec3}
        return " and ".join(f"NSEC3 (algorithm {hashing}, {times} iterations)" for hashing, times in sorted(costs))
    return "NSEC" if TYPES[b"NSEC"] in apex.rrsets else "nothing"
