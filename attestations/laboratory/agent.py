"""The practice rollover agent. The defect of 5 May 2026 is one call: generating where it should copy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attestations.hsm.token import TokenError
from attestations.laboratory.units import LaboratoryHsm
from attestations.rollover.agent import Claim, Order
from attestations.rollover.keys import KeyName

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey


@dataclass(frozen=True, kw_only=True)
class RolloverAgent:
    """Puts keys into HSMs. What it reports is what it was told to do, not what is so."""

    one_key_pair_per_hsm: bool = False
    """INC-01: a key pair of its own for each HSM, under one CKA_ID and one label"""

    def make_key(
        self, name: KeyName, hsms: tuple[LaboratoryHsm, ...], key: "EllipticCurvePrivateKey | None" = None
    ) -> None:
        """Make a key pair for all `hsms`; the first of them takes `key` where one is given."""
        first, *others = hsms
        if key is None:
            first.generate(name, replicable=not self.one_key_pair_per_hsm)
        else:
            first.adopt(name, key)
        for hsm in others:
            self.bring_key(name, first, hsm)

    def bring_key(self, name: KeyName, source: LaboratoryHsm, target: LaboratoryHsm) -> None:
        """Give `target` the key pair that `source` holds."""
        if self.one_key_pair_per_hsm:
            target.generate(name, replicable=False)
        else:
            source.copy_to(target, name)

    def complete_key(self, name: KeyName, hsms: tuple[LaboratoryHsm, ...]) -> None:
        """Bring the key pair to those of `hsms` that lack it; make it where none has it."""
        holding = [hsm for hsm in hsms if hsm.token.holds(name.selector).private_keys]
        if not holding:
            self.make_key(name, hsms)
            return
        for hsm in hsms:
            if hsm not in holding:
                self.bring_key(name, holding[0], hsm)


@dataclass(frozen=True, kw_only=True)
class PracticeAgent:
    """The practice agent behind the contract that every rollover agent has. Its signer needs no telling."""

    hsms: tuple[LaboratoryHsm, ...]
    maker: RolloverAgent
    missing: tuple[str, ...] = ()
    """serial numbers of HSMs that cannot be reached at all"""

    def perform(self, order: Order) -> Claim:
        """Do it in every HSM that is connected; it is done when none was missing."""
        try:
            return self._performed(order)
        except TokenError as error:
            return Claim(done=False, said=str(error))

    def _performed(self, order: Order) -> Claim:
        if order.action not in ("generate", "remove"):
            return Claim(done=True)
        connected = tuple(hsm for hsm in self.hsms if hsm.is_connected)
        if order.action == "generate":
            self.maker.complete_key(order.name, connected)
        else:
            for hsm in connected:
                hsm.destroy(order.name)
        away = [*(hsm.serial for hsm in self.hsms if hsm not in connected), *self.missing]
        return Claim(done=not away, said=f"cannot be reached: {', '.join(away)}" if away else "")
