"""An anomaly stops publication, unattended, and it stays stopped: shown by injecting faults, seen from outside.

Three validators saw 5 May 2026 and their alarms went nowhere. Only a halt counts as a control (R18); times are
recomputed from the drill's own clock readings, and what the world was served from its outside probes.

PASS: each fault was injected, publication stopped within 60 s without a human, every probe saw the old serial.
FAIL: a fault was never injected; it was detected but not halted; a probe saw the bad serial; the halt did not
      survive a restart; nobody probed from outside; nobody was to be notified; it went on before it halted.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from attestations.predicates import halt_drill
from attestations.predicates.halt_drill import Fault, HaltDrill
from attestations.records import Name, Record
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

NEXT = "repair the halt path and run the drill again"


class Expect(Record, frozen=True, kw_only=True):
    """Which faults, how fast, and whether a human may have helped."""

    faults: Annotated[tuple[Name, ...], Meta(min_length=1)]
    halted_within: Duration
    unattended: bool = True


class Options(EvidenceRequirement, tag="halt-drill", frozen=True, kw_only=True):
    """A halt drill of this release, recent enough."""

    expect: Expect
    max_age: Duration


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({halt_drill.TYPE}),
        parties=frozenset(options.parties),
        max_age=options.max_age,
        fresh=False,
        what="a halt-drill statement",
        next="run it in the laboratory:  attest halt-drill --request REQUEST --environment ENVIRONMENT …",
        whole_release=True,
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield, for each zone and each expected fault, whether every run of it stopped publication."""
    for zone in case.environment.record.spec.zones:
        about = [a for a in selection.attestations if a.predicate.zone == zone.name]
        if not about:
            yield inconclusive("HALT-DRILL", f"no drill for zone {zone.name}", "a drill for every zone", NEXT)
            continue
        for name in options.expect.faults:
            yield from _check_fault(options.expect, zone.name, name, about)


def _check_fault(expect: Expect, zone: str, name: str, about: list[Attestation]) -> Iterator[Finding]:
    runs = [
        (attestation, fault) for attestation in about for fault in attestation.predicate.faults if fault.fault == name
    ]
    if not runs:
        yield unmet("HALT-DRILL", f"{zone}: fault {name} was not injected", "every fault of the policy", NEXT)
    for attestation, fault in runs:
        faults = (*_time(attestation.predicate, fault), *_faults(expect, fault))
        for found, wanted_text in faults:
            yield unmet("HALT-DRILL", f"{zone} {name}: {found}", wanted_text, NEXT, (attestation.digest,))
        if not faults:
            yield met("HALT-DRILL", f"{zone} {name}: publication stopped, seen from outside", (attestation.digest,))


def _time(drill: HaltDrill, fault: Fault) -> Iterator[tuple[str, str]]:
    """What an earlier drill saw, or nobody yet, was not seen in this one."""
    told = (fault.injected_on, fault.detected_on, fault.halted_on, fault.resumed_on)
    times = [at for at in (*told, *(probe.at for probe in fault.probes)) if at is not None]
    if not drill.started_on <= min(times) <= max(times) <= drill.finished_on:
        found = f"{min(times)} to {max(times)}, in a drill from {drill.started_on} to {drill.finished_on}"
        yield found, "what was seen in this drill"


def _faults(expect: Expect, fault: Fault) -> Iterator[tuple[str, str]]:
    if fault.detected_on is None or fault.halted_on is None:
        yield "not detected or not halted", f"halted within {expect.halted_within}"
    elif not fault.injected_on <= fault.detected_on <= fault.halted_on:
        yield "times that run backwards", "injected, then detected, then halted"
    elif fault.halted_on - fault.injected_on > expect.halted_within:
        seconds = int((fault.halted_on - fault.injected_on).total_seconds())
        yield f"halted after {seconds} s", f"within {expect.halted_within}"
    if expect.unattended and not fault.unattended:
        yield "halted with a human's help", "unattended"
    if fault.restart_survived is False or (fault.fault == "restart" and fault.restart_survived is None):
        yield "the halt did not survive a restart", "a halt that holds across a restart"
    if fault.notification_tried is False or (fault.fault == "sink-down" and fault.notification_tried is None):
        yield "nobody was notified", "a halt that is told, and that does not wait for who is told"
    yield from _served(fault)
    yield from _resumed(fault)


def _served(fault: Fault) -> Iterator[tuple[str, str]]:
    after = [probe for probe in fault.probes if probe.at >= fault.injected_on]
    if not any(probe.at >= (fault.halted_on or fault.injected_on) for probe in after):
        yield "no probe from outside after the halt", "probes that show what was served from then on"
    if leaked := [probe.vantage for probe in after if probe.serial == fault.bad_serial or not probe.validates]:
        yield f"the bad version was served at {', '.join(sorted(set(leaked)))}", "the last good version, validating"
    if fault.leaked_serials:
        yield f"{len(fault.leaked_serials)} bad serials leaked", "none"


def _resumed(fault: Fault) -> Iterator[tuple[str, str]]:
    if (halted_on := fault.halted_on) is None:
        return
    went_on = any(probe.at >= halted_on and _is_newer(probe.serial, fault.bad_serial) for probe in fault.probes)
    if fault.resumed_on is None:
        if went_on:
            yield "a version after the bad one was served, and nobody let work go on", "a halt that holds"
    elif fault.resumed_on < halted_on:
        yield "resumed before it was halted", "injected, detected, halted, then resumed"
    elif not went_on:
        yield "resumed, and no probe saw a version after the bad one", "probes that show how work went on"


def _is_newer(serial: int, other: int) -> bool:
    """RFC 1982, section 3.2."""
    return 0 < (serial - other) % 2**32 < 2**31
