"""What observations of HSMs show, computed again: possession of a key, and whether an exercise was really completed.

Nothing is believed here because it is written in the evidence: not `completed`, not the list of HSMs.
"""

import base64
import binascii
from collections.abc import Iterator
from itertools import pairwise

from attestations import dnskey, possession
from attestations.errors import InputError
from attestations.predicates.hsm_key_coverage import Dnskey, Event, Exercise, Possession, SigningRun

SECURE_ENTRY_POINT = 0x0001
"""the flag by which a KSK is told from a ZSK (RFC 4034, 2.1.1)"""


MAX_STEPS, MAX_KEYS = 500, 32
"""of one exercise; more of either is no rollover that anybody could follow"""


def octets(text: str) -> bytes:
    """Base64 that does not decode is no key and no signature: it equals nothing and verifies nothing."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def fingerprint(key: Dnskey) -> str:
    """Return the SHA-256 of the key's DNSKEY RDATA."""
    return dnskey.fingerprint(dnskey.rdata(key.flags, key.protocol, key.algorithm, octets(key.public_key)))


def proves(row: Possession, key: Dnskey, zone: str, nonce: str | None) -> bool:
    """Return whether the HSM signed a challenge for this zone, HSM and request with the private half of `key`."""
    challenge = bytes.fromhex(row.challenge)
    if row.signature is None or not possession.is_challenge_for(challenge, zone, row.serial, nonce):
        return False
    try:
        return dnskey.verifies(key.algorithm, octets(key.public_key), octets(row.signature), challenge)
    except InputError:
        return False


def holds(row: Possession, key: Dnskey, zone: str, nonce: str | None) -> bool:
    """Return whether the HSM shows exactly this key, and proves it."""
    shows_it = row.public_key is None or octets(row.public_key) == octets(key.public_key)
    return row.private_keys == 1 and shows_it and proves(row, key, zone, nonce)


def contradictions(run: Exercise, zone: str, production: frozenset[str]) -> Iterator[str]:
    """Yield what a run shows that a completed one does not, or does not show that a completed one does."""
    if not any(event.possession or event.signing for event in run.events):
        yield "no step shows what an HSM held or signed"
        return
    if len(run.events) > MAX_STEPS or len(run.keys) > MAX_KEYS:
        yield f"more than {MAX_STEPS} steps or {MAX_KEYS} keys"
        return
    yield from _as_a_whole(run)
    for event in run.events:
        yield from (f"{event.step}: {fault}" for fault in _faults(event, run, zone))
    if not any(_is_rolled(run, number, production) for number in range(len(run.keys))):
        yield "no successor was seen active in every HSM of production, and its predecessor removed from every one"
    if run.scenario == "hsm-loss-during-rollover" and not any(_is_lost(e, run, production) for e in _midway(run)):
        yield "no step of the rollover at which the HSM that was down gave no answer while others did"


def _as_a_whole(run: Exercise) -> Iterator[str]:
    if len(set(run.serials)) < len(run.serials):
        yield "the same serial more than once: slots of one HSM are one HSM"
    if any(later.at < earlier.at for earlier, later in pairwise(run.events)):
        yield "times that run backwards"


def _midway(run: Exercise) -> tuple[Event, ...]:
    """Return the steps from the first activation of a key to the last removal of one."""
    activated = [at for at, event in enumerate(run.events) if event.action == "activate"]
    removed = [at for at, event in enumerate(run.events) if event.action == "remove"]
    return run.events[activated[0] : removed[-1]] if activated and removed else ()


def _faults(event: Event, run: Exercise, zone: str) -> Iterator[str]:
    for row in event.possession:
        if row.key != event.key or row.key >= len(run.keys):
            yield f"HSM {row.serial} answers for another key than the one that the step is about"
        elif event.action == "remove":
            if row.private_keys or row.public_key is not None:
                yield f"HSM {row.serial} still holds the key"
        elif not holds(row, run.keys[row.key], zone, None) and not _may_lack(event, row, run):
            yield f"HSM {row.serial} does not hold the key"
    for signed in event.signing:
        if not _is_good(signed):
            yield f"{signed.verified} of {signed.signatures} signatures of HSM {signed.serial} verify"


def _may_lack(event: Event, row: Possession, run: Exercise) -> bool:
    """A key that is made while an HSM is down may be missing in others, too: an agent may wait for all of them."""
    down = set(run.serials_down) - {one.serial for one in event.possession}
    return event.action == "generate" and bool(down) and not row.private_keys


def _is_good(signed: SigningRun) -> bool:
    return 0 < signed.signatures == signed.verified and signed.zone == "valid"


def _is_rolled(run: Exercise, number: int, production: frozenset[str]) -> bool:
    """Whether this key was active in every HSM, and after that another one of its role left every HSM."""
    activated = [at for at, event in enumerate(run.events) if (event.action, event.key) == ("activate", number)]
    return any(
        _everywhere(run.events[at], production) and _removed_after(run, at, number, production) for at in activated
    )


def _everywhere(event: Event, production: frozenset[str]) -> bool:
    return _answered(event) >= production and {signed.serial for signed in event.signing} >= production


def _removed_after(run: Exercise, at: int, number: int, production: frozenset[str]) -> bool:
    activated = (event for event in run.events[:at] if event.action == "activate")
    active_before = {event.key for event in activated if _everywhere(event, production)}
    return any(
        event.action == "remove" and _is_predecessor(run, event.key, number) and _answered(event) >= production
        for event in run.events[at:]
        if event.key in active_before
    )


def _is_predecessor(run: Exercise, number: int | None, successor: int) -> bool:
    """Whether these are two different keys of the role that the scenario rolls, of two algorithms if it rolls these."""
    if number is None or number >= len(run.keys):
        return False
    keys = (run.keys[number], run.keys[successor])
    role = SECURE_ENTRY_POINT if run.scenario == "ksk-rollover" else 0
    differ = octets(keys[0].public_key) != octets(keys[1].public_key)
    if run.scenario == "algorithm-rollover" and keys[0].algorithm == keys[1].algorithm:
        return False
    return differ and all(key.flags & SECURE_ENTRY_POINT == role for key in keys)


def _answered(event: Event) -> set[str]:
    return {row.serial for row in event.possession}


def _is_lost(event: Event, run: Exercise, production: frozenset[str]) -> bool:
    seen = _answered(event) | {signed.serial for signed in event.signing}
    down, up = set(run.serials_down) & production, seen & production
    return bool(up) and bool(down) and not up & down
