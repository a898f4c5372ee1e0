"""One version of a zone as a comparison sees it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from attestations.errors import Location
from attestations.zone.change.entries import Buckets
from attestations.zone.change.survey import Survey, survey_of
from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Unflat, Zone, unreadable
from attestations.zone.reading.names import RelativeNameError
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import Apex, apex_of


@dataclass(frozen=True, kw_only=True)
class State:
    """A version of a zone, and the DS set of its time."""

    zone: Zone
    apex: Apex
    survey: Survey
    anchors: tuple[Anchor, ...] = ()
    """empty: not known"""


@contextmanager
def state_of(zone: Zone, anchors: tuple[Anchor, ...] = ()) -> Iterator[State]:
    """Give the state of a zone while its delegations are held; one that is not flat is rewritten first.

    Raises InputError (DNS-ZONEFILE, LIMIT) as reading does.
    """
    with ExitStack() as stack:
        try:
            state = _state(zone, anchors, stack)
        except (Unflat, RelativeNameError):
            state = _state(stack.enter_context(rewritten(zone)), anchors, stack)
        yield state


def _state(zone: Zone, anchors: tuple[Anchor, ...], stack: ExitStack) -> State:
    delegations = stack.enter_context(Buckets())
    try:
        return State(zone=zone, apex=apex_of(zone), survey=survey_of(zone, delegations), anchors=anchors)
    except RelativeNameError:
        raise
    except ValueError as error:
        raise unreadable(f"a record that cannot be read: {error}", Location(file=zone.label)) from None
