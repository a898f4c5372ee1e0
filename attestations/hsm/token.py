"""What the probe may ask of an HSM: who it is, what a selection finds in it, and a signature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a token says of itself."""

    serial: str
    model: str
    firmware: str
    slot: int


@dataclass(frozen=True, kw_only=True)
class Selector:
    """How a key is looked up in a token: by CKA_ID, by label, or by its public key object."""

    by: Literal["id", "label", "public-key"]
    value: bytes
    """the CKA_ID; the label in UTF-8; or the public key in DNSKEY form"""


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a selection finds in a token."""

    private_keys: int
    """PKCS#11 allows two private keys under one CKA_ID: counted, never the first taken"""
    public_keys: tuple[bytes, ...]
    """the distinct public key objects, in DNSKEY form"""
    local: bool | None = None
    """CKA_LOCAL of the one private key: made in this token; null where the token does not say"""
    never_extractable: bool | None = None
    """CKA_NEVER_EXTRACTABLE of the one private key"""


class TokenError(Exception):
    """A token that cannot be asked, and why. Data for the probe, which goes on with the other tokens."""


class Token(Protocol):
    """One HSM that can be asked."""

    @property
    def identity(self) -> Identity:
        """What the token says of itself."""
        ...

    def holds(self, selector: Selector) -> Held:
        """Return what the selection finds; raise TokenError where the token does not answer."""
        ...

    def sign(self, selector: Selector, algorithm: int, data: bytes) -> bytes | None:
        """Return the selected key's signature in DNSSEC form, or None where that key gives none for `algorithm`.

        Raises TokenError where the token does not answer or the selection is not one key.
        """
        ...


class Tokens(Protocol):
    """The tokens within reach, each found by its serial number."""

    def ask(self, serial: str, work: Callable[[Token], T]) -> T:
        """Return what `work` returns of the token with this serial; raise TokenError where it cannot be asked."""
        ...
