"""Practice HSMs in software: folders that the probe reads as stand-ins."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from attestations.digest import canonical_json
from attestations.hsm.software import TOKEN_FILE, TokenRecord, private_path, public_path, read_token
from attestations.hsm.token import Token, TokenError
from attestations.records import decode, plain
from attestations.rollover.keys import KeyName
from attestations.strict import read_json

_AWAY = "token.away"
"""the name of token.json while the HSM is disconnected: without token.json the folder is no token"""


@dataclass(frozen=True, kw_only=True)
class SoftwareHsm:
    """One folder with key files."""

    serial: str
    folder: Path
    slot: int

    @property
    def token(self) -> Token:
        """The token to ask; raises TokenError while the HSM is disconnected."""
        self._insist_on_connection()
        return read_token(self.folder, self.slot)

    @property
    def is_connected(self) -> bool:
        """Whether it can be reached."""
        return (self.folder / TOKEN_FILE).exists()

    def generate(self, name: KeyName, *, replicable: bool) -> None:  # noqa: ARG002  # a file can always be copied
        """Make a key pair in this HSM."""
        self.adopt(name, ec.generate_private_key(ec.SECP256R1()))

    def adopt(self, name: KeyName, key: ec.EllipticCurvePrivateKey) -> None:
        """Write a key pair into the folder."""
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._store(name, private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def copy_to(self, other: Self, name: KeyName) -> None:
        """Put the key pair into `other` as well; raise TokenError while either is disconnected."""
        self._insist_on_connection()
        private, public = (path(self.folder, name.key_id).read_bytes() for path in (private_path, public_path))
        other._store(name, private, public)

    def destroy(self, name: KeyName) -> None:
        """Remove every file with this CKA_ID."""
        self._insist_on_connection()
        for pattern in (f"{name.key_id}.pem", f"{name.key_id}.*.pem", f"{name.key_id}.pub"):
            for file in self.folder.glob(pattern):
                file.unlink()

    def disconnect(self) -> None:
        """Take the HSM away."""
        (self.folder / TOKEN_FILE).rename(self.folder / _AWAY)

    def reconnect(self) -> None:
        """Bring the HSM back."""
        (self.folder / _AWAY).rename(self.folder / TOKEN_FILE)

    def _store(self, name: KeyName, private: bytes, public: bytes) -> None:
        self._insist_on_connection()
        write_private(private_path(self.folder, name.key_id), private)
        public_path(self.folder, name.key_id).write_bytes(public)
        file = self.folder / TOKEN_FILE
        record = decode(read_json(file.read_bytes(), str(file)), TokenRecord)
        _write_record(file, TokenRecord(serial=record.serial, labels={**record.labels, name.key_id: name.label}))

    def _insist_on_connection(self) -> None:
        if not self.is_connected:
            raise TokenError(f"HSM {self.serial} is disconnected")


def software_hsm(folder: Path, serial: str, slot: int) -> SoftwareHsm:
    """Return the practice HSM in `folder`, made where there is none yet."""
    if not (folder / TOKEN_FILE).exists():
        folder.mkdir(parents=True)
        _write_record(folder / TOKEN_FILE, TokenRecord(serial=serial))
    return SoftwareHsm(serial=serial, folder=folder, slot=slot)


def software_units(folder: Path) -> dict[str, SoftwareHsm]:
    """Return the practice HSMs in `folder` that are not away, by serial number."""
    tokens = (read_token(file.parent, slot) for slot, file in enumerate(sorted(folder.glob(f"*/{TOKEN_FILE}"))))
    hsms = (SoftwareHsm(serial=one.identity.serial, folder=one.folder, slot=one.identity.slot) for one in tokens)
    return {hsm.serial: hsm for hsm in hsms}


def write_private(file: Path, data: bytes) -> None:
    """Write `data` to a new file that only its owner can read."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(data)


def _write_record(file: Path, record: TokenRecord) -> None:
    file.write_bytes(canonical_json(plain(record)))
