"""Builds the state of a zone that a full pass has found valid."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from attestations.zone.incremental.facts import Facts, binding, put_facts
from attestations.zone.incremental.judging import judge_of
from attestations.zone.incremental.records import flat_line
from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.store import Entry, Owner, created
from attestations.zone.incremental.terms import insist_on_one_denial, terms_of
from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Zone, lines, pieces
from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.sorting import key_of
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.hiding import Hider
from attestations.zone.validation.report import ZoneReport

_AT_ONCE = 1000  # owners
_CUT = 256  # characters of an owner in a finding


def build(zone: Zone, report: ZoneReport, path: Path, secret: bytes) -> None:
    """Put the state of `zone`, which `report` found valid as a whole, at `path`; nothing is there until it is complete.

    `secret` (16 to 64 random octets that belong to the gate) seals it. Signatures are not verified again. Raises
    InputError (DNS-STATE): the report is not valid, not of this zone or a full pass, or leaves findings out; the zone
    has a ZONEMD record, whose digest no step can tell; the disk fails.
    """
    _insist_on_full_pass(zone, report)
    with rewritten(zone) as in_order:  # what signers write is mostly not quite in order, and that shows late
        _build(in_order, report, path, secret)


def _insist_on_full_pass(zone: Zone, report: ZoneReport) -> None:
    coverage = report.coverage
    if report.zone.sha256 != zone.sha256:
        raise full_pass_needed("a report of another zone", "the report of this zone")
    if (report.verdict, coverage.mode, coverage.checked) != ("valid", "full", coverage.population):
        found = f"verdict {report.verdict}, coverage {coverage.mode}"
        raise full_pass_needed(found, "a zone that a full pass found valid")
    if any(code == "OUT_OF_ZONE" for code, _ in report.findings.totals):
        raise full_pass_needed("records outside the zone", "a zone without any")
    if report.findings.omitted or any(len(one.owner) >= _CUT for one in report.findings.kept):
        raise full_pass_needed("findings without their names", "a report that names all it found")


def _build(zone: Zone, report: ZoneReport, path: Path, secret: bytes) -> None:
    now = int(report.at.timestamp())
    terms = terms_of(apex_of(zone), now, secret)
    known, unknown = judge_of(terms, is_known=True), judge_of(terms, is_known=False)
    flagged = frozenset(one.owner.lower() for one in report.findings.kept)
    counts: Counter[str] = Counter()
    hiding: Hider | None = None
    with created(path, secret) as store:
        owners = _owners(zone)
        while some := tuple(islice(owners, _AT_ONCE)):
            rows: list[Owner] = []
            entries: list[Entry] = []
            for name, key, group in some:
                judge = unknown if flagged and text_name(name) in flagged else known
                one = judge.contribution(group, hiding)
                hiding = one.hiding
                insist_on_one_denial(terms, one.parameters, has_nsec=one.has_nsec)
                counts.update(one.counts)
                entries += one.entries.elements()
                rows.append(Owner(key=key, lines=group, expires=one.expires, flagged=bool(one.findings.totals)))
            store.put_owners(rows)
            store.stage(entries)
        _insist_on_same_sums(counts, report)
        zone.insist_unchanged()
        facts = Facts(
            zone=zone.name, serial=zone.serial, at=now, sha256=zone.sha256, bound_to=binding(), counts=dict(counts)
        )
        put_facts(store, facts)


def _insist_on_same_sums(counts: Counter[str], report: ZoneReport) -> None:
    found = counts["population"], counts["outcome ok"]
    wanted = report.coverage.population, report.counts.ok
    if found != wanted:
        raise full_pass_needed(f"{found[0]} RRsets and {found[1]} good signatures", f"{wanted[0]} and {wanted[1]}")


def _owners(zone: Zone) -> Iterator[tuple[bytes, bytes, tuple[bytes, ...]]]:
    """Yield name, key and lines of each owner of a sorted zone."""
    before, name = b"", b""
    group: list[bytes] = []
    for offset, size in pieces(zone):
        for line in lines(zone, offset, size):
            owner = wire_name(line.owner)
            if owner != name:
                if group:
                    yield name, before, tuple(group)
                before, name, group = key_of(owner), owner, []
            group.append(flat_line(owner, line))
    if group:
        yield name, before, tuple(group)
