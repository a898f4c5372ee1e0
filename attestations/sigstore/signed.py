"""What a verified bundle says: who signed, and when."""

from dataclasses import dataclass, field

from attestations.identity import Identity
from attestations.times import Instant


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who signed, and when. Whether that signer may say it is for the caller to judge."""

    identity: Identity | None
    """whom the certificate names; None where a plain key signed"""
    key: str | None
    """fingerprint of the caller's key that signed; None where a certificate did"""
    signed_on: Instant
    """the earliest time that a log or timestamp authority of the trusted root signed for: it existed by then"""


@dataclass(frozen=True, kw_only=True)
class VerifiedBundle(Signed):
    """A signed payload. Of which type it is, and what it says, is for the caller to judge."""

    payload: bytes = field(repr=False)
    payload_type: str
