"""A version of a zone against the version before: its content, and what caches may still hold."""

from collections.abc import Iterator

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.change.content import USUAL, Volumes, content_findings
from attestations.zone.change.proof import proof_of
from attestations.zone.change.state import state_of
from attestations.zone.change.transition import Clock, transition_findings
from attestations.zone.reading import rewritten
from attestations.zone.reading.flat import Unflat, Zone, unreadable
from attestations.zone.reading.names import RelativeNameError
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.apex import Apex, apex_of
from attestations.zone.validation.key_strength import strength_findings

__all__ = ["Clock", "Volumes", "change_findings"]


def change_findings(
    previous: Zone,
    current: Zone,
    clock: Clock,
    *,
    anchors: tuple[Anchor, ...] = (),
    previous_anchors: tuple[Anchor, ...] | None = None,
    volumes: Volumes = USUAL,
) -> tuple[ZoneFinding, ...]:
    """Return what is wrong or remarkable about the step from one version of a zone to the next.

    `anchors` are the DS set at the parent, `previous_anchors` that of the version before (None: the same). Costs a pass
    over each version, and bounded memory. Raises InputError (DNS-ZONEFILE, LIMIT) as reading does.
    """
    before_anchors = anchors if previous_anchors is None else previous_anchors
    try:
        old, new = apex_of(previous), apex_of(current)
        with (
            state_of(previous, old, proof_of(old, new, clock.now), before_anchors) as before,
            state_of(current, new, proof_of(new, old, clock.now), anchors) as after,
        ):
            unsafe = tuple(transition_findings(before, after, clock))
            if not unsafe or (before.zone.is_sorted and after.zone.is_sorted):
                return (*unsafe, *content_findings(before, after, volumes), *_shared_factors(before.apex, after.apex))
    except (Unflat, ValueError) as error:
        if not isinstance(error, Unflat | RelativeNameError) or (previous.is_sorted and current.is_sorted):
            raise unreadable(f"a record that cannot be read: {error}") from None
    # An owner in two places of a file looks as if each half of its RRsets' signatures were all: sorted, it does not.
    with rewritten(previous) as one, rewritten(current) as two:
        return change_findings(one, two, clock, anchors=anchors, previous_anchors=previous_anchors, volumes=volumes)


def _shared_factors(before: Apex, after: Apex) -> Iterator[ZoneFinding]:
    """Yield what breaks keys only in company with those of the version before: a prime that both have."""
    alone = frozenset(strength_findings(after.name, after.keys.keys))
    return (one for one in strength_findings(after.name, after.keys.keys, before.keys.keys) if one not in alone)
