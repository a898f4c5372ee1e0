"""The HSMs of a rollback drill: SoftHSM tokens of its own, or those of the environment behind any PKCS#11 module."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.hsm.documents import Unit
from attestations.hsm.probe import Observations, Question, probe
from attestations.hsm.selection import Selected
from attestations.hsm.token import TokenError
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.signer import published_key
from attestations.laboratory.softhsm import CONFIGURATION, PIN_FILE, SoftHsm, softhsm_module, softhsm_units
from attestations.laboratory.units import LaboratoryHsm, Rack
from attestations.rollover.keys import KeyName
from attestations.servers.knot_signer import Keystore
from attestations.tool import path_of
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS

if TYPE_CHECKING:
    import pkcs11

SUCCESSOR_LABEL = "drill-successor"
_FOLDER = "tokens"


@dataclass(frozen=True, kw_only=True)
class Module:
    """A PKCS#11 module with the HSMs of the environment, which hold the zone's keys already."""

    path: str
    pin: str = field(repr=False)
    settings: tuple[str, ...]
    """the variables that it reads of its environment"""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The HSMs within reach with the zone's keys. Whom to ask for proofs is said by `units`."""

    rack: Rack
    units: tuple[Unit, ...]
    keystore: Keystore
    """the first HSM, as the signer's configuration names it"""
    ksk: KeyName
    old: KeyName
    """the ZSK that is rolled away from"""
    successor: KeyName = field(default_factory=lambda: KeyName(key_id=secrets.token_hex(20), label=SUCCESSOR_LABEL))
    """the key that the drill rolls to: its own, so that it can be destroyed without a look at what else there is"""

    @property
    def keys(self) -> tuple[Selected, Selected]:
        """What the way back needs: the KSK and the old ZSK, as the signer publishes them.

        Raises InputError (LABORATORY) where the first HSM does not show them.
        """
        named = ((self.ksk, KSK_FLAGS), (self.old, ZSK_FLAGS))
        try:
            ksk, old = (
                Selected(key=published_key(name, flags, self.rack), selector=name.selector) for name, flags in named
            )
        except TokenError as error:
            raise _unusable(str(error)) from None
        return ksk, old

    def prove(self, zone: str, nonce: str) -> Observations:
        """Return what every HSM answers to a challenge for each of the keys; a label shows nothing (INC-01)."""
        return probe(self.units, self.rack, Question(zone=zone, nonce=nonce, selected=self.keys, random=os.urandom))

    def make_successor(self) -> None:
        """Let an agent with the defect of 5 May 2026 make the next ZSK: another key pair in every HSM."""
        self.destroy_successor()
        RolloverAgent(one_key_pair_per_hsm=True).make_key(self.successor, self.rack.hsms)

    def mix_up_successor(self) -> None:
        """Put another private key under the successor's CKA_ID where the signer signs, as another HSM of a group would.

        The signer has read the public key before, and never compares.
        """
        first = self.rack.hsms[0]
        first.destroy(self.successor)
        first.generate(self.successor, replicable=False)

    def destroy_successor(self) -> None:
        """Leave none of the drill's keys in any HSM."""
        for hsm in self.rack.hsms:
            hsm.destroy(self.successor)


@contextmanager
def own_bench(folder: Path, units: Sequence[Unit], ksk: KeyName, old: KeyName) -> Iterator[Bench]:
    """Give as many SoftHSM tokens as the environment has HSMs, with keys of the correct agent.

    Their serial numbers are SoftHSM's, never those of the environment. Raises InputError (LABORATORY).
    """
    where = folder.absolute() / _FOLDER
    hsms: tuple[LaboratoryHsm, ...] = softhsm_units(where, [f"drill-{number}" for number in range(1, len(units) + 1)])
    for name in (ksk, old):
        RolloverAgent().make_key(name, hsms)
    keystore = Keystore(
        module=softhsm_module(),
        serial=hsms[0].serial,
        pin_file=where / PIN_FILE,
        environment={"SOFTHSM2_CONF": str(where / CONFIGURATION)},
    )
    sites = tuple(unit.site for unit in units)
    asked = tuple(Unit(serial=hsm.serial, site=site) for hsm, site in zip(hsms, sites, strict=True))
    yield Bench(rack=Rack(hsms=hsms, sites=sites), units=asked, keystore=keystore, ksk=ksk, old=old)


@contextmanager
def bench_of(module: Module, units: Sequence[Unit], ksk: KeyName, old: KeyName) -> Iterator[Bench]:
    """Give the environment's HSMs behind a module. The PIN is in no file that could be left behind, only in memory.

    Raises InputError (LABORATORY) where none of them is there, the first lacks a key, or the PIN is refused.
    """
    hsms, sites = _connected(module, units)
    with os.fdopen(os.memfd_create("pin"), "wb", buffering=0) as pin:
        pin.write(module.pin.encode())  # without the line end that the operator's file may have
        keystore = Keystore(
            module=module.path,
            serial=hsms[0].serial,
            pin_file=Path(path_of(pin.fileno())),
            environment={name: os.environ[name] for name in module.settings if name in os.environ},
            descriptors=(pin.fileno(),),
        )
        bench = Bench(rack=Rack(hsms=hsms, sites=sites), units=tuple(units), keystore=keystore, ksk=ksk, old=old)
        try:
            yield bench
        finally:
            bench.destroy_successor()


def _connected(module: Module, units: Sequence[Unit]) -> tuple[tuple[LaboratoryHsm, ...], tuple[str, ...]]:
    """Return the HSMs of the environment that the module shows, with their sites. The others prove nothing later."""
    from pkcs11 import PKCS11Error

    try:
        shown = _tokens(module.path)
        found = [(unit, shown[unit.serial]) for unit in units if len(shown.get(unit.serial, ())) == 1]
        hsms = tuple(SoftHsm(tokens[0], module.pin) for _, tokens in found)
    except (PKCS11Error, RuntimeError, OSError) as error:
        raise _unusable(f"{module.path!a:.200}: {type(error).__name__}") from None
    if not hsms:
        raise _unusable(f"{module.path!a:.200} with none of the {len(units)} HSMs of the environment")
    return hsms, tuple(unit.site for unit, _ in found)


def _tokens(module: str) -> "dict[str, list[pkcs11.Token]]":
    import pkcs11

    by_serial: dict[str, list[pkcs11.Token]] = {}
    for slot in pkcs11.lib(module).get_slots(token_present=True):
        token = slot.get_token()
        by_serial.setdefault(token.serial.decode("utf-8", "replace").rstrip("\0 "), []).append(token)
    return by_serial


def _unusable(found: str) -> InputError:
    return InputError(
        "LABORATORY",
        found=found,
        wanted="a PKCS#11 module that shows HSMs of the environment and takes the PIN",
        fix="check --module, --pin-file and the serial numbers of the environment",
    )
