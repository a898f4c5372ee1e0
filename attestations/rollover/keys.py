"""The keys that a rollover is about, before and after anything is known of them."""

from dataclasses import dataclass
from typing import Literal

from attestations.hsm.token import Selector

Role = Literal["zsk", "ksk"]
FLAGS: dict[Role, int] = {"zsk": 0x0100, "ksk": 0x0101}
"""of the DNSKEY record (RFC 4034, 2.1.1)"""


@dataclass(frozen=True, kw_only=True)
class KeyName:
    """What a key is called in a token. It names a place, not a key: three keys can have one name (INC-01)."""

    key_id: str
    """the CKA_ID, lower-case hexadecimal"""
    label: str
    """the CKA_LABEL"""

    @property
    def selector(self) -> Selector:
        """The selection by CKA_ID."""
        return Selector(by="id", value=bytes.fromhex(self.key_id))

    @property
    def label_selector(self) -> Selector:
        """The selection by label."""
        return Selector(by="label", value=self.label.encode())


@dataclass(frozen=True, kw_only=True)
class RolloverKey:
    """One key of an exercise."""

    name: KeyName
    role: Role
    part: Literal["retiring", "successor", "partner"]
    """what it is in the rollover; the partner is the key of the other role, which stays"""

    def __str__(self) -> str:
        return f"{self.part} {self.role}"
