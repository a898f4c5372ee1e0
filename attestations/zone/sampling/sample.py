"""Judges a random part of a zone's signatures, and always those of the apex."""

import secrets
from collections.abc import Iterator

from attestations.predicates.zone_validation import Coverage, Denial, ZoneFinding
from attestations.times import Instant
from attestations.zone.excerpts import owner_around
from attestations.zone.findings import finding
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.types import TYPES
from attestations.zone.sampling.bound import CONFIDENCE, detectable_share
from attestations.zone.sampling.certainty import is_certain
from attestations.zone.sampling.draw import Draw, draw
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import Apex, apex_of
from attestations.zone.validation.completeness import completeness_findings
from attestations.zone.validation.piece import PieceJudge
from attestations.zone.validation.report import ZoneReport, report_on
from attestations.zone.validation.signatures import JudgedRRset, judge, signature_findings
from attestations.zone.validation.tally import Tally, merged
from attestations.zone.validation.terms import Terms
from attestations.zone.validation.whole import apex_findings, common_findings, is_signed, unsigned_findings

MAX_SIZE = 100_000
"""signatures; a larger sample takes as long as the full pass"""
_SEED_BYTES = 16
_ASKED = 4
"""faulty owners that are looked up until one is certain"""
_NSEC = TYPES[b"NSEC"]

Place = tuple[int, int]
"""offset and size of the lines of an owner"""


def sample(zone: Zone, anchors: tuple[Anchor, ...], at: Instant, size: int, seed: bytes | None = None) -> ZoneReport:
    """Return what `size` randomly drawn signatures and those of the apex show at the moment `at`.

    Verdict `invalid` for a fault, else `inconclusive`: the report's coverage says which share of bad signatures is
    excluded. `seed` repeats a draw that a report names; without it the system's random source makes one, which a signer
    cannot foresee. Raises InputError, BadLineError, and Unflat for a file that is not in canonical order, as far as a
    fault shows it.
    """
    seed = secrets.token_bytes(_SEED_BYTES) if seed is None else seed
    apex = apex_of(zone)
    drawn = draw(zone, seed, min(size, MAX_SIZE))
    judged = _judged(zone, apex, drawn, at)
    tally = merged((_apex_tally(apex, at), *(tally for _, tally in judged.values())))
    tally = tally if is_signed(apex, tally) else Tally()
    tally.add_findings(_zone_findings(apex, tally, anchors, at))
    distinct = {(judged[one.line][0], one.covered) for one in drawn.uniform if one.line in judged}
    tally.add_findings([_statement(apex, seed, len(distinct), drawn)])
    coverage = Coverage(
        mode="sample",
        population=max(drawn.population, len(distinct)),
        checked=len(distinct),
        detectable_fraction=detectable_share(len(distinct)),
        confidence=CONFIDENCE,
    )
    return report_on(zone, apex, anchors, at, tally, _denial(apex), coverage=coverage)


def _judged(zone: Zone, apex: Apex, drawn: Draw, at: Instant) -> dict[int, tuple[Place, Tally]]:
    """Return for each line drawn the owner that it belongs to and what was found there; uncertain faults are left out.

    The apex is judged apart, so here it counts nothing.
    """
    piece = PieceJudge(Terms(apex=apex.wire, keys=apex.keys, now=int(at.timestamp())))
    places = {one.line: owner_around(zone, one.line) for one in (*drawn.uniform, *drawn.further)}
    tallies: dict[Place, Tally] = {}
    for place in sorted(set(places.values())):
        data = zone.read(*place)
        is_apex = _owner_in(data) == zone.name.encode("ascii")
        tallies[place] = Tally() if is_apex else piece.judge(data, place[0], (b"", b"")).tally
    faulty = [place for place, tally in tallies.items() if _is_faulty(tally)]
    faulty.sort(key=lambda place: _owner_in(zone.read(*place)).count(b"."))  # few are hidden, the deep ones at best
    if faulty and not any(is_certain(zone, place) for place in faulty[:_ASKED]):
        tallies = {place: tally for place, tally in tallies.items() if place not in faulty}
    return {line: (place, tallies[place]) for line, place in places.items() if place in tallies}


def _owner_in(data: bytes) -> bytes:
    return data.split(None, 1)[0].lower()


def _is_faulty(tally: Tally) -> bool:
    return any(severity == "error" for _, severity in tally.findings.totals)


def _apex_tally(apex: Apex, at: Instant) -> Tally:
    tally = Tally()
    for rrset in apex.rrsets.values():
        signatures = judge(rrset, keys=apex.keys, apex=apex.wire, now=int(at.timestamp()))
        judged = JudgedRRset(rrset=rrset, must_be_signed=bool(rrset.rdatas), signatures=signatures)
        tally.add_judged(judged)
        tally.add_findings(signature_findings(judged, apex.keys.algorithms))
        tally.add_findings(completeness_findings(judged, apex.keys.algorithms))
    return tally


def _zone_findings(apex: Apex, tally: Tally, anchors: tuple[Anchor, ...], at: Instant) -> Iterator[ZoneFinding]:
    if is_signed(apex, tally):
        yield from apex_findings(apex, anchors, at)
        yield from common_findings(apex, tally, anchors)
    else:
        yield from unsigned_findings(apex, tally, anchors)


def _statement(apex: Apex, seed: bytes, checked: int, drawn: Draw) -> ZoneFinding:
    share = detectable_share(checked)
    message = (
        f"{checked} RRsets drawn at random with seed {seed.hex()}, of about {drawn.population} signatures: were "
        f"{100 * share:.4g} % of all signatures bad, one of them would be among these with a probability of "
        f"{100 * CONFIDENCE:.4g} %; fewer, missing signatures and the denial of existence need the full pass"
    )
    return finding("SAMPLE_ONLY", "note", apex.name, None, message)


def _denial(apex: Apex) -> Denial:
    """What the apex announces; a sample says nothing about a chain."""
    for parameters in apex.nsec3[:1]:
        return Denial(
            kind="nsec3", iterations=parameters.iterations, salt=parameters.salt.hex(), opt_out=False, chain_ok=False
        )
    return Denial(kind="nsec" if _NSEC in apex.rrsets else "none", chain_ok=False)
