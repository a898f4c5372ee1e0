"""Who can sign: a PEM file, a PKCS#11 key, an SSH key. Named by a URI, so that no secret is ever an argument."""

import getpass
import os
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attestations.errors import InputError
from attestations.keys import PublicKey, Verifier, read_public_key
from attestations.strict import read_file

if TYPE_CHECKING:
    from securesystemslib.signer import Signer as LibrarySigner

MAX_KEY_FILE = 64 * 1024
WAYS = "file:KEY.pem, pkcs11:token=LABEL;id=%02?pin-source=file:PIN, or ssh:KEY"


class Signer(Protocol):
    """Somebody who can sign, and the key by which others recognise the signature."""

    @property
    def public(self) -> Verifier:
        """The public half."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return a signature over `data`."""
        ...


@dataclass(frozen=True, kw_only=True)
class KeySigner:
    """A private key behind securesystemslib. Every signature is verified in software before it leaves (kskm)."""

    public: PublicKey
    _library: "LibrarySigner" = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return a signature over `data`; raise InputError (SIGNER) if the key cannot or the result does not verify."""
        try:
            signature = bytes.fromhex(self._library.sign(data).signature)
        except Exception as error:  # noqa: BLE001  # the library and the PKCS#11 module raise many kinds
            raise _cannot_sign(f"{type(error).__name__}: {error!a:.200}") from None
        if not self.public.verifies(signature, data):
            raise _cannot_sign("a signature that its own public key does not verify")
        return signature


@dataclass(frozen=True, kw_only=True)
class SshSigner:
    """An SSH key, in a file, an agent or a hardware token, used through `ssh-keygen -Y sign`."""

    public: Verifier
    _sign: Callable[[bytes], bytes] = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return an SSHSIG over `data`; raise InputError (SIGNER) if that fails or does not verify."""
        signature = self._sign(data)
        if not self.public.verifies(signature, data):
            raise _cannot_sign("an SSH signature that its own public key does not verify")
        return signature


def open_signer(uri: str) -> Signer:
    """Return the signer that `uri` names.

    Raises InputError: SIGNER (no such key), KEY or SIG-ALG (a kind that nobody accepts), and what `read_file` raises.
    """
    scheme, _, rest = uri.partition(":")
    match scheme:
        case "file" if rest:
            return _from_pem(Path(rest))
        case "pkcs11" if rest:
            return _from_pkcs11(rest)
        case "ssh" if rest:
            return _from_ssh(Path(rest))
    raise InputError("SIGNER", found=f"the signing key {uri!a:.80}", wanted=WAYS, fix="name the key as a URI")


def _from_pem(path: Path) -> KeySigner:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        key = load_pem_private_key(read_file(path, MAX_KEY_FILE), password=None)
        library = CryptoSigner(key)
    except (ValueError, TypeError) as error:
        raise InputError(
            "SIGNER",
            found=f"{path} holds no private key that can be used ({error!a:.120})",
            wanted="an unencrypted PKCS#8 PEM file: Ed25519, ECDSA P-256 or P-384, or RSA",
            fix="make one with:  openssl genpkey -algorithm ed25519 -out key.pem",
        ) from None
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return KeySigner(public=read_public_key(pem, str(path)), _library=library)


def _from_pkcs11(rest: str) -> KeySigner:
    """PKCS#11 URI (RFC 7512): token and id; module-path and pin-source as query attributes."""
    from securesystemslib.signer import HSMSigner

    attributes, _, query = rest.partition("?")
    path = dict(part.partition("=")[::2] for part in attributes.split(";"))
    extra = dict(urllib.parse.parse_qsl(query))
    if not set(path) <= {"token", "id"} or not set(extra) <= {"module-path", "pin-source"} or not path.get("id"):
        raise InputError(
            "SIGNER",
            found="a PKCS#11 URI with other attributes",
            wanted=WAYS,
            fix="give token and id; a PIN only by pin-source",
        )
    key_id = urllib.parse.unquote_to_bytes(path["id"])
    if key_id.startswith(b"\0"):  # the library makes a number of it: 0002 would open the key 02
        raise _cannot_sign("a PKCS#11 id that begins with a zero octet")
    if "module-path" in extra:
        os.environ["PYKCS11LIB"] = extra["module-path"]  # the library's only way to be told
    pin = _pin_reader(extra.get("pin-source"))
    label = urllib.parse.unquote(path["token"]) if "token" in path else None
    try:
        uri, key = HSMSigner.import_(int.from_bytes(key_id, "big"), label, pin)
        library = HSMSigner.from_priv_key_uri(uri, key, pin)
    except Exception as error:  # noqa: BLE001  # the PKCS#11 module raises many kinds, ImportError of the extra included
        raise _cannot_sign(f"no usable PKCS#11 key ({type(error).__name__}: {error!a:.160})") from None
    public = read_public_key(key.keyval["public"].encode("ascii"), "the PKCS#11 key")
    return KeySigner(public=public, _library=library)


def _pin_reader(source: str | None) -> Callable[[str], str]:
    if source is None:
        return lambda _: getpass.getpass("PIN: ")
    path = Path(source.removeprefix("file:"))
    return lambda _: read_file(path, MAX_KEY_FILE).decode("utf-8").strip()


def _from_ssh(path: Path) -> SshSigner:
    from attestations.ssh_signature import NAMESPACE, read_ssh_public_key, sign_with_ssh

    public = path.with_name(path.name + ".pub")
    verifier = read_ssh_public_key(read_file(public, MAX_KEY_FILE).decode("utf-8", "replace").strip())
    return SshSigner(public=verifier, _sign=lambda data: sign_with_ssh(path, NAMESPACE, data))


def _cannot_sign(found: str) -> InputError:
    return InputError(
        "SIGNER", found=found, wanted="a signing key that works", fix=f"check the key; ways to name one: {WAYS}"
    )
