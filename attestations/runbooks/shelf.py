"""Which runbook is for which situation, in the order in which a night needs them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import structs

from attestations.records import ZoneName
from attestations.runbooks import ending, halting, resolving, returning, telling
from attestations.runbooks.model import Runbook, Server, Step

RUNBOOKS: Mapping[str, Callable[[ZoneName], Runbook]] = MappingProxyType(
    {
        "stop-publication": halting.runbook,
        "way-back": returning.runbook,
        "tell": telling.runbook,
        "resolver": resolving.runbook,
        "end-measures": ending.runbook,
    }
)


def only_for(runbook: Runbook, servers: frozenset[Server]) -> Runbook:
    """Return the runbook without what is for other servers. Every step stays: the text names steps by number."""
    return structs.replace(
        runbook,
        steps=tuple(_step(step, servers) for step in runbook.steps),
        wrong=tuple(one for one in runbook.wrong if one.server in servers),
    )


def _step(step: Step, servers: frozenset[Server]) -> Step:
    kept = tuple(one for one in step.actions if one.server is None or one.server in servers)
    return structs.replace(step, actions=kept)
