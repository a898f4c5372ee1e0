"""How long signatures still hold and how long they were made for, against TTLs and the SOA's timers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import text_name
from attestations.zone.reading.types import type_text

LONG_LIFE = 366 * 86400
"""seconds; a signature that is valid for longer can be replayed for longer than any key should be in use"""


@dataclass(frozen=True, kw_only=True)
class Margins:
    """The times of one version of a zone, in seconds."""

    min_remaining: int
    """until the first RRset is left without a signature that verifies; negative: it is already"""
    max_ttl: int
    """the longest TTL of a record"""
    soa_expire: int
    """how long a secondary server serves the zone without its primary (RFC 1035, 3.3.13)"""
    longest_life: int
    """the longest time from inception to expiration of a signature"""


def lifetime_findings(zone: str, margins: Margins) -> Iterator[ZoneFinding]:
    """Yield what is out of proportion; how much life a signature must have left is for a policy to say.

    A signature that expires before the longest TTL runs out fails in caches (warning); one that expires before SOA
    expire fails at a secondary server that is cut off (note; RFC 6781, 4.4.1). A life of more than a year is a warning.
    """
    remaining = margins.min_remaining
    if 0 <= remaining < margins.max_ttl:
        message = f"the earliest signature expires in {remaining} seconds, the longest TTL is {margins.max_ttl}"
        yield finding("SIG_HORIZON", "warning", zone, None, message)
    elif 0 <= remaining < margins.soa_expire:
        message = f"the earliest signature expires in {remaining} seconds, SOA expire is {margins.soa_expire}"
        yield finding("SIG_HORIZON", "note", zone, None, message)
    if margins.longest_life > LONG_LIFE:
        days = margins.longest_life // 86400
        message = f"a signature is valid for {days} days, more than {LONG_LIFE // 86400}"
        yield finding("SIG_LONG_LIFE", "warning", zone, None, message)


def denial_ttl_findings(zone: str, soa_ttl: int, minimum: int, ttls: Collection[int]) -> Iterator[ZoneFinding]:
    """Yield a warning if NSEC or NSEC3 records (their `ttls`) are cached for longer than RFC 9077, 3 allows."""
    allowed = min(soa_ttl, minimum)
    if (longest := max(ttls, default=0)) > allowed:
        message = f"an NSEC or NSEC3 record has TTL {longest}, SOA TTL and minimum allow {allowed}"
        yield finding("TTL_DENIAL", "warning", zone, None, message)


def own_ttl_findings(
    owner: bytes, ttls: Mapping[int, Collection[int]], own_ttls: Mapping[int, Collection[int]]
) -> Iterator[ZoneFinding]:
    """Yield a warning for each type whose RRSIG records have another TTL than the records (RFC 4034, 3).

    `ttls` are those of an owner's records by type, `own_ttls` those of signatures by the type that they cover.
    """
    for rtype in sorted(ttls.keys() & own_ttls.keys()):
        if strange := sorted({*own_ttls[rtype]} - {*ttls[rtype]}):
            message = f"a signature has TTL {strange[0]}, the records have {min(ttls[rtype])}"
            yield finding("SIG_OWN_TTL", "warning", text_name(owner), type_text(rtype), message)
