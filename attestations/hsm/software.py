"""Software stand-ins for HSMs, so that demonstrations and tests run without any. Never taken for hardware.

A folder holds one folder per token:
    token.json      {"serial": "A1", "firmware": "1", "labels": {"a1": "zsk"}}
    a1.pem          the private key with CKA_ID a1 (PKCS#8, readable by its owner only)
    a1.2.pem        one more private key under the same CKA_ID, as PKCS#11 allows
    a1.pub          the public key object with CKA_ID a1
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta

from attestations.errors import InputError, Location
from attestations.hsm.dnssec_form import public_form, sign
from attestations.hsm.token import Held, Identity, Selector, Token, TokenError
from attestations.records import Name, Record, decode
from attestations.strict import read_file, read_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

T = TypeVar("T")

MODEL = "software stand-in"
"""A constant: what stands in a folder can call itself nothing else."""

TOKEN_FILE = "token.json"  # a file's name
MAX_FILE = 64 * 1024

_PRIVATE = re.compile(r"([0-9a-f]{2,64})(\.[0-9]{1,3})?\.pem", re.ASCII)
_KeyId = Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){1,32}(?!\n)$")]


class TokenRecord(Record, frozen=True, kw_only=True):
    """The file token.json."""

    serial: Name
    firmware: Name = "1"
    labels: dict[_KeyId, Name] = {}
    """CKA_LABEL by CKA_ID"""


@dataclass(frozen=True, kw_only=True)
class SoftwareTokens:
    """The stand-ins in one folder."""

    folder: Path

    @contextmanager
    def open(self, serial: str) -> Iterator["SoftwareToken"]:
        """Give the stand-in with this serial; raise TokenError unless there is exactly one."""
        found = [token for token in self._tokens() if token.identity.serial == serial]
        if len(found) != 1:
            raise TokenError(f"{len(found)} tokens in {self.folder} have the serial {serial!a}")
        yield found[0]

    def ask(self, serial: str, work: Callable[[Token], T]) -> T:
        """Return what `work` returns of the token with this serial; raise TokenError unless there is exactly one."""
        with self.open(serial) as token:
            return work(token)

    def _tokens(self) -> Iterator["SoftwareToken"]:
        if not self.folder.is_dir():
            raise InputError(
                "HSM-SOFTWARE",
                found=f"no folder {self.folder}",
                wanted="a folder with one folder per software token",
                fix="make one with:  attest laboratory DIR",
            )
        for slot, file in enumerate(sorted(self.folder.glob(f"*/{TOKEN_FILE}"))):
            yield read_token(file.parent, slot)


@dataclass(frozen=True, kw_only=True)
class SoftwareToken:
    """One stand-in: private keys in files."""

    folder: Path
    identity: Identity
    labels: tuple[tuple[str, str], ...]

    def holds(self, selector: Selector) -> Held:
        """Return what the selection finds."""
        key_ids = self._key_ids(selector)
        public_keys = {key for key_id in key_ids if (key := self._public(key_id)) is not None}
        return Held(private_keys=len(self._private_files(key_ids)), public_keys=tuple(sorted(public_keys)))

    def sign(self, selector: Selector, algorithm: int, data: bytes) -> bytes | None:
        """Return the selected key's signature in DNSSEC form; raise TokenError unless the selection is one key."""
        files = self._private_files(self._key_ids(selector))
        if len(files) != 1:
            raise TokenError(f"{len(files)} private keys where one was selected")
        return sign(_read_private_key(files[0]), algorithm, data)

    def _key_ids(self, selector: Selector) -> frozenset[str]:
        match selector.by:
            case "id":
                return frozenset({selector.value.hex()})
            case "label":
                return frozenset(key_id for key_id, label in self.labels if label.encode() == selector.value)
            case "public-key":
                stems = (file.stem for file in self.folder.glob("*.pub"))
                return frozenset(stem for stem in stems if self._public(stem) == selector.value)

    def _private_files(self, key_ids: frozenset[str]) -> tuple[Path, ...]:
        matches = ((file, _PRIVATE.fullmatch(file.name)) for file in sorted(self.folder.glob("*.pem")))
        return tuple(file for file, match in matches if match and match[1] in key_ids)

    def _public(self, key_id: str) -> bytes | None:
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        file = public_path(self.folder, key_id)
        if not file.exists():
            return None
        try:
            return public_form(load_pem_public_key(read_file(file, MAX_FILE)))
        except ValueError:
            raise _unusable(file, "something that is not a PEM public key") from None


def read_token(folder: Path, slot: int) -> SoftwareToken:
    """Return the stand-in in `folder`; raise InputError where its token.json is not one."""
    file = folder / TOKEN_FILE
    record = decode(read_json(read_file(file, MAX_FILE), str(file)), TokenRecord)
    identity = Identity(serial=record.serial, model=MODEL, firmware=record.firmware, slot=slot)
    return SoftwareToken(folder=folder, identity=identity, labels=tuple(sorted(record.labels.items())))


def private_path(folder: Path, key_id: str) -> Path:
    """Return where a token keeps the (first) private key with this CKA_ID."""
    return folder / f"{key_id}.pem"


def public_path(folder: Path, key_id: str) -> Path:
    """Return where a token keeps the public key object with this CKA_ID."""
    return folder / f"{key_id}.pub"


def _read_private_key(file: Path) -> "PrivateKeyTypes":
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if file.stat().st_mode & 0o077:
        raise InputError(
            "HSM-SOFTWARE",
            found="a private key that others can read",
            wanted="a private key readable by its owner only",
            fix=f"chmod 600 {file}",
            where=Location(file=str(file)),
        )
    try:
        return load_pem_private_key(read_file(file, MAX_FILE), password=None)
    except (ValueError, TypeError):
        raise _unusable(file, "something that is not an unencrypted PEM private key") from None


def _unusable(file: Path, found: str) -> InputError:
    return InputError(
        "HSM-SOFTWARE",
        found=found,
        wanted="the key files that `attest laboratory` writes",
        fix="make new stand-ins with:  attest laboratory DIR",
        where=Location(file=str(file)),
    )
