"""The result of a halt drill for people, and as one JSON document."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from attestations.drills.drill import Drilled
from attestations.drills.faults import FAULTS
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, ZoneName
from attestations.times import Instant

Seconds = Annotated[float, Meta(ge=0)]


class DrilledFault(JsonRecord, frozen=True, kw_only=True):
    """What one fault did."""

    fault: Name
    meaning: str
    verdict: Literal["stopped", "not stopped"]
    bad_serial: Count
    last_good_serial: Count
    served: tuple[Count, ...]
    """serial numbers that the servers of the world gave from the fault on, the way back included"""
    leaked_at: tuple[Name, ...]
    """servers that gave the bad version"""
    probes: Count
    seconds_to_detection: Seconds | None
    seconds_to_halt: Seconds | None
    restart_survived: bool | None
    """null: no server was restarted"""
    notification_tried: bool | None
    """null: whoever is told was not down"""
    resumed: bool
    """whether the next good version came through"""


class HaltDrillReport(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("halt-drill-report")):
    """What `attest halt-drill --output json` prints."""

    verdict: Literal["valid", "invalid"]
    zone: ZoneName
    servers: dict[str, str]
    """program -> version"""
    faults: tuple[DrilledFault, ...]
    not_run: tuple[Name, ...]
    """faults after one whose way back failed"""


def report(
    zone: ZoneName, servers: dict[str, str], names: Sequence[str], drilled: Sequence[Drilled]
) -> HaltDrillReport:
    """Return what was seen of the faults called `names`; valid only if each was stopped and work went on."""
    all_well = len(drilled) == len(names) and all(one.is_stopped and one.fault.resumed_on for one in drilled)
    return HaltDrillReport(
        verdict="valid" if all_well else "invalid",
        zone=zone,
        servers=servers,
        faults=tuple(map(_fault, drilled)),
        not_run=tuple(names[len(drilled) :]),
    )


def text_of(document: HaltDrillReport) -> str:
    """Return the report as a table."""
    return "\n".join(_lines(document))


def _lines(document: HaltDrillReport) -> Iterator[str]:
    servers = ", ".join(f"{program} {version}" for program, version in document.servers.items())
    yield f"{document.verdict.upper():<8}{document.zone}  ({servers})"
    yield ""
    yield f"  {'fault':<21}{'publication':<14}{'detected':>9}{'halted':>9}  {'served the bad version':<24}{'way back'}"
    for one in document.faults:
        times = f"{_seconds(one.seconds_to_detection):>9}{_seconds(one.seconds_to_halt):>9}"
        leaked = ", ".join(one.leaked_at) or "nobody"
        yield f"  {one.fault:<21}{one.verdict:<14}{times}  {leaked:<24}{'came through' if one.resumed else 'CLOSED'}"
        if one.restart_survived is not None:
            yield f"  {'':<21}the halt {'survived' if one.restart_survived else 'DID NOT SURVIVE'} the restart"
        if one.notification_tried is not None:
            yield f"  {'':<21}{'notifying was tried' if one.notification_tried else 'NOBODY WAS NOTIFIED'}"
    for name in document.not_run:
        yield f"  {name:<21}not run: the laboratory did not come back to work"


def _fault(drilled: Drilled) -> DrilledFault:
    fault = drilled.fault
    after = [probe for probe in fault.probes if probe.at >= fault.injected_on]
    return DrilledFault(
        fault=fault.fault,
        meaning=FAULTS[fault.fault].meaning,
        verdict="stopped" if drilled.is_stopped else "not stopped",
        bad_serial=fault.bad_serial,
        last_good_serial=drilled.last_good_serial,
        served=tuple(sorted({probe.serial for probe in after})),
        leaked_at=tuple(sorted({probe.vantage for probe in after if probe.serial == fault.bad_serial})),
        probes=len(fault.probes),
        seconds_to_detection=_since(fault.injected_on, fault.detected_on),
        seconds_to_halt=_since(fault.injected_on, fault.halted_on),
        restart_survived=fault.restart_survived,
        notification_tried=fault.notification_tried,
        resumed=fault.resumed_on is not None,
    )


def _since(start: Instant, end: Instant | None) -> float | None:
    return None if end is None else round((end - start).total_seconds(), 3)


def _seconds(number: float | None) -> str:
    return "never" if number is None else f"{number:.1f} s"
