"""A ledger of five entries, its key, and a way past the triggers for those who tamper."""

import sqlite3
from contextlib import closing

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from attestations.keys import read_public_key
from attestations.signers import KeySigner
from gatekeeper.ledger import store

ORIGIN = "log.registry.example/gatekeeper"
KINDS = ("decision", "halt", "decision", "approval", "decision")


@pytest.fixture(scope="session")
def make_signer():
    def make(private=None):
        private = private or Ed25519PrivateKey.generate()
        pem = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return KeySigner(public=read_public_key(pem, "ledger.pem"), _library=CryptoSigner(private))

    return make


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "ledger.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture(scope="session")
def signer(make_signer, key_file):
    return make_signer(serialization.load_pem_private_key(key_file.read_bytes(), password=None))


@pytest.fixture
def empty(tmp_path, signer):
    """The path of a ledger in which nothing was recorded yet."""
    path = tmp_path / "empty.db"
    store.create(f"sqlite:{path}", ORIGIN, signer)
    return path


@pytest.fixture
def ledger_of(signer):
    """Open the ledger at a path."""
    return lambda path: store.open_ledger(f"sqlite:{path}", signer.public)


@pytest.fixture
def five(tmp_path, signer, ledger_of):
    """The path of a ledger with five entries."""
    path = tmp_path / "ledger.db"
    store.create(f"sqlite:{path}", ORIGIN, signer)
    with ledger_of(path) as ledger:
        for index, kind in enumerate(KINDS):
            ledger.append(b"entry %d" % index, kind, signer)
    return path


@pytest.fixture
def tamper():
    """Change a ledger as its administrator could: triggers off, statements, the same triggers on again."""

    def change(path, *statements):
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                raw.execute(f"DROP TRIGGER {name}")
            for statement, *values in statements:
                raw.execute(statement, values)
            for _, sql in triggers:
                raw.execute(sql)

    return change
