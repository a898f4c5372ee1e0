"""The faults that a halt drill injects: a bad version of the zone, and what befalls the guard meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.times import Instant
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, Sign, new_key
from attestations.zone.practice.model import RRset, ZoneVersion
from attestations.zone.practice.signing import HONEST, Hooks, PracticeZone, changed, practice_zone, without

BadZone = Literal["wrong-key", "one-wrong-signature", "expired", "not-yet-valid", "missing-denial"]
VerifierState = Literal["sound", "killed", "hanging", "missing"]
SinkState = Literal["sound", "hanging"]

_CLOCK_JUMPS = {"expired": timedelta(days=-30), "not-yet-valid": timedelta(days=30)}
"""how far the signer's clock is off"""


@dataclass(frozen=True, kw_only=True)
class FaultClass:
    """What is injected."""

    meaning: str
    zone: BadZone = "wrong-key"
    verifier: VerifierState = "sound"
    sink: SinkState = "sound"
    """what becomes of whoever is told that a version was refused"""
    restart: bool = False
    """every server but the hidden primary is restarted while the halt holds"""


FAULTS: Mapping[str, FaultClass] = MappingProxyType(
    {
        "wrong-key": FaultClass(meaning="two of three signatures by keys that nobody published (INC-01)"),
        "one-wrong-signature": FaultClass(zone="one-wrong-signature", meaning="one bit of one signature"),
        "expired": FaultClass(zone="expired", meaning="signatures that ended two weeks ago"),
        "not-yet-valid": FaultClass(zone="not-yet-valid", meaning="the signer's clock is a month ahead"),
        "missing-denial": FaultClass(zone="missing-denial", meaning="an NSEC3 record is missing"),
        "verifier-crash": FaultClass(verifier="killed", meaning="the verifier is ended by SIGKILL"),
        "verifier-timeout": FaultClass(verifier="hanging", meaning="the verifier never ends"),
        "verifier-missing": FaultClass(verifier="missing", meaning="the verifier is not there"),
        "sink-down": FaultClass(sink="hanging", meaning="whoever is told of the refusal never answers"),
        "restart": FaultClass(restart=True, meaning="guard and secondary are restarted while the halt holds"),
    }
)


class Signer:
    """The hidden primary's signer: one KSK, one ZSK, and two private keys that it must never use."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._keys = (new_key(KSK_FLAGS), new_key(ZSK_FLAGS))
        self._private = (self._keys[1].sign, new_key(ZSK_FLAGS).sign, new_key(ZSK_FLAGS).sign)

    def good(self, serial: int, now: Instant) -> PracticeZone:
        """Return a version in order."""
        return self._signed(serial, now, HONEST)

    def bad(self, kind: BadZone, serial: int, now: Instant) -> PracticeZone:
        """Return a version with a fault."""
        hooks = {
            "wrong-key": Hooks(signer=self._one_of_three),
            "one-wrong-signature": Hooks(finish=_flipped_at_first_ds),
            "missing-denial": Hooks(edit=_without_last_nsec3),
            "expired": HONEST,
            "not-yet-valid": HONEST,
        }[kind]
        return self._signed(serial, Instant.of(now + _CLOCK_JUMPS.get(kind, timedelta())), hooks)

    def _signed(self, serial: int, at: Instant, hooks: Hooks) -> PracticeZone:
        return practice_zone(self._keys, at, name=self._zone, serial=serial, hooks=hooks)

    def _one_of_three(self, index: int, _rrset: RRset, key: PracticeKey) -> Sign:
        return key.sign if key.is_ksk else self._private[index % 3]


def _flipped_at_first_ds(_index: int, rrset: RRset, rrsig: RRSIG) -> Iterable[RRSIG]:
    if rrset.rtype != RdataType.DS or rrset.owner.labels[0] != b"d0":
        return (rrsig,)
    signature = bytearray(rrsig.signature)
    signature[-1] ^= 1
    return (changed(rrsig, signature=bytes(signature)),)


def _without_last_nsec3(zone: ZoneVersion) -> ZoneVersion:
    last = max(rrset.owner.labels[0] for rrset in zone.rrsets if rrset.rtype == RdataType.NSEC3)
    return without(zone, lambda rrset: rrset.rtype == RdataType.NSEC3 and rrset.owner.labels[0] == last)
