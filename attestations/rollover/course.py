"""One exercise as it happens: orders to the agent, and what the HSMs show after each of them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from attestations.dnskey import NAMES, public_key_of
from attestations.errors import InputError
from attestations.hsm.documents import Unit
from attestations.hsm.published import PublishedKey
from attestations.hsm.token import Tokens
from attestations.predicates.hsm_key_coverage import Action
from attestations.rollover.agent import Agent, Claim, Order
from attestations.rollover.judging import Fault, claim_faults, sight_faults
from attestations.rollover.keys import FLAGS, KeyName, Role, RolloverKey
from attestations.rollover.observation import Sight, Subject, first_public_key, holders, look
from attestations.rollover.publication import Publication
from attestations.rollover.signing import ZoneKey
from attestations.rollover.switch import Switch, SwitchError
from attestations.times import Instant

Phase = Literal["generate", "publish", "activate", "retire"]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where an exercise takes place."""

    zone: str
    units: tuple[Unit, ...]
    tokens: Tokens
    agent: Agent
    algorithm: int
    """of all keys"""
    switch: Switch | None = None
    publication: Publication | None = None
    """where the DNSKEY set is seen; without it, it is what a signer would publish that does as it is told"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened, and what was seen after it."""

    what: str
    at: Instant
    action: Action | None = None
    key: RolloverKey | None = None
    """what the HSMs were looked at for"""
    claim: Claim | None = None
    sights: tuple[Sight, ...] = ()
    published: tuple[RolloverKey, ...] = ()
    """the DNSKEY set"""
    faults: tuple[Fault, ...] = ()


class Abandoned(Exception):  # noqa: N818  # not an error: the exercise has come to its end
    """The exercise cannot go on; why is among the faults of its last step."""


class Course:
    """One exercise. Its keys have CKA_IDs of their own, so that nothing else in the HSMs is touched."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.steps: list[Step] = []
        self.known: dict[RolloverKey, PublishedKey] = {}
        """the keys of which a public key was seen"""
        self._keys: list[RolloverKey] = []
        """all that the agent was asked about"""
        self._phases: dict[RolloverKey, Phase] = {}
        self._away: str | None = None

    def new_key(self, part: Literal["retiring", "successor", "partner"], role: Role) -> RolloverKey:
        """Return the name of a key that no HSM holds yet."""
        key_id = secrets.token_hex(8)
        name = KeyName(key_id=key_id, label=f"rollover-{part}-{role}-{key_id}")
        self._keys.append(RolloverKey(name=name, role=role, part=part))
        return self._keys[-1]

    def order(self, action: Action, key: RolloverKey) -> None:
        """Let the agent do it, and look; raise Abandoned where it was not done or an HSM could not be asked."""
        claim = self.bench.agent.perform(Order(action=action, role=key.role, name=key.name))
        if action != "remove":
            self._phases[key] = action
        else:
            self._phases.pop(key, None)
        self._find_public_key(key)
        self._note(f"{action} {key}", action=action, key=key, claim=claim)

    @contextmanager
    def without(self, serial: str, switch: Switch, held: RolloverKey) -> Iterator[None]:
        """Take an HSM away for the length of a `with`, however it ends; look then and afterwards for the key `held`."""
        try:
            self._switch(switch.away, serial)
            self._away = serial
            self._note(f"lose {serial}", key=held)
            yield
        finally:
            self._away = None
            self._switch(switch.back, serial)
        self._note(f"bring back {serial}", key=held)

    def clear_up(self) -> None:
        """Let the agent remove every key that is left; what it leaves is a fault."""
        for key in tuple(reversed(self._phases)):
            self.order("remove", key)

    def leave(self) -> None:
        """Let the agent remove what an abandoned exercise has made, unless it is out of order, and say what is left."""
        is_orderly = all(step.claim.orderly for step in self.steps if step.claim)
        for key in reversed(self._keys):
            if is_orderly and self._holders(key):
                self.bench.agent.perform(Order(action="remove", role=key.role, name=key.name))
        faults = tuple(
            Fault(text=f"CKA_ID {key.name.key_id} may be left: destroy it there", serial=serial)
            for key in self._keys
            for serial in self._holders(key)
        )
        self.steps.append(Step(what="clear up", at=now(), faults=faults))

    def _holders(self, key: RolloverKey) -> tuple[str, ...]:
        return holders(self.bench.units, self.bench.tokens, key.name)

    def _switch(self, turn: Callable[[str], None], serial: str) -> None:
        try:
            turn(serial)
        except SwitchError as error:
            fault = Fault(text=str(error), serial=serial, unasked=True)
            self.steps.append(Step(what=f"switch {serial}", at=now(), faults=(fault,)))
            raise Abandoned from error

    def _find_public_key(self, key: RolloverKey) -> None:
        public_key = None if key in self.known else first_public_key(self.bench.units, self.bench.tokens, key.name)
        if public_key is not None and _fits(self.bench.algorithm, public_key):
            flags, algorithm = FLAGS[key.role], self.bench.algorithm
            self.known[key] = PublishedKey(flags=flags, protocol=3, algorithm=algorithm, public_key=public_key)

    def _note(self, what: str, *, key: RolloverKey, action: Action | None = None, claim: Claim | None = None) -> None:
        sights = look(self.bench.units, self.bench.tokens, self._subject(key)) if key in self.known else ()
        faults = tuple(self._faults(action, claim, sights))
        step = Step(
            what=what,
            at=now(),
            action=action,
            key=key,
            claim=claim,
            sights=sights,
            published=self._dnskeys(),
            faults=faults,
        )
        self.steps.append(step)
        if any(fault.serial is None or fault.unasked for fault in faults):
            raise Abandoned

    def _faults(self, action: Action | None, claim: Claim | None, sights: tuple[Sight, ...]) -> list[Fault]:
        """Return what is wrong; where the HSMs are as they should be, also with what is published."""
        faults = [] if claim is None else list(claim_faults(claim, self._away))
        faults += sight_faults(action, sights, self._away)
        if not (faults or sights or self._away):
            faults.append(Fault(text=f"no HSM shows a public key of {NAMES[self.bench.algorithm]} with its CKA_ID"))
        return faults or list(self._publication_faults(action))

    def _publication_faults(self, action: Action | None) -> Iterator[Fault]:
        if self.bench.publication is None or action in (None, "generate"):
            return
        wanted = {key: self.known[key] for key in self._dnskeys()}
        gone = {key: published for key, published in self.known.items() if key not in self._phases}
        seen = self.bench.publication.seen(frozenset(wanted.values()), frozenset(gone.values()))
        yield from (Fault(text=f"the DNSKEY set lacks the {key}") for key in wanted if wanted[key] not in seen)
        yield from (Fault(text=f"the DNSKEY set still has the {key}") for key in gone if gone[key] in seen)

    def _subject(self, key: RolloverKey) -> Subject:
        phases = self._phases
        zone_keys = tuple(
            ZoneKey(name=one.name, published=self.known[one], signs=phases[one] == "activate")
            for one in self._dnskeys()
        )
        active = {one.role: one for one in reversed(phases) if phases[one] == "activate"}
        return Subject(
            zone=self.bench.zone,
            name=key.name,
            published=self.known[key],
            zone_keys=zone_keys,
            anchor=self.known[active["ksk"]] if len(active) == len(FLAGS) else None,
            at=now(),
        )

    def _dnskeys(self) -> tuple[RolloverKey, ...]:
        return tuple(key for key, phase in self._phases.items() if phase != "generate")


def now() -> Instant:
    """Return the present moment."""
    return Instant.of(datetime.now(UTC))


def _fits(algorithm: int, public_key: bytes) -> bool:
    try:
        public_key_of(algorithm, public_key)
    except InputError:
        return False
    return True
