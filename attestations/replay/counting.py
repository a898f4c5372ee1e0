"""How many signatures of each HSM verify with the published keys, as dnspython says. The signer does not look."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rrset

from attestations.replay.signing import Line, SignedZone

if TYPE_CHECKING:
    from dns.rdtypes.ANY.RRSIG import RRSIG

Sets = dict[tuple[str, str], dns.rrset.RRset]


def count_good(zone: SignedZone) -> tuple[Counter[int], Counter[int]]:
    """Return by HSM how many signatures it made, and how many of them verify."""
    made: Counter[int] = Counter()
    good: Counter[int] = Counter()
    for hsm, verifies in _judged(zone):
        made[hsm] += 1
        good[hsm] += verifies
    return made, good


def _judged(zone: SignedZone) -> Iterator[tuple[int, bool]]:
    sets = _sets(zone)
    keys = {dns.name.from_text(zone.zone): sets[zone.zone, "DNSKEY"]}
    for line in zone.lines:
        if line.hsm is not None:
            yield line.hsm, _verifies(line, sets, keys)


def _sets(zone: SignedZone) -> Sets:
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in zone.lines:
        if line.hsm is None:
            owner, _, rtype, data = line.text.split(maxsplit=3)
            members[owner, rtype].append(data)
    return {key: dns.rrset.from_text_list(key[0], 3600, "IN", key[1], members[key]) for key in members}


def _verifies(line: Line, sets: Sets, keys: "dict[dns.name.Name, dns.rrset.RRset]") -> bool:
    owner, _, _, data = line.text.split(maxsplit=3)
    rrsig: RRSIG = dns.rdata.from_text(dns.rdataclass.IN, "RRSIG", data)  # type: ignore[assignment]  # its own class
    try:
        dns.dnssec.validate_rrsig(sets[owner, data.split(maxsplit=1)[0]], rrsig, keys)  # type: ignore[arg-type]
    except dns.exception.ValidationFailure:
        return False
    return True
