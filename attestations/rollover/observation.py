"""What every HSM shows after a step: the key that the step was about, and a zone signed in that HSM alone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from attestations.hsm.documents import Unit
from attestations.hsm.probe import Observations, Question, answers, identified, observed_key
from attestations.hsm.published import PublishedKey
from attestations.hsm.selection import Selected
from attestations.hsm.token import Token, TokenError, Tokens
from attestations.hsm.verdict import Row, rows
from attestations.predicates.hsm_key_coverage import Hsm, Possession, SigningRun
from attestations.predicates.zone_validation import Verdict
from attestations.rollover.keys import KeyName
from attestations.rollover.signing import SignedZone, ZoneKey, sign_zone
from attestations.times import Instant
from attestations.zone.practice.keys import PracticeKey
from attestations.zone.practice.signing import ds_text
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.whole import validate

_DELEGATIONS = 3
"""enough for every type of record that a delegating zone signs"""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the HSMs are looked at for."""

    zone: str
    name: KeyName
    published: PublishedKey
    zone_keys: tuple[ZoneKey, ...]
    """the DNSKEY set of the moment"""
    anchor: PublishedKey | None
    """the KSK that the parent's DS names; null before there is one, and then no zone is signed"""
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one HSM showed."""

    unit: Unit
    silent: str = ""
    """why it could not be asked"""
    row: Row | None = None
    """what its answer for the key amounts to; null where it could not be asked"""
    possession: Possession | None = None
    public_keys: int = 0
    """under the CKA_ID, counted once each"""
    labelled: int = 0
    """private keys under the label"""
    signing: SigningRun | None = None
    trouble: str = ""
    """why the signing run broke off"""


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What comes out of the process in which one HSM is asked."""

    hsm: Hsm
    possession: Possession
    public_keys: int
    labelled: int
    signed: SignedZone | None


def first_public_key(units: Sequence[Unit], tokens: Tokens, name: KeyName) -> bytes | None:
    """Return what a signer would publish that asks one HSM: the first public key with this CKA_ID, in DNSKEY form."""
    for unit in units:
        try:
            shown = tokens.ask(unit.serial, lambda token: token.holds(name.selector).public_keys)
        except TokenError:
            continue
        if shown:
            return shown[0]
    return None


def connected(units: Sequence[Unit], tokens: Tokens) -> dict[str, str]:
    """Return why each HSM that cannot be asked cannot, by serial number; each is asked once, with its PIN."""
    silent = {}
    for unit in units:
        try:
            tokens.ask(unit.serial, lambda token: token.identity.serial)
        except TokenError as error:
            silent[unit.serial] = str(error)
    return silent


def holders(units: Sequence[Unit], tokens: Tokens, name: KeyName) -> tuple[str, ...]:
    """Return the serial numbers of the HSMs that hold a private key with this CKA_ID, or cannot be asked."""
    return tuple(unit.serial for unit in units if _may_hold(unit, tokens, name))


def look(units: Sequence[Unit], tokens: Tokens, subject: Subject) -> tuple[Sight, ...]:
    """Return what each HSM shows, in their order. Every signature is verified here, in software."""
    return tuple(_sight(unit, tokens, subject) for unit in units)


def _may_hold(unit: Unit, tokens: Tokens, name: KeyName) -> bool:
    try:
        return tokens.ask(unit.serial, lambda token: token.holds(name.selector).private_keys > 0)
    except TokenError:
        return True


def _sight(unit: Unit, tokens: Tokens, subject: Subject) -> Sight:
    try:
        shown = tokens.ask(unit.serial, lambda token: _shown(unit, token, subject))
    except TokenError as error:
        return Sight(unit=unit, silent=str(error))
    seen = Observations(
        hsms=(shown.hsm,), keys=(observed_key(subject.published),), possession=(shown.possession,), silent=()
    )
    return Sight(
        unit=unit,
        row=rows(seen)[0],
        possession=shown.possession,
        public_keys=shown.public_keys,
        labelled=shown.labelled,
        signing=None if shown.signed is None else _run(unit, shown.signed, subject),
        trouble="" if shown.signed is None else shown.signed.trouble,
    )


def _shown(unit: Unit, token: Token, subject: Subject) -> _Shown:
    selected = Selected(key=subject.published, selector=subject.name.selector)
    question = Question(zone=subject.zone, nonce=None, selected=(selected,), random=os.urandom)
    [possession] = answers(unit, token, question)
    return _Shown(
        hsm=identified(unit, token),
        possession=possession,
        public_keys=len(token.holds(subject.name.selector).public_keys),
        labelled=token.holds(subject.name.label_selector).private_keys,
        signed=_signed(token, subject),
    )


def _signed(token: Token, subject: Subject) -> SignedZone | None:
    if subject.anchor is None:
        return None
    return sign_zone(subject.zone, subject.zone_keys, lambda _: token, subject.at, delegations=_DELEGATIONS)


def _run(unit: Unit, signed: SignedZone, subject: Subject) -> SigningRun:
    return SigningRun(
        serial=unit.serial, signatures=signed.signatures, verified=signed.good, zone=_verdict(signed, subject)
    )


def _verdict(signed: SignedZone, subject: Subject) -> Verdict | None:
    if signed.zone is None or subject.anchor is None:
        return None
    ds = ds_text([PracticeKey(rdata=subject.anchor.rdata, sign=bytes)], subject.zone)
    anchors = read_anchors(ds, "the parent's DS", subject.zone, "DS")
    with zone_from_bytes(signed.zone.text, "the practice zone", subject.zone) as zone:
        return validate(zone, anchors, subject.at, jobs=1).verdict
