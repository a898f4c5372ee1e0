"""One version of a zone as a comparison sees it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from attestations.zone.change.entries import Buckets
from attestations.zone.change.proof import Proof
from attestations.zone.change.survey import Survey, survey_of
from attestations.zone.reading.flat import Zone
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import Apex


@dataclass(frozen=True, kw_only=True)
class State:
    """A version of a zone, and the DS set of its time."""

    zone: Zone
    apex: Apex
    survey: Survey
    anchors: tuple[Anchor, ...] = ()
    """empty: not known"""


@contextmanager
def state_of(zone: Zone, apex: Apex, proof: Proof, anchors: tuple[Anchor, ...] = ()) -> Iterator[State]:
    """Give the state of a zone while its delegations are held.

    Raises Unflat and ValueError for what cannot be read as it is, and InputError (LIMIT).
    """
    with Buckets() as delegations:
        yield State(zone=zone, apex=apex, survey=survey_of(zone, delegations, proof), anchors=anchors)
