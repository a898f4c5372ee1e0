"""Draws signatures at random from a file that is not read: every one with the same probability.

A random byte of the file is drawn; it counts if it is one of the first 112 of a line with an RRSIG record. No such
line is shorter (a signature of 64 octets has 88 in base64), so all are equally likely, long or short, wherever they
stand.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from attestations.zone.reading.flat import Zone
from attestations.zone.reading.types import TYPES, type_number

_TRIALS_EACH = 200
"""bytes drawn at most for each wanted signature, 8 microseconds each: in a zone that has few, fewer are found"""
_FURTHER_TRIALS_EACH = 40
"""the same for sorts of RRsets that are rare"""
_SPAN = 112
_LONGEST_HEAD = 2048
_STRATA = {TYPES[b"DS"]: "DS", TYPES[b"NSEC"]: "denial", TYPES[b"NSEC3"]: "denial"}


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One signature that was drawn."""

    line: int
    """offset of its line"""
    covered: int
    """type"""

    @property
    def stratum(self) -> str:
        """What sort of RRset it covers: HSMs may be chosen by type (INC-01)."""
        return _STRATA.get(self.covered, "other")


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What was drawn."""

    uniform: tuple[Drawn, ...]
    """with replacement, each signature of the zone with the same probability"""
    further: tuple[Drawn, ...]
    """so that no sort of RRset is left out; it is not in any bound"""
    population: int
    """about how many signatures the zone has, by the share of bytes that hit one"""


def draw(zone: Zone, seed: bytes, size: int) -> Draw:
    """Return `size` signatures at random, fewer in a zone that has few; a quarter of each sort where there are such.

    `seed` decides all of it. Raises ValueError: a signature over something that is no type.
    """
    uniform: list[Drawn] = []
    further: list[Drawn] = []
    lacking = dict.fromkeys((*_STRATA.values(), "other"), size // 4)
    trials = 0
    for number, hit in enumerate(signatures(zone, seed, _TRIALS_EACH * size), 1):
        if len(uniform) < size:
            trials = number
        elif not any(lacking.values()) or number > trials + _FURTHER_TRIALS_EACH * size:
            break
        if hit is not None and (len(uniform) < size or lacking[hit.stratum]):
            (uniform if len(uniform) < size else further).append(hit)
            lacking[hit.stratum] = max(0, lacking[hit.stratum] - 1)
    population = round(len(uniform) * zone.size / (_SPAN * trials)) if trials else 0
    return Draw(uniform=tuple(uniform), further=tuple(further), population=population)


def signatures(zone: Zone, seed: bytes, trials: int) -> Iterator[Drawn | None]:
    """Yield for each byte that is drawn the signature that it hits, or None.

    Raises ValueError: a signature over something that is no type.
    """
    for number in range(trials if zone.size else 0):
        digest = hashlib.sha256(seed + number.to_bytes(8, "big")).digest()
        yield _hit(zone, int.from_bytes(digest, "big") % zone.size)


def _hit(zone: Zone, byte: int) -> Drawn | None:
    first = max(0, byte - _SPAN)
    newline = zone.read(first, byte - first).rfind(b"\n")
    if newline < 0 < first:
        return None
    start = first + newline + 1
    fields = zone.read(start, _LONGEST_HEAD).partition(b"\n")[0].split(None, 5)
    if len(fields) < 6 or fields[3] != b"RRSIG":
        return None
    return Drawn(line=start, covered=type_number(fields[4]))
