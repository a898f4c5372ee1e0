"""The way back was walked: the release to return to was restored, in time, and validated afterwards.

Where the statement carries the ways that were walked, the servers' answers and the HSMs' signatures, its figures are
computed again from these: what they do not show is not believed.

PASS: 2.9.4 was restored in 41 s, the serial went up, its key is still in every HSM and published, the backup's
      signatures live long enough, and the restored zone validated.
FAIL: it took 20 minutes; the serial went down (secondaries ignore it); the previous key is missing in one HSM;
      nobody validated afterwards; the probes show another serial than the summary.
"""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from attestations.predicates import rollback_drill
from attestations.predicates.halt_drill import Probe
from attestations.predicates.rollback_drill import PreviousKey, RollbackDrill, Way
from attestations.records import Record
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.hsm_observations import MAX_KEYS, fingerprint, holds
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

NEXT = "repair the way back and run the rollback drill again"


class Expect(Record, frozen=True, kw_only=True):
    """How fast, and how long the backup must stay usable."""

    restored_within: Duration
    backup_valid_for: Duration | None = None


class Options(EvidenceRequirement, tag="rollback-drill", frozen=True, kw_only=True):
    """A rollback drill from this release, recent enough."""

    expect: Expect
    max_age: Duration


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({rollback_drill.TYPE}),
        parties=frozenset(options.parties),
        max_age=options.max_age,
        fresh=False,
        what="a rollback-drill statement",
        next="run it in the laboratory:  attest rollback-drill --request REQUEST --environment ENVIRONMENT …",
        whole_release=True,
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield what each drill shows, for every zone of the environment."""
    for zone in case.environment.record.spec.zones:
        about = [a for a in selection.attestations if a.predicate.zone == zone.name]
        if not about:
            yield inconclusive("ROLLBACK-DRILL", f"no drill for zone {zone.name}", "a drill for every zone", NEXT)
        for attestation in about:
            yield from _judge(options, case, attestation)


def _judge(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    drill: RollbackDrill = attestation.predicate
    faults = (
        *_time(options.expect, case, attestation),
        *_state(case, drill),
        *_keys(case, drill),
        *_ways(drill),
    )
    for found, wanted_text in faults:
        yield unmet("ROLLBACK-DRILL", f"{attestation.name}: {found}", wanted_text, NEXT, (attestation.digest,))
    if not faults:
        found = f"{drill.zone}: {drill.restored.release} restored in {drill.restore_seconds} s and validated"
        yield met("ROLLBACK-DRILL", found, (attestation.digest,))


def _time(expect: Expect, case: Case, attestation: Attestation) -> Iterator[tuple[str, str]]:
    drill: RollbackDrill = attestation.predicate
    if drill.restore_seconds > expect.restored_within.total_seconds():
        yield f"restored in {drill.restore_seconds} s", f"within {expect.restored_within}"
    if expect.backup_valid_for is not None:
        left = drill.backup_min_remaining_seconds - (case.now - drill.finished_on).total_seconds()
        if left < expect.backup_valid_for.total_seconds():
            yield f"the backup's first signature expires in {max(0, int(left))} s", f"{expect.backup_valid_for} left"


def _state(case: Case, drill: RollbackDrill) -> Iterator[tuple[str, str]]:
    spec, wanted_release = case.request.record.spec, _release_to_return_to(case)
    if spec.change != "rollback" and drill.left.release != spec.release.version:
        yield f"{drill.left.release!a:.100} was left", f"{spec.release.version!a:.100}, the release that is asked for"
    if drill.left.release == drill.restored.release:
        yield f"{drill.left.release!a:.100} was left and restored", "a way back to another release"
    if wanted_release is not None and drill.restored.release != wanted_release:
        yield f"{drill.restored.release!a:.100} was restored", f"{wanted_release!a:.100}, the release to return to"
    if not drill.validated_after or drill.validation_digest is None:
        yield "the restored zone was not validated", "a zone-validation statement made after the restore"
    if not _goes_up(drill.left.serial, drill.restored.serial):
        yield f"serial {drill.left.serial} to {drill.restored.serial}", "a higher serial (RFC 1982): others are ignored"


def _keys(case: Case, drill: RollbackDrill) -> Iterator[tuple[str, str]]:
    """What HSMs signed counts before what the summary says of them (R44)."""
    production = {hsm.serial for hsm in case.environment.record.spec.hsms}
    if max(len(drill.previous_keys), len(drill.keys)) > MAX_KEYS:  # each is compared with each
        yield f"{len(drill.previous_keys)} previous keys and {len(drill.keys)} published ones", f"at most {MAX_KEYS}"
        return
    if not drill.previous_keys:
        yield "no key of the restored state is named", "every key that the restored zone needs (R44)"
    for key in drill.previous_keys:
        held = set(key.hsm_serials) & production
        if not held >= production or not key.still_published:
            found = f"key {key.fingerprint[:16]}… in {len(held)} of {len(production)} HSMs"
            yield found, "the previous key in every HSM, and still published"
        if (drill.ways or drill.keys or drill.possession) and (unproved := held - _proved(drill, key)):
            found = f"key {key.fingerprint[:16]}…: nothing shows it in {', '.join(sorted(unproved))}"
            yield found, "a signature of each HSM over a fresh challenge that this key verifies"


def _proved(drill: RollbackDrill, key: PreviousKey) -> set[str]:
    """Return the serial numbers of the HSMs that signed their challenge with this key, computed."""
    places = {index for index, published in enumerate(drill.keys) if fingerprint(published) == key.fingerprint}
    answers = [row for row in drill.possession if row.key in places]
    times = Counter(row.serial for row in answers)
    alone = (row for row in answers if times[row.serial] == 1)
    return {row.serial for row in alone if holds(row, drill.keys[row.key], drill.zone, drill.nonce)}


def _ways(drill: RollbackDrill) -> Iterator[tuple[str, str]]:
    """The summary is that of one of the ways, and what was seen of that way bears it out."""
    if not drill.ways and drill.restored_by is None:
        return
    names = [way.way for way in drill.ways]
    if len(set(names)) != len(names) or drill.restored_by not in names:
        yield f"restored by {drill.restored_by!a:.100} of {', '.join(names)!a:.200}", "one of the ways that were walked"
        return
    way = drill.ways[names.index(drill.restored_by)]
    yield from _summary(drill, way)
    yield from _seen(way)


def _summary(drill: RollbackDrill, way: Way) -> Iterator[tuple[str, str]]:
    if (way.serial_from, way.serial_to) != (drill.left.serial, drill.restored.serial):
        found = f"{way.way} went from serial {way.serial_from} to {way.serial_to}"
        yield found, f"{drill.left.serial} to {drill.restored.serial}, as the summary says"
    if way.zone_digest != drill.restored.zone_digest:
        yield f"{way.way} led to another zone than the summary", "one digest of what was restored"
    if way.restored_on is None:
        yield f"{way.way} never restored a valid version", "a way that leads back"
    elif not drill.started_on <= way.decided_on <= way.restored_on <= drill.finished_on:
        yield f"{way.way}: times that run backwards", "begun, then decided, then restored, then finished"
    elif any(not way.decided_on <= probe.at <= drill.finished_on for probe in way.probes):
        yield f"{way.way}: probes of another time", "probes from the decision to the end of the drill"
    elif (seconds := math.ceil((way.restored_on - way.decided_on).total_seconds())) > drill.restore_seconds:
        yield f"{way.way} took {seconds} s, not {drill.restore_seconds} s", "the time that was measured"


def _seen(way: Way) -> Iterator[tuple[str, str]]:
    """What servers and resolver answered, from outside."""
    probes = sorted(way.probes, key=lambda probe: (probe.vantage, probe.at))
    served = {vantage: tuple(seen) for vantage, seen in groupby(probes, key=lambda probe: probe.vantage)}
    if not served:
        yield f"{way.way}: no server was asked", "probes of every server of the world"
    elif all(probe.validates or probe.serial != way.serial_from for probe in way.probes):
        yield f"{way.way}: nobody saw that {way.serial_from} was bad", "a way back from a bad version"
    if wrong := [vantage for vantage, seen in served.items() if not _is_restored(way, seen)]:
        found = f"{way.way}: {', '.join(wrong)!a:.200} did not serve a valid {way.serial_to} in the end"
        yield found, "the restored version from every server"
    outage, flushed = way.resolver.outage, way.resolver.after_flush
    if not 0 < outage.servfail <= outage.asked:
        yield (
            f"{way.way}: {outage.servfail} of {outage.asked} answers refused in the outage",
            "a way back from an outage",
        )
    if flushed.servfail or not flushed.asked:
        found = f"{way.way}: {flushed.servfail} of {flushed.asked} answers refused after a flush"
        yield found, "none: the restored version is good for resolvers"


def _is_restored(way: Way, probes: tuple[Probe, ...]) -> bool:
    """Whether a server gave the restored version at the time of the restore, and ever after; its probes in order."""
    until = [probe for probe in probes if way.restored_on is None or probe.at <= way.restored_on]
    decisive = (*until[-1:], *probes[len(until) :])
    return bool(until) and all(probe.validates and probe.serial == way.serial_to for probe in decisive)


def _release_to_return_to(case: Case) -> str | None:
    """For a rollback the release that is asked for itself, else the one that it replaces."""
    spec = case.request.record.spec
    if spec.change == "rollback":
        return spec.release.version
    return spec.replaces.version if spec.replaces else None


def _goes_up(before: int, after: int) -> bool:
    """Serial number arithmetic (RFC 1982, 3.2)."""
    return 0 < (after - before) % 2**32 < 2**31
