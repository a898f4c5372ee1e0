"""What the guard prints, for people and as JSON, and the exit code that says it in one number."""

from collections.abc import Iterable, Iterator, Sequence

from attestations.command_line import HALTED, INCONCLUSIVE, INVALID
from attestations.inert import visible
from attestations.printed import Fault, schema_uri
from attestations.records import JsonRecord, Name, Text, ZoneName
from attestations.times import Instant
from gatekeeper.guard.holding import Seen, State
from gatekeeper.guard.latch import Halt

_WORDS: dict[State, str] = {
    "holds": "refuses the transfer that it gave before",
    "given": "gives the zone away",
    "unproven": "refuses the transfer, but could not be told to, or was never seen to give it",
    "unclear": "gives no usable answer",
}


class ServerState(JsonRecord, frozen=True, kw_only=True):
    """One server, as it was seen from outside."""

    server: Name
    state: State
    told: Text | None
    """why it could not be told to stop or to go on; null where it could, or where nothing was said"""


class Standing(JsonRecord, frozen=True, kw_only=True):
    """A halt that stands."""

    id: Name
    reason: Text
    halted_on: Instant


class ZoneState(JsonRecord, frozen=True, kw_only=True):
    """One zone: its halt, and its servers where they were asked."""

    zone: ZoneName
    halt: Standing | None
    servers: tuple[ServerState, ...]


class GuardReport(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("guard-report")):
    """What `gatekeeper guard halt|assert|status --output json` prints."""

    exit_code: int
    zones: tuple[ZoneState, ...]


class GuardResumption(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("guard-resumption")):
    """What `gatekeeper guard resume --output json` prints."""

    exit_code: int
    resumed: bool
    refusal: Fault | None
    """why the approval does not end the halt; null where it does"""
    zone: ZoneState


def zone_state(zone: ZoneName, halt: Halt | None, seen: Iterable[Seen] = ()) -> ZoneState:
    """Return the state of one zone as a document."""
    stands = Standing(id=halt.id, reason=halt.reason, halted_on=halt.halted_on) if halt else None
    servers = tuple(ServerState(server=one.server, state=one.state, told=one.told) for one in seen)
    return ZoneState(zone=zone, halt=stands, servers=servers)


def guard_report(zones: Sequence[ZoneState]) -> GuardReport:
    """Return the report; the worst zone decides on the exit code."""
    return GuardReport(exit_code=_exit_code(zones), zones=tuple(zones))


def _exit_code(zones: Sequence[ZoneState]) -> int:
    """Return 12 only where every halt is known to hold: that is what it promises."""
    states = {server.state for zone in zones for server in zone.servers}
    if "given" in states:
        return INVALID
    if states & {"unproven", "unclear"}:
        return INCONCLUSIVE
    return HALTED if any(zone.halt for zone in zones) else 0


def text_of(zones: Iterable[ZoneState]) -> str:
    """Return the states in lines; nothing that others said begins one of its own."""
    return "\n".join(visible(line) for zone in zones for line in _lines(zone))


def text_of_resumption(made: GuardResumption) -> str:
    """Return the same of the end of a halt, or of why it did not end."""
    if (refusal := made.refusal) is None:
        return text_of([made.zone])
    told = (f"✗ NOT RESUMED  {refusal.code}", f"    found   {refusal.found}", f"    wanted  {refusal.wanted}")
    return "\n".join((*map(visible, (*told, f"    next    {refusal.next}")), text_of([made.zone])))


def _lines(zone: ZoneState) -> Iterator[str]:
    if zone.halt is None:
        yield f"✓ {zone.zone}  no halt stands"
    else:
        yield f"✗ {zone.zone}  HALTED since {zone.halt.halted_on}, id {zone.halt.id}: {zone.halt.reason}"
    for server in zone.servers:
        yield f"    {server.server:<20} {_WORDS[server.state]}"
        if server.told is not None:
            yield f"    {'':<20} could not be told: {server.told}"
