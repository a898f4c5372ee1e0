"""The practice rollover agent. The defect of 5 May 2026 is one call: generating where it should copy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attestations.laboratory.units import KeyName, LaboratoryHsm

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
