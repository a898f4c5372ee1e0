"""The statement rollback-drill from what was seen, and the zone-validation statement that it rests on."""

import math
from dataclasses import dataclass

from attestations import __version__
from attestations.drills.observation import Occasion
from attestations.drills.probing import OBSERVER_CODE_BASE
from attestations.drills.rollback.documents import Release, Releases
from attestations.drills.rollback.drill import Bad, Walked
from attestations.hsm.verdict import Answer, rows
from attestations.predicates.common import Observer, Tool
from attestations.predicates.rollback_drill import PreviousKey, RollbackDrill, State
from attestations.zone import observation

TOOL = "attest rollback-drill"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A finished drill."""

    occasion: Occasion
    releases: Releases
    walked: tuple[Walked, ...]
    """at least one"""

    @property
    def chosen(self) -> Walked:
        """The way that the statement's figures are of: one that works without forcing anybody, if there is one."""
        restored = [one for one in self.walked if one.is_restored]
        up = [one for one in restored if one.raises_serial]
        return next(iter([*up, *restored, *self.walked]))

    @property
    def previous_keys(self) -> tuple[PreviousKey, ...]:
        """What the way back needs: where it was proved to be every time, and whether it was always published."""
        published = frozenset.intersection(*(one.bad.published for one in self.walked))
        return tuple(
            PreviousKey(
                fingerprint=key.fingerprint,
                hsm_serials=tuple(sorted(frozenset.intersection(*(_proved(one.bad, index) for one in self.walked)))),
                still_published=key.fingerprint in published,
            )
            for index, key in enumerate(self.chosen.bad.keys)
        )

    @property
    def backup_seconds(self) -> int:
        """How long the archived version still validates after the drill."""
        end = min(one.bad.archive_expires for one in self.walked)
        return max(0, math.floor((end - self.occasion.finished_on).total_seconds()))

    @property
    def resign_seconds(self) -> float:
        """The longest that signing everything anew took."""
        return max(one.bad.resign_seconds for one in self.walked)


def to_predicate(seen: Seen, validation_digest: str) -> RollbackDrill:
    """Return the predicate: proofs, probes and answers are in it, so that the gate need not believe our verdict."""
    occasion, chosen = seen.occasion, seen.chosen
    way, observations = chosen.way, chosen.bad.observations
    return RollbackDrill(
        environment=occasion.environment,
        observer=Observer(name=occasion.observer, code_bases=(OBSERVER_CODE_BASE,)),
        started_on=occasion.started_on,
        finished_on=occasion.finished_on,
        tool=Tool(name=TOOL, version=__version__),
        request_digest=occasion.request_digest,
        nonce=occasion.nonce,
        zone=occasion.zone,
        left=_state(seen.releases.left, way.serial_from, chosen.bad.digest),
        restored=_state(seen.releases.restored, way.serial_to, chosen.validation.report.zone.sha256),
        restore_seconds=math.ceil(((way.restored_on or occasion.finished_on) - way.decided_on).total_seconds()),
        full_resign_seconds=math.ceil(seen.resign_seconds),
        previous_keys=seen.previous_keys,
        backup_min_remaining_seconds=seen.backup_seconds,
        validated_after=chosen.is_restored,
        validation_digest=validation_digest,
        restored_by=way.way,
        ways=tuple(one.way for one in seen.walked),
        keys=observations.keys,
        possession=observations.possession,
    )


def validation_statement(seen: Seen) -> bytes:
    """Return the zone-validation statement about what the secondary served after the chosen way."""
    occasion, chosen = seen.occasion, seen.chosen
    return observation.to_statement(
        chosen.validation,
        observation.Occasion(
            observer=occasion.observer,
            environment=occasion.environment,
            request=observation.RequestReference(digest=occasion.request_digest, nonce=occasion.nonce),
            started_on=chosen.way.decided_on,
            finished_on=occasion.finished_on,
        ),
    )


def _state(release: Release, serial: int, digest: str) -> State:
    return State(release=release.version, components=release.components, serial=serial, zone_digest=digest)


def _proved(bad: Bad, key: int) -> frozenset[str]:
    """Return the serial numbers of the HSMs that answered with exactly this key."""
    return frozenset(row.serial for row in rows(bad.observations) if row.key == key and row.answer is Answer.SAME_KEY)
