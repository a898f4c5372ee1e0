"""The practice signer: signs a small zone in all HSMs in turn. Like real ones, it does not look at what it signed."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attestations.dnskey import ECDSAP256SHA256, verifies
from attestations.hsm.published import PublishedKey
from attestations.hsm.token import TokenError
from attestations.laboratory.units import KeyName, LaboratoryHsm, Rack, public_key_in
from attestations.zone.practice.keys import PracticeKey, Sign
from attestations.zone.practice.signing import Hooks, PracticeZone, practice_zone

if TYPE_CHECKING:
    from attestations.times import Instant


@dataclass(frozen=True, kw_only=True)
class ZoneKey:
    """A key of the zone: what it is called in the HSMs, and what of it is published."""

    name: KeyName
    published: PublishedKey
    signs: bool = True


@dataclass(frozen=True, kw_only=True)
class SignedZone:
    """A signed zone, and what an observer counted while it was signed."""

    zone: PracticeZone = field(repr=False)
    signatures: int
    good: int
    """signatures that the published key verifies"""


def published_key(name: KeyName, flags: int, rack: Rack) -> PublishedKey:
    """Return what the signer publishes of a key: the public key in its first HSM."""
    public_key = public_key_in(rack.hsms[0], name)
    return PublishedKey(flags=flags, protocol=3, algorithm=ECDSAP256SHA256, public_key=public_key)


def sign_zone(zone: str, keys: tuple[ZoneKey, ...], rack: Rack, at: "Instant", *, first_hsm: int = 0) -> SignedZone:
    """Return the practice zone with RRset i signed in HSM number `first_hsm` + i, around the rack."""
    by_rdata = {key.published.rdata: key for key in keys}
    checks: list[bool] = []

    def signer(index: int, _rrset: object, key: PracticeKey) -> Sign:
        hsm = rack.hsms[(first_hsm + index) % len(rack.hsms)]
        zone_key = by_rdata[key.rdata]
        return lambda data: _sign(hsm, zone_key, data, checks)

    signed = practice_zone(
        [_practice_key(key) for key in keys], at, name=zone, serial=int(at.timestamp()), hooks=Hooks(signer=signer)
    )
    return SignedZone(zone=signed, signatures=len(checks), good=sum(checks))


def _sign(hsm: LaboratoryHsm, key: ZoneKey, data: bytes, checks: list[bool]) -> bytes:
    signature = hsm.token.sign(key.name.selector, key.published.algorithm, data)
    if signature is None:
        raise TokenError(f"HSM {hsm.serial} does not sign with {key.name.label}")
    checks.append(verifies(key.published.algorithm, key.published.public_key, signature, data))
    return signature


def _practice_key(key: ZoneKey) -> PracticeKey:
    return PracticeKey(rdata=key.published.rdata, sign=_no_signature, signs=key.signs)


def _no_signature(_data: bytes) -> bytes:
    raise TokenError("every signature of the practice signer is made in an HSM that the hook names")
