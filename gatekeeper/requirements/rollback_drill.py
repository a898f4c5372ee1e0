"""The way back was walked: the release to return to was restored, in time, and validated afterwards.

PASS: 2.9.4 was restored in 41 s, the serial went up, its key is still in every HSM and published, the backup's
      signatures live long enough, and the restored zone validated.
FAIL: it took 20 minutes; the serial went down (secondaries ignore it); the previous key is missing in one HSM;
      nobody validated afterwards.
"""

from collections.abc import Iterator

from attestations.predicates import rollback_drill
from attestations.predicates.rollback_drill import RollbackDrill
from attestations.records import Record
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
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
        next="run the rollback drill and have its record signed:  attest sign --type rollback-drill …",
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
    faults = (*_time(options.expect, case, attestation), *_state(case, attestation.predicate))
    for found, wanted_text in faults:
        yield unmet("ROLLBACK-DRILL", f"{attestation.name}: {found}", wanted_text, NEXT, (attestation.digest,))
    if not faults:
        drill: RollbackDrill = attestation.predicate
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
    wanted_release = _release_to_return_to(case)
    if wanted_release is not None and drill.restored.release != wanted_release:
        yield f"{drill.restored.release!a:.100} was restored", f"{wanted_release!a:.100}, the release to return to"
    if not drill.validated_after or drill.validation_digest is None:
        yield "the restored zone was not validated", "a zone-validation statement made after the restore"
    if not _goes_up(drill.left.serial, drill.restored.serial):
        yield f"serial {drill.left.serial} to {drill.restored.serial}", "a higher serial (RFC 1982): others are ignored"
    production = {hsm.serial for hsm in case.environment.record.spec.hsms}
    if not drill.previous_keys:
        yield "no key of the restored state is named", "every key that the restored zone needs (R44)"
    for key in drill.previous_keys:
        if not set(key.hsm_serials) >= production or not key.still_published:
            found = f"key {key.fingerprint[:16]}… in {len(production & set(key.hsm_serials))} of {len(production)} HSMs"
            yield found, "the previous key in every HSM, and still published"


def _release_to_return_to(case: Case) -> str | None:
    """For a rollback the release that is asked for itself, else the one that it replaces."""
    spec = case.request.record.spec
    if spec.change == "rollback":
        return spec.release.version
    return spec.replaces.version if spec.replaces else None


def _goes_up(before: int, after: int) -> bool:
    """Serial number arithmetic (RFC 1982, 3.2)."""
    return 0 < (after - before) % 2**32 < 2**31
