"""Knot as a signer whose private keys are in a PKCS#11 token: configuration, key database, one signing run, daemon."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from attestations.operations import Command
from attestations.operations.knot import keymgr_import_pkcs11, zone_notify
from attestations.servers.configuration import CONFIGURATION_FILE, KNOTD, configured
from attestations.servers.files import insist_on_usable
from attestations.servers.knot_primary import KNOT_PRIMARY, PrimaryPlan
from attestations.servers.notify import until_heard
from attestations.servers.operating import obeyed

DATABASE_FOLDER, SIGNED_FOLDER = "keys", "signed"
"""where Knot looks for its key database, and where signed versions go"""
ALGORITHM = "ECDSAP256SHA256"

_ZONE = """\
keystore:
  - id: token
    backend: pkcs11
    config: "{uri}"
policy:
  - id: token
    keystore: token
    algorithm: {algorithm}
    manual: on
    nsec3: on
    nsec3-iterations: 0
    nsec3-salt-length: 0
    nsec3-opt-out: {opt_out}
    rrsig-lifetime: 14d
zone:
  - domain: {zone}
    file: {file}
    zonefile-load: difference-no-serial
    zonefile-sync: -1
    journal-content: all
    dnssec-signing: on
    dnssec-policy: token
    acl: transfer
{notify}"""


@dataclass(frozen=True, kw_only=True)
class Keystore:
    """The token, one physical unit by its serial number, as the signer's configuration names it."""

    module: str
    serial: str
    pin_file: Path
    """holds the PIN and nothing else: GnuTLS takes a line end for a part of it"""
    environment: Mapping[str, str] = field(default_factory=dict)
    """what the module reads of its environment, as SOFTHSM2_CONF"""
    descriptors: tuple[int, ...] = ()
    """what Knot's programs inherit: a `pin_file` that is one of them lies in memory, and ends with them and us"""

    @property
    def uri(self) -> str:
        """What Knot is told. The PIN itself is in no configuration, so that nothing can print it."""
        return f"pkcs11:serial={self.serial};pin-source={self.pin_file} {self.module}"


@dataclass(frozen=True, kw_only=True)
class SignerPlan(PrimaryPlan):
    """What signer is wanted; `zone_file` is the unsigned zone."""

    keystore: Keystore
    opt_out: bool = False


class KnotSigner:
    """One Knot with its key database. Keys are imported before it starts: a manual policy makes none by itself."""

    def __init__(self, plan: SignerPlan) -> None:
        """Write the configuration; raise InputError (LABORATORY) where that fails."""
        self.plan = plan
        insist_on_usable(plan.folder)
        own = {"uri": plan.keystore.uri, "algorithm": ALGORITHM, "opt_out": "on" if plan.opt_out else "off"}
        template, command = KNOT_PRIMARY + _ZONE, (*self._environment, *KNOTD)
        inherited = plan.keystore.descriptors
        self.server = configured("signer", plan.folder, template, command, plan.values | own, inherited)
        self.database.mkdir(mode=0o700, exist_ok=True)  # keymgr does not make it

    @property
    def configuration(self) -> Path:
        """The file that knotd, knotc, keymgr and kzonesign read."""
        return self.plan.folder / CONFIGURATION_FILE

    @property
    def control(self) -> Command:
        """What names this signer in the commands of attestations.operations.knot."""
        return ("-c", str(self.configuration))

    @property
    def database(self) -> Path:
        """The folder of the key database. A copy of it makes another token's signer use the same ids for its keys."""
        return self.plan.folder / DATABASE_FOLDER

    def import_key(self, key_id: str, *, ksk: bool) -> None:
        """Use the token's key pair with this CKA_ID (hexadecimal): published and active from now on.

        Raises InputError (LABORATORY), as for a key that the token does not show.
        """
        self.run(keymgr_import_pkcs11(self.plan.zone, key_id, ALGORITHM, ksk=ksk, control=self.control))

    def ds(self, key_id: str) -> bytes:
        """Return the DS records of a KSK, as a file; raise InputError (LABORATORY)."""
        printed = self.run(("keymgr", *self.control, self.plan.zone, "ds", key_id))
        return "".join(f"{line}\n" for line in printed if " DS " in line).encode("ascii")

    def sign_once(self) -> Path:
        """Return the zone file as kzonesign signs it; raise InputError (LABORATORY) where that fails.

        It does not look at what the token gives it: the private key of another key pair goes unnoticed.
        """
        folder = self.plan.folder / SIGNED_FOLDER
        self.run(("kzonesign", *self.control, "-o", str(folder), self.plan.zone))
        return folder / self.plan.zone_file.name

    def heard(self) -> AbstractContextManager[None]:
        """Wait, after what is done in it, until all that the signer notifies have answered; see until_heard."""
        notify = zone_notify(self.plan.zone, self.control)
        return until_heard(self.server, self.plan.notify, lambda: self.run(notify))

    def run(self, command: Command) -> tuple[str, ...]:
        """Return what a program prints that may ask the token; raise InputError (LABORATORY) where it fails."""
        return obeyed(command, self.plan.folder, self._environment, self.plan.keystore.descriptors)

    @property
    def _environment(self) -> tuple[str, ...]:
        """What stands before a command, since programs of others are run with an empty environment."""
        return ("env", *(f"{name}={value}" for name, value in self.plan.keystore.environment.items()))
