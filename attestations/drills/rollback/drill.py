"""The rollback drill: every way back is walked from a bad version that is out, and timed from the decision on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from attestations.drills.probing import now, probe_all
from attestations.drills.rollback.ways import WAYS, Archive
from attestations.drills.rollback.world import Plan, World, running
from attestations.errors import InputError
from attestations.hsm.probe import Observations
from attestations.hsm.published import PublishedKey
from attestations.hsm.token import TokenError
from attestations.predicates.halt_drill import Probe
from attestations.predicates.rollback_drill import Answers, ResolverView, Way
from attestations.servers.refusal import laboratory_error
from attestations.servers.waiting import wait_until
from attestations.times import Instant
from attestations.zone.engines import ENGINES, Result, judge_with
from attestations.zone.reading import zone_from_bytes, zone_from_transfer

PATIENCE_SECONDS = 90.0
"""how long a version may take to reach every server after the last step of a way"""

FLUSH_SECONDS = 10.0
"""how long a flushed resolver is asked until it answers everything"""


@dataclass(frozen=True, kw_only=True)
class Bad:
    """The bad version that is out, and what was true when it was."""

    serial: int
    digest: str
    resign_seconds: float
    """what signing everything anew took the signer"""
    archived: bytes = field(repr=False)
    """the good version before it, as it was served"""
    archive_expires: Instant
    """when its first signature ends"""
    observations: Observations = field(repr=False)
    """what every HSM answered about the keys that the way back needs"""
    keys: tuple[PublishedKey, ...]
    """those keys, in the order of the answers"""
    published: frozenset[str]
    """fingerprints of the keys in the bad version"""


@dataclass(frozen=True, kw_only=True)
class Walked:
    """One way back."""

    bad: Bad
    way: Way
    validation: Result = field(repr=False)
    """of what the secondary served in the end, the whole zone"""
    failure: str | None
    """the step that failed"""

    @property
    def seconds(self) -> float | None:
        """From the decision to the restore; None: never restored."""
        end = self.way.restored_on
        return None if end is None else (end - self.way.decided_on).total_seconds()

    @property
    def is_restored(self) -> bool:
        """Whether a valid version was served everywhere in the end, and a resolver without old answers took it."""
        valid = self.validation.report.verdict == "valid"
        return valid and self.way.restored_on is not None and self.way.resolver.after_flush.servfail == 0

    @property
    def raises_serial(self) -> bool:
        """Whether secondaries that nobody forces take the version, too (RFC 1982, 3.2)."""
        return 0 < (self.way.serial_to - self.way.serial_from) % 2**32 < 2**31


def run_drill(plan: Plan, sockets: Path, names: Sequence[str], nonce: str, resolver_seconds: float) -> Iterator[Walked]:
    """Yield what each way back did, in the order asked, each on servers of its own.

    `sockets` is a folder with a short path; `nonce` is the request's, for the challenges to the HSMs; a resolver that
    nobody flushes is watched for `resolver_seconds`. Raises InputError (LABORATORY) where the servers cannot be run.
    """
    for name in names:
        (sockets / name).mkdir()
        with running(plan, plan.folder / name, sockets / name) as world:
            yield _Rollback(world, name, nonce, resolver_seconds).run()


class _Rollback:
    """One way, from the good version over the bad one to whatever is served in the end."""

    def __init__(self, world: World, name: str, nonce: str, resolver_seconds: float) -> None:
        self._world = world
        self._name = name
        self._nonce = nonce
        self._resolver_seconds = resolver_seconds
        self._probes: list[Probe] = []

    def run(self) -> Walked:
        """Return what was seen."""
        before = self._before()
        bad = self._spoil()
        outage = self._ask()
        decided_on = now()
        self._look()
        failure = self._walk(Archive(text=bad.archived, bad_serial=bad.serial))
        restored_on = wait_until(partial(self._restored, bad.serial), 0 if failure else PATIENCE_SECONDS)
        resolver = self._resolver(before, outage, restored_on)
        validation = self._validation()
        way = Way(
            way=self._name,
            decided_on=decided_on,
            restored_on=restored_on,
            serial_from=bad.serial,
            serial_to=validation.report.zone.serial,
            zone_digest=validation.report.zone.sha256,
            probes=tuple(self._probes),
            resolver=resolver,
        )
        return Walked(bad=bad, way=way, validation=validation, failure=failure)

    def _before(self) -> Answers:
        """Return what the resolvers say of the good version; what follows means something only if they take it."""
        answers = wait_until(lambda: None if (asked := self._ask()).servfail else asked, PATIENCE_SECONDS)
        if answers is None:
            raise laboratory_error("a resolver that refuses the good version", "a laboratory in order")
        return answers

    def _spoil(self) -> Bad:
        """Archive what is served, let the bad version out, and ask the HSMs for what the way back needs."""
        world, zone = self._world, self._world.plan.zone
        archived = world.archived()
        archive_expires = self._expiry_of(archived)
        resign_seconds = world.spoil()
        with zone_from_transfer(world.secondary.server, zone) as bad:
            serial, digest = bad.serial, bad.sha256
        return Bad(
            serial=serial,
            digest=digest,
            resign_seconds=resign_seconds,
            archived=archived,
            archive_expires=archive_expires,
            observations=world.plan.bench.prove(zone, self._nonce),
            keys=tuple(selected.key for selected in world.plan.bench.keys),
            published=world.published(),
        )

    def _walk(self, archive: Archive) -> str | None:
        """Walk the way; return which step failed. That is a finding: the servers still run, and are asked."""
        try:
            WAYS[self._name].walk(self._world, archive)
        except (InputError, TokenError) as error:
            return str(error)
        return None

    def _restored(self, bad_serial: int) -> Instant | None:
        """Return when it was seen that the world serves another version, which validates."""
        looked = self._look()
        well = bool(looked) and all(probe.validates and probe.serial != bad_serial for probe in looked)
        return now() if well else None

    def _look(self) -> list[Probe]:
        looked = list(probe_all((self._world.secondary,)))
        self._probes += looked
        return looked

    def _ask(self) -> Answers:
        """Return the worse of what both resolvers answer; asked the same, both remember the same."""
        answers = [self._world.ask(resolver) for resolver in self._world.resolvers]
        return max(answers, key=lambda one: one.servfail)

    def _resolver(self, before: Answers, outage: Answers, restored_on: Instant | None) -> ResolverView:
        """Look at the resolvers afterwards: one is flushed, the other is left alone until it is clean."""
        left, _ = self._world.resolvers
        return ResolverView(
            before=before,
            outage=outage,
            after=self._world.ask(left),
            after_flush=self._after_flush(0 if restored_on is None else FLUSH_SECONDS),
            clean_seconds=None if restored_on is None else self._clean_seconds(restored_on),
        )

    def _after_flush(self, seconds: float) -> Answers:
        """Return what the flushed resolver answers; one that was only too slow once gets another chance."""
        _, flushed = self._world.resolvers

        def clean() -> Answers | None:
            flushed.flush()
            answers = self._world.ask(flushed)
            return None if answers.servfail else answers

        return wait_until(clean, seconds) or self._world.ask(flushed)

    def _clean_seconds(self, restored_on: Instant) -> int | None:
        left, _ = self._world.resolvers
        clean = wait_until(lambda: None if self._world.ask(left).servfail else now(), self._resolver_seconds)
        return None if clean is None else round((clean - restored_on).total_seconds())

    def _validation(self) -> Result:
        world = self._world
        with zone_from_transfer(world.secondary.server, world.plan.zone) as zone:
            return judge_with(ENGINES["native"], zone, world.anchors, now(), jobs=1)

    def _expiry_of(self, archived: bytes) -> Instant:
        """Return when the first signature of a version ends."""
        at = now()
        with zone_from_bytes(archived, "archive", self._world.plan.zone) as zone:
            left = ENGINES["native"].validate(zone, self._world.anchors, at, jobs=1).min_remaining_seconds
        return Instant.of(at + timedelta(seconds=left))
