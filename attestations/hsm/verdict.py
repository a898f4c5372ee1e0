"""What the observations show, for the person who runs the probe. The gate draws its own conclusions."""

import base64
from dataclasses import dataclass
from enum import Enum

from attestations.dnskey import fingerprint, key_tag, rdata, verifies
from attestations.hsm.probe import Observations, Silent
from attestations.predicates.hsm_key_coverage import Dnskey, Hsm, Possession


class Answer(Enum):
    """What one HSM's answer for one published key amounts to, in words."""

    SAME_KEY = "same key"
    OTHER_KEY = "other key"
    OTHER_PUBLIC_KEY = "other public key"
    NO_KEY = "no key"
    SEVERAL_KEYS = "several keys"
    NO_SIGNATURE = "no signature"
    NOT_ASKED = "not asked"


class Verdict(Enum):
    """What the probe amounts to, and the exit code that says so."""

    VALID = 0
    INVALID = 10
    INCONCLUSIVE = 11


@dataclass(frozen=True, kw_only=True)
class Row:
    """One HSM and one published key."""

    serial: str
    site: str
    model: str | None
    """what the HSM calls itself; null where it was not asked"""
    key: int
    """index into the observed keys"""
    answer: Answer
    private_keys: int
    fingerprint: str | None
    """of the public key that the HSM shows, as a DNSKEY record; null where it shows none"""
    tag: int | None
    """the key tag computed from it"""
    note: str = ""


def rows(observations: Observations) -> tuple[Row, ...]:
    """Return one row for each HSM and key, those not asked included; every signature is verified here, in software."""
    hsms = {hsm.serial: hsm for hsm in observations.hsms}
    asked = [_row(entry, observations.keys[entry.key], hsms[entry.serial]) for entry in observations.possession]
    not_asked = [_not_asked(silent, key) for silent in observations.silent for key in range(len(observations.keys))]
    return tuple(asked + not_asked)


def verdict_of(table: tuple[Row, ...]) -> Verdict:
    """Return what the rows amount to: one fault denies, one HSM not asked leaves open, nothing asked shows nothing."""
    answers = {row.answer for row in table}
    if answers - {Answer.SAME_KEY, Answer.NOT_ASKED}:
        return Verdict.INVALID
    return Verdict.VALID if answers == {Answer.SAME_KEY} else Verdict.INCONCLUSIVE


def _row(entry: Possession, key: Dnskey, hsm: Hsm) -> Row:
    shown = None
    if entry.public_key is not None:
        shown = rdata(key.flags, key.protocol, key.algorithm, base64.b64decode(entry.public_key))
    return Row(
        serial=entry.serial,
        site=hsm.site,
        model=hsm.model,
        key=entry.key,
        answer=_answer(entry, key),
        private_keys=entry.private_keys,
        fingerprint=None if shown is None else fingerprint(shown),
        tag=None if shown is None else key_tag(shown),
    )


def _answer(entry: Possession, key: Dnskey) -> Answer:
    if entry.private_keys != 1:
        return Answer.SEVERAL_KEYS if entry.private_keys else Answer.NO_KEY
    if entry.signature is None:
        return Answer.NO_SIGNATURE
    public_key, signature = base64.b64decode(key.public_key), base64.b64decode(entry.signature)
    if not verifies(key.algorithm, public_key, signature, bytes.fromhex(entry.challenge)):
        return Answer.OTHER_KEY
    # A missing public object is no fault (unwrapping makes none): the signature is the proof.
    return Answer.SAME_KEY if entry.public_key in (None, key.public_key) else Answer.OTHER_PUBLIC_KEY


def _not_asked(silent: Silent, key: int) -> Row:
    return Row(
        serial=silent.serial,
        site=silent.site,
        model=None,
        key=key,
        answer=Answer.NOT_ASKED,
        private_keys=0,
        fingerprint=None,
        tag=None,
        note=silent.reason,
    )
