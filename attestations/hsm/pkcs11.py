"""Real tokens through PKCS#11: each physical unit by its serial number, every object counted.

One module per process, and no fork after it is loaded: the library keeps state that a child cannot use.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from attestations.dnskey import ECDSAP256SHA256, ECDSAP384SHA384, RSASHA256, RSASHA512
from attestations.errors import InputError
from attestations.hsm.dnssec_form import rsa_public_form
from attestations.hsm.token import Held, Identity, Selector, Token, TokenError

if TYPE_CHECKING:
    import pkcs11
    from pkcs11._pkcs11 import lib as Library  # noqa: N812  # a class by another name

T = TypeVar("T")

MODULE_VARIABLE = "PKCS11_MODULE"

_OCTETS_BEFORE_POINT = {67: 3, 99: 3, 65: 1, 97: 1, 34: 2, 32: 0}
"""By length of CKA_EC_POINT: `04 len 04` + X + Y as the standard has it, `04` + X + Y as some modules do; Ed25519."""


class Key(Protocol):
    """A key object in a token, as far as it is used here; the library mixes such classes together at run time."""

    key_type: "pkcs11.KeyType"

    def __getitem__(self, attribute: "pkcs11.Attribute") -> Any: ...

    def sign(self, data: bytes, *, mechanism: "pkcs11.Mechanism") -> bytes:
        """Return a signature in the form of PKCS#11."""
        ...


@dataclass(frozen=True, kw_only=True)
class Pkcs11Tokens:
    """The tokens that one PKCS#11 module shows."""

    _library: "Library" = field(repr=False)
    _pin: Callable[[], str] = field(repr=False)
    """asked for when the first token is opened, and never shown"""

    @contextmanager
    def open(self, serial: str) -> Iterator["Pkcs11Token"]:
        """Give the token with this serial, logged in; raise TokenError unless there is exactly one."""
        with _errors_of_the_token(), self._token(serial).open(user_pin=self._pin()) as session:
            yield Pkcs11Token(_session=session)

    def ask(self, serial: str, work: Callable[[Token], T]) -> T:
        """Return what `work` returns of the token with this serial; raise TokenError where it cannot be asked."""
        with self.open(serial) as token:
            return work(token)

    def _token(self, serial: str) -> "pkcs11.Token":
        tokens = (slot.get_token() for slot in self._library.get_slots(token_present=True))
        found = [token for token in tokens if _serial(token) == serial]
        if len(found) != 1:
            raise TokenError(f"{len(found)} slots of the PKCS#11 module show the serial {serial!a}")
        return found[0]


@dataclass(frozen=True, kw_only=True)
class Pkcs11Token:
    """One token with an open session."""

    _session: "pkcs11.Session" = field(repr=False)

    @property
    def identity(self) -> Identity:
        """What the token says of itself."""
        token = self._session.token
        return Identity(
            serial=_serial(token),
            model=token.model or "unknown",
            firmware=".".join(map(str, token.firmware_version)),
            slot=token.slot.slot_id,
        )

    def holds(self, selector: Selector) -> Held:
        """Return what the selection finds; raise TokenError where the token does not answer."""
        from pkcs11 import Attribute

        with _errors_of_the_token():
            private_keys = self._private_keys(selector)
            forms = {form for key in self._public_keys(selector) if (form := _public_form(key)) is not None}
            single = private_keys[0] if len(private_keys) == 1 else None
            return Held(
                private_keys=len(private_keys),
                public_keys=tuple(sorted(forms)),
                local=_flag(single, Attribute.LOCAL),
                never_extractable=_flag(single, Attribute.NEVER_EXTRACTABLE),
            )

    def sign(self, selector: Selector, algorithm: int, data: bytes) -> bytes | None:
        """Return the selected key's signature in DNSSEC form, or None where the key gives none for `algorithm`."""
        with _errors_of_the_token():
            private_keys = self._private_keys(selector)
        if len(private_keys) != 1:
            raise TokenError(f"{len(private_keys)} private keys where one was selected")
        return _sign(private_keys[0], algorithm, data)

    def _private_keys(self, selector: Selector) -> list[Key]:
        from pkcs11 import Attribute, ObjectClass

        if selector.by != "public-key":
            return self._find(ObjectClass.PRIVATE_KEY, selector)
        ids = {bytes(key[Attribute.ID]) for key in self._public_keys(selector)}
        return [
            key
            for key_id in sorted(ids)
            for key in self._find(ObjectClass.PRIVATE_KEY, Selector(by="id", value=key_id))
        ]

    def _public_keys(self, selector: Selector) -> list[Key]:
        from pkcs11 import Attribute, ObjectClass

        if selector.by != "public-key":
            return self._find(ObjectClass.PUBLIC_KEY, selector)
        return [
            key
            for key in self._objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY})
            if _public_form(key) == selector.value
        ]

    def _find(self, kind: "pkcs11.ObjectClass", selector: Selector) -> list[Key]:
        from pkcs11 import Attribute

        if selector.by == "label":
            return self._objects({Attribute.CLASS: kind, Attribute.LABEL: selector.value.decode()})
        return self._objects({Attribute.CLASS: kind, Attribute.ID: selector.value})

    def _objects(self, template: dict["pkcs11.Attribute", object]) -> list[Key]:
        return cast("list[Key]", list(self._session.get_objects(template)))


def module_path(named: str | None) -> str:
    """Return where the PKCS#11 module lies: `named`, or as PKCS11_MODULE says; raise InputError (HSM-MODULE)."""
    try:
        import pkcs11  # noqa: F401  # loaded here once, and not in each of the processes that load the module
    except ImportError:
        raise _no_module("no PKCS#11 support", "pip install signer-gatekeeper[hsm]") from None
    path = named or os.environ.get(MODULE_VARIABLE)
    if not path:
        raise _no_module("no module", f"--module PATH, or {MODULE_VARIABLE}; or --software DIR for stand-ins")
    return path


def open_tokens(module: str, pin: Callable[[], str]) -> Pkcs11Tokens:
    """Return the tokens of the PKCS#11 module at `module`; raise InputError (HSM-MODULE) where it cannot be loaded."""
    import pkcs11

    try:
        library = pkcs11.lib(module)
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise _no_module(
            f"{module!a:.200}, which cannot be loaded ({error!a:.160})", "check the path, and the module's own settings"
        ) from None
    return Pkcs11Tokens(_library=library, _pin=pin)


def _serial(token: "pkcs11.Token") -> str:
    return token.serial.decode("utf-8", "replace").rstrip("\0 ")


def _sign(key: Key, algorithm: int, data: bytes) -> bytes | None:
    from pkcs11 import KeyType, Mechanism, PKCS11Error

    digest_of = {ECDSAP256SHA256: hashlib.sha256, ECDSAP384SHA384: hashlib.sha384}
    rsa_mechanism = {RSASHA256: Mechanism.SHA256_RSA_PKCS, RSASHA512: Mechanism.SHA512_RSA_PKCS}
    try:
        match key.key_type, algorithm:
            case KeyType.EC, 13 | 14:
                return bytes(key.sign(digest_of[algorithm](data).digest(), mechanism=Mechanism.ECDSA))
            case KeyType.RSA, 8 | 10:
                return bytes(key.sign(data, mechanism=rsa_mechanism[algorithm]))
            case KeyType.EC_EDWARDS, 15:
                return bytes(key.sign(data, mechanism=Mechanism.EDDSA))
    except PKCS11Error:
        return None  # a key that may not or cannot sign shows no possession: what the verdict says
    return None


def _public_form(key: Key) -> bytes | None:
    from pkcs11 import Attribute, KeyType

    match key.key_type:
        case KeyType.EC | KeyType.EC_EDWARDS:
            point = bytes(key[Attribute.EC_POINT])
            before = _OCTETS_BEFORE_POINT.get(len(point))
            return None if before is None else point[before:]
        case KeyType.RSA:
            exponent, modulus = (bytes(key[name]) for name in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS))
            return rsa_public_form(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
        case _:
            return None


def _flag(key: Key | None, name: "pkcs11.Attribute") -> bool | None:
    from pkcs11 import PKCS11Error

    try:
        return None if key is None else bool(key[name])
    except PKCS11Error:
        return None


@contextmanager
def _errors_of_the_token() -> Iterator[None]:
    from pkcs11 import PKCS11Error

    try:
        yield
    except PKCS11Error as error:
        raise TokenError(f"the token answers {type(error).__name__}{f' ({error})' if str(error) else ''}") from error


def _no_module(found: str, fix: str) -> InputError:
    return InputError(
        "HSM-MODULE", found=found, wanted="a PKCS#11 module through which every HSM can be asked", fix=fix
    )
