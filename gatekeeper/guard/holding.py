"""A halt made to hold: every server of the zone is told, and asked from outside whether it obeys."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeVar

from gatekeeper.guard.configuration import AnyServer, GuardedZone
from gatekeeper.guard.latch import Halt
from gatekeeper.guard.probe import Outflow, probe
from gatekeeper.guard.servers import close, reopen

T = TypeVar("T")

State = Literal["holds", "given", "unproven", "unclear"]
"""What a server that was told to stop is seen to do. holds: it refuses what it gave before. given: it gives the zone
away. unproven: it refuses, but could not be told to, or was never seen to give, so that the probe may be refused in any
case. unclear: it gives no usable answer."""

SETTLE_SECONDS = 10.0
"""how long a server has for doing what it was told; NSD answers `ok` before it does"""

_AT_ONCE = 16
"""servers that are told at once: a slow one keeps no other waiting"""

_PAUSE = 0.1


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One server of a zone, as it was seen."""

    server: str
    state: State
    told: str | None = None
    """why it could not be told; None where it could"""


def hold(zone: GuardedZone, halt: Halt) -> tuple[Seen, ...]:
    """Tell every server of the zone to stop, and return what each is seen to do from then on."""
    return _for_each(zone, lambda server: _stopped(server, zone, halt))


def let_go(zone: GuardedZone) -> tuple[Seen, ...]:
    """Tell every server of the zone to give it again, and return what each is seen to do from then on."""
    return _for_each(zone, lambda server: _started(server, zone))


def _stopped(server: AnyServer, zone: GuardedZone, halt: Halt) -> Seen:
    before = probe(server, zone.name)
    told = close(server, zone.name, is_closed=before == "refused")
    after = _settled(server, zone, "refused", told)
    if after == "refused":
        is_witnessed = before == "given" or server.name in halt.witnessed
        is_known = is_witnessed and told is None  # one that starts refuses before it has loaded the zone
        return Seen(server=server.name, state="holds" if is_known else "unproven", told=told)
    return Seen(server=server.name, state=after, told=told)


def _started(server: AnyServer, zone: GuardedZone) -> Seen:
    told = reopen(server, zone.name)
    after = _settled(server, zone, "given", told)
    return Seen(server=server.name, state="unproven" if after == "refused" else after, told=told)


def _settled(server: AnyServer, zone: GuardedZone, wanted: Outflow, told: str | None) -> Outflow:
    """Return what the server does, as soon as that is what is wanted; where it could not be told, what it does now."""
    deadline = time.monotonic() + (SETTLE_SECONDS if told is None else 0)
    while (seen := probe(server, zone.name)) != wanted and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return seen


def _for_each(zone: GuardedZone, work: Callable[[AnyServer], T]) -> tuple[T, ...]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return tuple(pool.map(work, zone.servers))
