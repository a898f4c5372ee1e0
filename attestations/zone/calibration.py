"""Calibration: in every run an engine must pass zones known to be good and refuse zones known to be bad.

The zones are made on the spot with fresh keys, so that no engine can know them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.predicates.zone_validation import Calibration
from attestations.times import Instant
from attestations.zone.anchors import Anchor, read_anchors
from attestations.zone.model import RRset, ZoneVersion
from attestations.zone.report import ZoneReport
from attestations.zone.signing import (
    KSK_FLAGS,
    ZSK_FLAGS,
    Hooks,
    PracticeKey,
    PracticeZone,
    Sign,
    changed,
    ds_text,
    new_key,
    practice_zone,
    re_signed,
    without,
)
from attestations.zone.source import zone_from_bytes

_DELEGATIONS = 3


class Validates(Protocol):
    """What is calibrated: anything that validates a zone."""

    def validate(self, zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
        """Return what is true of `zone` at `at`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A zone whose verdict is known."""

    name: str
    zone: ZoneVersion
    anchors: tuple[Anchor, ...]
    is_good: bool


def calibrate(engine: Validates, at: Instant) -> Calibration:
    """Return how `engine` does on good and bad zones. An inconclusive verdict is neither a pass nor a refusal."""
    results = [(sample.is_good, engine.validate(sample.zone, sample.anchors, at).verdict) for sample in samples(at)]
    return Calibration(
        good=sum(is_good for is_good, _ in results),
        good_passed=results.count((True, "valid")),
        bad=sum(not is_good for is_good, _ in results),
        bad_refused=results.count((False, "invalid")),
    )


def is_calibrated(calibration: Calibration) -> bool:
    """Return whether every sample, and at least one of each sort, had the right verdict."""
    good_right = 0 < calibration.good == calibration.good_passed
    return good_right and 0 < calibration.bad == calibration.bad_refused


def samples(at: Instant) -> tuple[Sample, ...]:
    """Return two good zones and six bad ones, with keys that never existed before."""
    ksk, zsk, other = new_key(KSK_FLAGS), new_key(ZSK_FLAGS), new_key(KSK_FLAGS)
    keys = (ksk, zsk)
    bad: dict[str, Hooks] = {
        "three-keys-one-tag": Hooks(signer=_one_of_three(zsk)),
        "one-flipped-bit": Hooks(finish=_on(RdataType.DS, _flipped)),
        "one-expired": Hooks(finish=_on(RdataType.DS, _expired(zsk))),
        "one-signature-missing": Hooks(finish=_on(RdataType.DS, lambda _rrset, _rrsig: ())),
        "one-nsec3-missing": Hooks(edit=_without_one_nsec3),
    }
    signed = practice_zone(keys, at, delegations=_DELEGATIONS)
    return (
        _sample("good-nsec3", signed, is_good=True),
        _sample("good-nsec", practice_zone(keys, at, delegations=_DELEGATIONS, denial="nsec"), is_good=True),
        _sample("ds-of-another-key", replace(signed, ds=ds_text([other], signed.name)), is_good=False),
        *(
            _sample(name, practice_zone(keys, at, delegations=_DELEGATIONS, hooks=hooks), is_good=False)
            for name, hooks in bad.items()
        ),
    )


def _sample(name: str, practice: PracticeZone, *, is_good: bool) -> Sample:
    return Sample(
        name=name,
        zone=zone_from_bytes(practice.text, name, practice.name),
        anchors=read_anchors(practice.ds, name, practice.name, "DS"),
        is_good=is_good,
    )


def _one_of_three(published: PracticeKey) -> Callable[[int, RRset, PracticeKey], Sign]:
    """INC-01: three HSMs hold three private keys, all under the tag of the one that is published."""
    private = (published.sign, new_key(ZSK_FLAGS).sign, new_key(ZSK_FLAGS).sign)
    return lambda index, _rrset, key: key.sign if key.is_ksk else private[index % 3]


Change = Callable[[RRset, RRSIG], Iterable[RRSIG]]


def _on(rtype: RdataType, change: Change) -> Callable[[int, RRset, RRSIG], Iterable[RRSIG]]:
    return lambda _index, rrset, rrsig: change(rrset, rrsig) if rrset.rtype == rtype else (rrsig,)


def _flipped(_rrset: RRset, rrsig: RRSIG) -> Iterable[RRSIG]:
    octets = bytearray(rrsig.signature)
    octets[40] ^= 1
    return (changed(rrsig, signature=bytes(octets)),)


def _expired(key: PracticeKey) -> Change:
    def change(rrset: RRset, rrsig: RRSIG) -> Iterable[RRSIG]:
        past = changed(rrsig, inception=rrsig.inception - 86400, expiration=rrsig.inception)
        return (re_signed(past, rrset, key.sign),)

    return change


def _without_one_nsec3(zone: ZoneVersion) -> ZoneVersion:
    last = max(rrset.owner for rrset in zone.rrsets if rrset.rtype == RdataType.NSEC3)
    return without(zone, lambda rrset: rrset.owner == last)
