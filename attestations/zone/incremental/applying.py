"""Judges what changed since the serial of a state, and advances the state if the zone is still valid."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from attestations.predicates.zone_validation import Coverage, Denial, Source, ZoneFinding
from attestations.times import Instant
from attestations.zone.findings import collect, merge
from attestations.zone.incremental.affected import (
    Names,
    changed_names,
    changed_tags,
    due_names,
    flagged_names,
    name_of,
    names_signed_by,
)
from attestations.zone.incremental.comparison import Comparison, Sides
from attestations.zone.incremental.denial import touched_findings
from attestations.zone.incremental.facts import Facts, facts_of, put_facts
from attestations.zone.incremental.judging import NONCES, SUMMED, links_of
from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.steps import changes_of
from attestations.zone.incremental.store import Store, opened
from attestations.zone.incremental.sums import tally_of_state
from attestations.zone.incremental.terms import insist_on_same_denial, terms_of
from attestations.zone.incremental.version import Version
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.transfer.differences import Difference
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import NSEC, NSEC3PARAM, Apex
from attestations.zone.validation.completeness import revocation_findings
from attestations.zone.validation.denial.announcement import announcement_findings
from attestations.zone.validation.report import ZoneReport, report_on
from attestations.zone.validation.tally import Tally
from attestations.zone.validation.terms import Terms
from attestations.zone.validation.whole import DENIAL_CODES, apex_findings, common_findings, horizon_findings

RECHECKED = 64
"""owners at random, which prove that the state is what it was"""
_IXFR = Source(kind="ixfr")


def apply(
    path: Path,
    secret: bytes,
    steps: Sequence[Difference],
    anchors: tuple[Anchor, ...],
    at: Instant,
    *,
    zone: str,
    source: Source = _IXFR,
) -> ZoneReport:
    """Return what is true at the moment `at` of the zone that `steps` lead to from the state at `path`.

    Judged anew are: the owners that changed, those that a delegation or DNAME record hides or no longer hides, those
    with a signature that expired since, those at which something was found, all with signatures by a key that came or
    went, some at random, the apex, and the denial chains around all of these. The state advances only if the verdict is
    valid. Raises InputError (DNS-STATE), with the state as it was: a gap between serials, a state that is bound to
    something else or was changed, a step that only a full pass can judge.
    """
    with opened(path, secret) as store:
        try:
            with store.transaction():
                report = _advanced(store, facts_of(store, zone), steps, anchors, at, secret, source)
                if report.verdict != "valid":
                    raise _NotAdvancedError(report)
                return report
        except _NotAdvancedError as reason:
            return reason.report


class _NotAdvancedError(Exception):
    def __init__(self, report: ZoneReport) -> None:
        super().__init__()
        self.report = report


def _advanced(
    store: Store,
    facts: Facts,
    steps: Sequence[Difference],
    anchors: tuple[Anchor, ...],
    at: Instant,
    secret: bytes,
    source: Source,
) -> ZoneReport:
    """Return the report on the version after the steps, with the state advanced to it in the open transaction."""
    apex, now = wire_name(facts.zone.encode("ascii")), int(at.timestamp())
    if now < facts.at:
        raise full_pass_needed("a moment before that of the state", "a later one")
    changes = changes_of(steps, store, apex, facts.serial)
    old, new = Version(store, apex, {}), Version(store, apex, changes)
    serial = steps[-1].new if steps else facts.serial
    if new.apex.serial != serial:
        raise full_pass_needed(
            f"a SOA record with serial {new.apex.serial}", f"serial {serial}, which the steps lead to"
        )
    before, after = terms_of(old.apex, facts.at, secret), terms_of(new.apex, now, secret)
    insist_on_same_denial(before, after)
    sides = Sides(old, before, new, after, flagged_names(store))
    names = changed_names(changes, store, old, new) | due_names(store, now) | _rechecked(store, sides)
    names |= _names_of_keys(store, facts, sides, changed_tags(before.keys, after.keys))
    compared = sides.compare(names)
    counts = _written(store, facts, compared)
    following = _facts_after(facts, serial, now, steps, counts)
    put_facts(store, following)
    denial = (*touched_findings(store, after, compared.entries, facts.zone), *_announced(store, new.apex, after))
    found = merge((collect(apex_findings(new.apex, anchors, at)), *compared.findings, collect(denial)))
    tally = tally_of_state(store, counts, found, now)
    tally.add_findings(_zone_findings(new.apex, tally, anchors, now))
    return _report(_zone(following, source), new.apex, anchors, at, tally, compared.checked)


def _announced(store: Store, apex: Apex, terms: Terms) -> Iterator[ZoneFinding]:
    present = (chain for index, chain in enumerate(terms.chains) if store.first_entry(links_of(index), b""))
    if terms.chains:
        params, chains = apex.rdatas(NSEC3PARAM), frozenset(present)
        yield from announcement_findings(apex.name, params, chains, has_nsec=terms.has_nsec)


def _zone_findings(apex: Apex, tally: Tally, anchors: tuple[Anchor, ...], now: int) -> Iterator[ZoneFinding]:
    yield from revocation_findings(apex, now)
    yield from horizon_findings(apex, tally)
    yield from common_findings(apex, tally, anchors)


def _report(zone: Zone, apex: Apex, anchors: tuple[Anchor, ...], at: Instant, tally: Tally, checked: int) -> ZoneReport:
    is_whole = not any(code in DENIAL_CODES and severity == "error" for code, severity in tally.findings.totals)
    coverage = Coverage(mode="delta", population=tally.population, checked=checked)
    denial = _denial(apex, opt_out=tally.opt_out, chain_ok=is_whole)
    return report_on(zone, apex, anchors, at, tally, denial, coverage=coverage)


def _denial(apex: Apex, *, opt_out: bool, chain_ok: bool) -> Denial:
    if not apex.nsec3:
        return Denial(kind="nsec" if apex.rdatas(NSEC) else "none", chain_ok=chain_ok)
    first = min(apex.nsec3, key=str)
    salt = first.salt.hex()
    return Denial(kind="nsec3", iterations=first.iterations, salt=salt, opt_out=opt_out, chain_ok=chain_ok)


def _zone(facts: Facts, source: Source) -> Zone:
    """Return what stands for the zone in the report: there is no file of it."""
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    return Zone(
        name=facts.zone,
        wire=wire_name(facts.zone.encode("ascii")),
        descriptor=nothing,
        size=0,
        sha256=facts.sha256,
        source=source,
        is_sorted=True,
        serial=facts.serial,
        original=nothing,
        label=f"the step to serial {facts.serial}",
    )


def _rechecked(store: Store, sides: Sides) -> Names:
    """Return some owners at random; raise InputError (DNS-STATE) if what they add is not in the state."""
    names = frozenset(map(name_of, store.some_owners(RECHECKED)))
    for name in names:
        was = sides.was(name)
        entries = was.entries.items() if was else ()
        if was is None or any(store.count(*one) < count for one, count in entries if one[0] not in SUMMED):
            raise full_pass_needed("a state whose entries do not fit its owners")
    return names


def _names_of_keys(store: Store, facts: Facts, sides: Sides, tags: frozenset[tuple[int, int]]) -> Names:
    """Return the owners, beside the apex, with signatures of keys that came or went."""
    at_apex = sides.was(wire_name(facts.zone.encode("ascii")))
    elsewhere = Counter(facts.counts)
    elsewhere.subtract(at_apex.counts if at_apex else {})
    used = [(tag, alg) for tag, alg in tags if elsewhere[f"verified {tag} {alg}"] or elsewhere[f"failed {tag} {alg}"]]
    return names_signed_by(frozenset(used), store) if used else frozenset()


def _written(store: Store, facts: Facts, compared: Comparison) -> Counter[str]:
    """Bring the state up to the comparison, and return the sums after it."""
    store.remove_owners(compared.gone)
    store.put_owners(compared.owners)
    store.add_entries(compared.entries)
    if any(store.count(kind, entry) > 1 for kind, entry in compared.entries if kind == NONCES):
        raise full_pass_needed("two signatures that seem to share a nonce")
    counts = Counter(facts.counts)
    counts.update(compared.counts)
    if min(counts.values()) < 0:
        raise full_pass_needed("a state whose sums do not fit its owners")
    return Counter({name: count for name, count in counts.items() if count})


def _facts_after(facts: Facts, serial: int, now: int, steps: Sequence[Difference], counts: Counter[str]) -> Facts:
    digest = hashlib.sha256(bytes.fromhex(facts.sha256))
    for step in steps:
        for sign, lines in ((b"-", step.deleted), (b"+", step.added)):
            digest.update(b"".join(sign + line.rstrip(b"\n") + b"\n" for line in lines))
    return replace(facts, serial=serial, at=now, sha256=digest.hexdigest(), counts=dict(counts))
