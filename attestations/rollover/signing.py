"""Signs a practice zone in HSMs, as a signer does that does not look at what it signed, and counts from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attestations.dnskey import verifies
from attestations.hsm.published import PublishedKey
from attestations.hsm.token import Token, TokenError
from attestations.rollover.keys import KeyName
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

    zone: PracticeZone | None = field(repr=False)
    """null where a signature was not given"""
    signatures: int
    good: int
    """signatures that the published key verifies"""
    trouble: str = ""
    """why there is no zone"""

    @property
    def whole(self) -> PracticeZone:
        """The zone; raises TokenError where a signature was not given."""
        if self.zone is None:
            raise TokenError(self.trouble)
        return self.zone


def sign_zone(
    zone: str, keys: tuple[ZoneKey, ...], token_of: Callable[[int], Token], at: "Instant", *, delegations: int = 12
) -> SignedZone:
    """Return the practice zone with RRset i signed in the HSM `token_of(i)`."""
    by_rdata = {key.published.rdata: key for key in keys}
    checks: list[bool] = []

    def signer(index: int, _rrset: object, key: PracticeKey) -> Sign:
        return lambda data: _sign(token_of(index), by_rdata[key.rdata], data, checks)

    published = [PracticeKey(rdata=key.published.rdata, sign=_no_signature, signs=key.signs) for key in keys]
    serial = int(at.timestamp())
    try:
        signed = practice_zone(
            published, at, name=zone, serial=serial, delegations=delegations, hooks=Hooks(signer=signer)
        )
    except TokenError as error:
        return SignedZone(zone=None, signatures=len(checks), good=sum(checks), trouble=str(error))
    return SignedZone(zone=signed, signatures=len(checks), good=sum(checks))


def _sign(token: Token, key: ZoneKey, data: bytes, checks: list[bool]) -> bytes:
    signature = token.sign(key.name.selector, key.published.algorithm, data)
    if signature is None:
        raise TokenError(f"the HSM does not sign with {key.name.label}")
    checks.append(verifies(key.published.algorithm, key.published.public_key, signature, data))
    return signature


def _no_signature(_data: bytes) -> bytes:
    raise TokenError("every signature of the practice signer is made in an HSM that the hook names")
