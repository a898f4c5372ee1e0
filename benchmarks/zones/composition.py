"""The unsigned benchmark zones: like a TLD's, deterministic, and counted."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

ORIGIN = "tld."
SERIAL = 2026050501
TTL = 86400
_HOSTERS = 400
_PIECES = (
    *("an", "ber", "cor", "da", "el", "fi", "gar", "ho", "in", "jo", "kal", "lo", "mar", "ne", "or", "pra", "ri"),
    *("sol", "ta", "ul", "ver", "wi", "x1", "24", "-net", "-shop", "haus", "blume", "werk", "stadt", "data", "cafe"),
)
_LENGTHS, _WEIGHTS = (2, 3, 4, 5), (1, 4, 8, 7)


@dataclass(frozen=True, kw_only=True)
class Composition:
    """What a zone is made of. Other numbers are another benchmark."""

    delegations: int
    secure: int
    """delegations with one DS, 5 %"""
    with_glue: int
    """delegations with two name servers below themselves, 8 %, each with one A"""
    aaaa: int
    """those name servers that have an AAAA as well, about half"""

    def counts(self, *, opt_out: bool = False) -> dict[str, int]:
        """Return the records by type that the zone, signed with NSEC3, must have."""
        named = 5 + (self.secure if opt_out else self.delegations)  # apex, nic and its three name servers
        return {
            "SOA": 1,
            "NS": 3 + 2 * self.delegations,
            "A": 3 + 2 * self.with_glue,
            "AAAA": 3 + self.aaaa,
            "TXT": 1,
            "DS": self.secure,
            "DNSKEY": 2,
            "NSEC3PARAM": 1,
            "NSEC3": named,
            "RRSIG": named + self.secure + 12,  # DNSKEY has two; SOA, NS, TXT, NSEC3PARAM and the six addresses one
        }


SIZES = {
    "10k": Composition(delegations=10_000, secure=494, with_glue=812, aaaa=811),
    "100k": Composition(delegations=100_000, secure=4_915, with_glue=8_007, aaaa=8_098),
    "1M": Composition(delegations=1_000_000, secure=49_813, with_glue=80_046, aaaa=80_047),
}


def zone_lines(wanted: Composition) -> Iterator[str]:
    """Yield the records, one a line, every line with absolute owner, TTL and class; the same in every run."""
    draw = random.Random(1)  # noqa: S311 - the same zone in every run is the purpose
    labels = _labels(draw, wanted.delegations)
    glued = sorted(draw.sample(range(wanted.delegations), wanted.with_glue))
    secure = frozenset(draw.sample(range(wanted.delegations), wanted.secure))
    with_aaaa = frozenset(draw.sample(range(2 * wanted.with_glue), wanted.aaaa))
    server_of = {number: 2 * place for place, number in enumerate(glued)}
    yield from _apex()
    for number, label in enumerate(labels):
        owner = f"{label}.{ORIGIN}"
        if (server := server_of.get(number)) is not None:
            yield from _own_servers(owner, [server + each in with_aaaa for each in range(2)], draw)
        else:
            hoster = draw.randrange(_HOSTERS)
            yield from (f"{owner}\t{TTL}\tIN\tNS\tns{each}.hoster{hoster}.example." for each in (1, 2))
        if number in secure:
            digest = sha256(owner.encode()).hexdigest().upper()
            yield f"{owner}\t{TTL}\tIN\tDS\t{draw.randrange(1, 65536)} 13 2 {digest}"


def _apex() -> Iterator[str]:
    yield f"{ORIGIN}\t{TTL}\tIN\tSOA\ta.nic.{ORIGIN} hostmaster.nic.{ORIGIN} {SERIAL} 7200 7200 3600000 7200"
    yield f'{ORIGIN}\t3600\tIN\tTXT\t"a second TTL beside that of the rest"'
    for number, server in enumerate("afl", 1):
        yield f"{ORIGIN}\t{TTL}\tIN\tNS\t{server}.nic.{ORIGIN}"
        yield f"{server}.nic.{ORIGIN}\t{TTL}\tIN\tA\t192.0.2.{number}"
        yield f"{server}.nic.{ORIGIN}\t{TTL}\tIN\tAAAA\t2001:db8::{number}"


def _own_servers(owner: str, with_aaaa: Sequence[bool], draw: random.Random) -> Iterator[str]:
    for each, has_aaaa in enumerate(with_aaaa, 1):
        server = f"ns{each}.{owner}"
        yield f"{owner}\t{TTL}\tIN\tNS\t{server}"
        yield f"{server}\t{TTL}\tIN\tA\t198.51.{draw.randrange(256)}.{draw.randrange(1, 255)}"
        if has_aaaa:
            yield f"{server}\t{TTL}\tIN\tAAAA\t2001:db8:{draw.randrange(1, 65536):x}::{draw.randrange(1, 65536):x}"


def _labels(draw: random.Random, number: int) -> list[str]:
    """Return different labels; one that was there before gets a running number."""
    found: dict[str, None] = {"nic": None}
    while len(found) <= number:
        pieces = draw.choices(_PIECES, k=draw.choices(_LENGTHS, _WEIGHTS)[0])
        label = "".join(pieces).strip("-")
        found[label if label not in found else f"{label}{len(found)}"] = None
    return list(found)[1:]
