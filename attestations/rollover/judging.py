"""Holds what the agent claims against what the HSMs show: everything that is not as it should be after a step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attestations.hsm.verdict import Answer
from attestations.predicates.hsm_key_coverage import Action
from attestations.rollover.agent import Claim
from attestations.rollover.observation import Sight


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that is not as it should be."""

    text: str
    serial: str | None = None
    """the HSM that shows it; null where it is the agent's or the operator's"""
    unasked: bool = False
    """an HSM could not be asked, so nothing is known of it"""

    def __str__(self) -> str:
        return f"{self.serial}: {self.text}" if self.serial else self.text


def claim_faults(claim: Claim, away: str | None) -> Iterator[Fault]:
    """Yield what is wrong with the claim itself; while an HSM is away, a key cannot be in all of them."""
    if away and claim.done:
        yield Fault(text=f"the agent says that it is done while {away} is away", serial=away)
    if not claim.done and not (away and claim.orderly):
        yield Fault(text=f"the agent did not do it: {claim.said}")


def sight_faults(action: Action | None, sights: Sequence[Sight], away: str | None) -> Iterator[Fault]:
    """Yield what the HSMs show that they should not, after `action` or after an HSM went or came (None)."""
    for sight in sights:
        serial = sight.unit.serial
        if serial == away:
            if not sight.silent:
                yield Fault(text="still answers, although it is away", serial=serial)
        elif sight.silent:
            yield Fault(text=f"could not be asked: {sight.silent}", serial=serial, unasked=True)
        else:
            texts = [*_key_faults(action, sight, may_lack=away is not None), *_signing_faults(sight)]
            yield from (Fault(text=text, serial=serial) for text in texts)


def _key_faults(action: Action | None, sight: Sight, *, may_lack: bool) -> Iterator[str]:
    if sight.row is None:
        return
    if action == "remove":
        if sight.row.private_keys or sight.labelled:
            yield f"still holds {max(sight.row.private_keys, sight.labelled)} private keys"
        if sight.public_keys:
            yield f"still shows {sight.public_keys} public keys"
        return
    if sight.row.answer is Answer.NO_KEY and may_lack:
        return
    if sight.row.answer is not Answer.SAME_KEY:
        yield sight.row.answer.value
    if sight.public_keys > 1:
        yield f"{sight.public_keys} public keys under one CKA_ID"
    if sight.labelled != 1:
        yield f"{sight.labelled} private keys under the label"


def _signing_faults(sight: Sight) -> Iterator[str]:
    run = sight.signing
    if run is None:
        return
    if sight.trouble:
        yield f"does not sign the zone: {sight.trouble}"
    elif run.verified < run.signatures or not run.signatures:
        yield f"{run.verified} of {run.signatures} signatures verify"
    elif run.zone != "valid":
        yield f"the zone that it signed is {run.zone}"
