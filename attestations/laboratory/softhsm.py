"""Practice HSMs in SoftHSM: real PKCS#11 tokens. One laboratory per process: SoftHSM reads its settings once."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, cast

from attestations.errors import InputError
from attestations.hsm.pkcs11 import Pkcs11Token
from attestations.hsm.token import Token, TokenError
from attestations.laboratory.software_hsm import write_private
from attestations.rollover.keys import KeyName

if TYPE_CHECKING:
    import pkcs11
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from pkcs11._pkcs11 import lib as Library  # noqa: N812  # a class by another name

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
CONFIGURATION, PIN_FILE = "softhsm2.conf", "pin"
_CURVE = "secp256r1"


class WrappingKey(Protocol):
    """A secret key that wraps, as far as it is used here; the library mixes such classes together at run time."""

    def wrap_key(self, key: object, *, mechanism: "pkcs11.Mechanism") -> bytes:
        """Return `key` encrypted."""
        ...

    def unwrap_key(self, *of_what: object, **how: object) -> object:
        """Store a wrapped key in the token."""
        ...


class SoftHsm:
    """One token and the agent's session on it."""

    def __init__(self, token: "pkcs11.Token", pin: str) -> None:
        self._token = token
        self._pin = pin
        self._open_session: pkcs11.Session | None = None
        self.serial = token.serial.decode("ascii")
        self.reconnect()

    @property
    def token(self) -> Token:
        """The token to ask; raises TokenError while the HSM is disconnected."""
        return Pkcs11Token(_session=self._session)

    @property
    def is_connected(self) -> bool:
        """Whether it can be reached."""
        return self._open_session is not None

    def generate(self, name: KeyName, *, replicable: bool) -> None:
        """Make a key pair in this HSM; only a replicable one can be copied to another."""
        from pkcs11 import Attribute, KeyType
        from pkcs11.util.ec import encode_named_curve_parameters

        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE)}
        parameters = self._session.create_domain_parameters(KeyType.EC, curve, local=True)
        private = {Attribute.SENSITIVE: True, Attribute.PRIVATE: True, Attribute.EXTRACTABLE: replicable}
        key_id = bytes.fromhex(name.key_id)
        parameters.generate_keypair(store=True, id=key_id, label=name.label, private_template=private)

    def adopt(self, name: KeyName, key: "EllipticCurvePrivateKey") -> None:
        """Import a key pair that was made in software, so that it can be copied further."""
        from pkcs11 import Attribute, KeyType, ObjectClass
        from pkcs11.util.ec import encode_named_curve_parameters

        numbers = key.private_numbers()
        point = numbers.public_numbers
        self._session.create_object(
            {
                Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                Attribute.KEY_TYPE: KeyType.EC,
                Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE),
                Attribute.VALUE: numbers.private_value.to_bytes(32, "big"),
                Attribute.ID: bytes.fromhex(name.key_id),
                Attribute.LABEL: name.label,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.SIGN: True,
                Attribute.EXTRACTABLE: True,
            }
        )
        self._create_public(name, b"\x04\x41\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big"))

    def copy_to(self, other: Self, name: KeyName) -> None:
        """Wrap the private key under a key that both HSMs have for the moment, and make its public object there."""
        from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

        secret = secrets.token_bytes(32)
        private = self._only(ObjectClass.PRIVATE_KEY, name)
        wrapped = self._wrapping_key(secret).wrap_key(private, mechanism=Mechanism.AES_KEY_WRAP_PAD)
        other._wrapping_key(secret).unwrap_key(
            ObjectClass.PRIVATE_KEY,
            KeyType.EC,
            wrapped,
            id=bytes.fromhex(name.key_id),
            label=name.label,
            mechanism=Mechanism.AES_KEY_WRAP_PAD,
            store=True,
            template=_copied(),
        )
        other._create_public(name, self._only(ObjectClass.PUBLIC_KEY, name)[Attribute.EC_POINT])

    def destroy(self, name: KeyName) -> None:
        """Destroy every object with this CKA_ID."""
        from pkcs11 import Attribute

        for item in list(self._session.get_objects({Attribute.ID: bytes.fromhex(name.key_id)})):
            item.destroy()

    def disconnect(self) -> None:
        """Close the only session: SoftHSM logs out, and no key handle survives."""
        self._session.close()
        self._open_session = None

    def reconnect(self) -> None:
        """Open a session again."""
        self._open_session = self._token.open(user_pin=self._pin, rw=True)

    @property
    def _session(self) -> "pkcs11.Session":
        if self._open_session is None:
            raise TokenError(f"HSM {self.serial} is disconnected")
        return self._open_session

    def _only(self, kind: "pkcs11.ObjectClass", name: KeyName) -> "pkcs11.Object":
        from pkcs11 import Attribute

        wanted = {Attribute.CLASS: kind, Attribute.ID: bytes.fromhex(name.key_id)}
        found = list(self._session.get_objects(wanted))
        if len(found) != 1:
            raise TokenError(f"HSM {self.serial} holds {len(found)} objects of {kind.name} {name.key_id}")
        return found[0]

    def _wrapping_key(self, secret: bytes) -> "WrappingKey":
        from pkcs11 import Attribute, KeyType, ObjectClass

        key = self._session.create_object(
            {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: KeyType.AES,
                Attribute.VALUE: secret,
                Attribute.TOKEN: False,
                Attribute.PRIVATE: True,
                Attribute.WRAP: True,
                Attribute.UNWRAP: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
            }
        )
        return cast("WrappingKey", key)

    def _create_public(self, name: KeyName, point: bytes) -> None:
        from pkcs11 import Attribute, KeyType, ObjectClass
        from pkcs11.util.ec import encode_named_curve_parameters

        self._session.create_object(
            {
                Attribute.CLASS: ObjectClass.PUBLIC_KEY,
                Attribute.KEY_TYPE: KeyType.EC,
                Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE),
                Attribute.EC_POINT: point,
                Attribute.ID: bytes.fromhex(name.key_id),
                Attribute.LABEL: name.label,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: False,
                Attribute.VERIFY: True,
            }
        )


def softhsm_units(folder: Path, labels: Sequence[str]) -> tuple[SoftHsm, ...]:
    """Return one SoftHSM token for each label, made where there is none yet; SoftHSM's files lie in `folder`.

    Raises InputError (LABORATORY) where SoftHSM is not installed.
    """
    import pkcs11

    module, pin = softhsm_module(), _prepare(folder)
    os.environ["SOFTHSM2_CONF"] = str(folder / CONFIGURATION)
    library = pkcs11.lib(module)
    library.reinitialize()  # it may have been loaded with other settings
    for label in labels:
        if not _labelled(library, label):
            _make_token(folder, module, label, pin)
    library.reinitialize()  # tokens that another process made are invisible until then
    return tuple(SoftHsm(_labelled(library, label)[0], pin) for label in labels)


def token_units(module: str, pin: str) -> dict[str, SoftHsm]:
    """Return the tokens that the module shows as practice HSMs, by serial number; those without a label are empty."""
    import pkcs11

    tokens = (slot.get_token() for slot in pkcs11.lib(module).get_slots(token_present=True))
    hsms = (SoftHsm(token, pin) for token in tokens if token.label)
    return {hsm.serial: hsm for hsm in hsms}


def softhsm_module() -> str:
    """Return where SoftHSM's module lies; raise InputError (LABORATORY) where it is not installed."""
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        raise InputError(
            "LABORATORY",
            found="no SoftHSM",
            wanted="softhsm2-util and its PKCS#11 module",
            fix="install the package softhsm2, or use --tokens software",
        )
    return module


def _prepare(folder: Path) -> str:
    configuration = folder / CONFIGURATION
    if not configuration.exists():
        (folder / "tokens").mkdir(parents=True)
        settings = (f"directories.tokendir = {folder / 'tokens'}", "objectstore.backend = file", "log.level = ERROR")
        configuration.write_text("\n".join((*settings, "slots.removable = false", "")), encoding="utf-8")
        write_private(folder / PIN_FILE, secrets.token_hex(8).encode())
    return (folder / PIN_FILE).read_text(encoding="ascii")


def _make_token(folder: Path, module: str, label: str, pin: str) -> None:
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        label,
        "--pin",
        pin,
        "--so-pin",
        secrets.token_hex(8),
    ]
    environment = {**os.environ, "SOFTHSM2_CONF": str(folder / CONFIGURATION)}
    subprocess.run([*command, "--module", module], env=environment, check=True, capture_output=True, timeout=60)


def _labelled(library: "Library", label: str) -> list["pkcs11.Token"]:
    tokens = (slot.get_token() for slot in library.get_slots(token_present=True))
    return [token for token in tokens if token.label == label]


def _copied() -> dict["pkcs11.Attribute", object]:
    """Return the attributes of a copied key; DEFAULT takes away what the library would add and SoftHSM refuses."""
    from pkcs11 import Attribute
    from pkcs11.constants import DEFAULT

    kept = (Attribute.TOKEN, Attribute.PRIVATE, Attribute.SENSITIVE, Attribute.SIGN)
    left_out = (
        Attribute.ENCRYPT,
        Attribute.DECRYPT,
        Attribute.WRAP,
        Attribute.UNWRAP,
        Attribute.VERIFY,
        Attribute.DERIVE,
    )
    return {**dict.fromkeys(kept, True), **dict.fromkeys(left_out, DEFAULT), Attribute.EXTRACTABLE: False}
