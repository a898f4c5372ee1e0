"""What the practice rollover agent may do with an HSM, and the HSMs of one laboratory together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from attestations.hsm.token import Token, TokenError
from attestations.rollover.keys import KeyName
from attestations.rollover.switch import SwitchError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey


T = TypeVar("T")


class LaboratoryHsm(Protocol):
    """One practice HSM: a token in which keys can be made, copied and destroyed. All keys are ECDSA P-256."""

    @property
    def serial(self) -> str:
        """The serial number."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether it can be reached."""
        ...

    @property
    def token(self) -> Token:
        """The token to ask; raises TokenError while the HSM is disconnected."""
        ...

    def generate(self, name: KeyName, *, replicable: bool) -> None:
        """Make a key pair in this HSM; only a replicable one can be copied to another."""
        ...

    def adopt(self, name: KeyName, key: "EllipticCurvePrivateKey") -> None:
        """Import a key pair that was made in software."""
        ...

    def copy_to(self, other: Self, name: KeyName) -> None:
        """Put the key pair into `other` as well; raise TokenError while either is disconnected."""
        ...

    def destroy(self, name: KeyName) -> None:
        """Destroy every object with this CKA_ID."""
        ...

    def disconnect(self) -> None:
        """Take the HSM away: nothing reaches it until it is reconnected."""
        ...

    def reconnect(self) -> None:
        """Bring the HSM back."""
        ...


@dataclass(frozen=True, kw_only=True)
class Rack:
    """The HSMs of one laboratory, with the site that each stands at."""

    hsms: tuple[LaboratoryHsm, ...]
    sites: tuple[str, ...]

    def ask(self, serial: str, work: Callable[[Token], T]) -> T:
        """Return what `work` returns of the token with this serial; raise TokenError unless it is connected."""
        found = [hsm for hsm in self.hsms if hsm.serial == serial]
        if len(found) != 1:
            raise TokenError(f"{len(found)} HSMs have the serial {serial!a}")
        return work(found[0].token)


@dataclass(frozen=True, kw_only=True)
class RackSwitch:
    """Takes HSMs of a rack away, for those that reach them through the rack."""

    rack: Rack

    def away(self, serial: str) -> None:
        """Disconnect the HSM."""
        self._hsm(serial).disconnect()

    def back(self, serial: str) -> None:
        """Connect the HSM again."""
        self._hsm(serial).reconnect()

    def _hsm(self, serial: str) -> LaboratoryHsm:
        for hsm in self.rack.hsms:
            if hsm.serial == serial:
                return hsm
        raise SwitchError(f"no HSM of the laboratory has the serial {serial!a}")


def public_key_in(hsm: LaboratoryHsm, name: KeyName) -> bytes:
    """Return the public key with this name in DNSKEY form; raise TokenError unless the HSM shows exactly one."""
    shown = hsm.token.holds(name.selector).public_keys
    if len(shown) != 1:
        raise TokenError(f"HSM {hsm.serial} shows {len(shown)} public keys with CKA_ID {name.key_id}")
    return shown[0]
