"""Transparency logs in both styles (Rekor v1 and v2): what they keep, what they promise, and how they prove it."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from attestations.digest import canonical_json
from attestations.sigstore.practice.encoding import SHA256, AnyPublicKey, b64, der, new_key, pem, secret, spki

_ORIGIN = "log.private.example"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A signature that is to be logged."""

    value: bytes
    signer: x509.Certificate | AnyPublicKey
    digest: bytes
    """SHA-256 of the payload, or of the file"""
    signed_digest: bytes
    """SHA-256 of the bytes that were signed"""
    envelope: Mapping[str, Any] | None
    """the DSSE envelope; None for a signature over a file"""


class Log(ABC):
    """What both styles share: leaves, checkpoint, inclusion proof."""

    key_details: str
    log_id: bytes
    public: AnyPublicKey

    def __init__(self) -> None:
        self.leaves = [b"an entry of another signer", b"and one more", b"and a third"]

    @abstractmethod
    def sign(self, data: bytes) -> bytes:
        """Return the log's signature over `data`."""

    @abstractmethod
    def record(self, made: Made, kind: str, on: datetime) -> dict[str, Any]:
        """Take a signature in and return its entry, as bundles hold it."""

    def append(self, kind: str, version: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Take a leaf in and return its entry, with the proof that it is there."""
        leaf = canonical_json({"kind": kind, "apiVersion": version, "spec": spec})
        self.leaves.append(leaf)
        return {
            "logIndex": str(len(self.leaves) - 1),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": kind, "version": version},
            "inclusionProof": self._proof(len(self.leaves) - 1),
            "canonicalizedBody": b64(leaf),
        }

    def _proof(self, index: int) -> dict[str, Any]:
        """The checkpoint is a signed note (C2SP, tlog-checkpoint.md and signed-note.md)."""
        size, root = len(self.leaves), tree_root(self.leaves)
        note = f"{_ORIGIN}\n{size}\n{b64(root)}\n"
        signature = b64(self.log_id[:4] + self.sign(note.encode()))
        return {
            "logIndex": str(index),
            "rootHash": b64(root),
            "treeSize": str(size),
            "hashes": [b64(step) for step in audit_path(self.leaves, index)],
            "checkpoint": {"envelope": f"{note}\n\N{EM DASH} {_ORIGIN} {signature}\n"},
        }


class LogOfFirstStyle(Log):
    """Rekor v1: the log itself says when it took an entry in (signed entry timestamp)."""

    key_details = "PKIX_ECDSA_P256_SHA_256"

    def __init__(self, seed: str) -> None:
        super().__init__()
        self._key = new_key(seed, "transparency log")
        self.public = self._key.public_key()
        self.log_id = sha256(spki(self.public)).digest()

    def sign(self, data: bytes) -> bytes:
        """Return the log's signature over `data`."""
        return self._key.sign(data, SHA256)

    def record(self, made: Made, kind: str, on: datetime) -> dict[str, Any]:
        """Take a signature in as `dsse`, `intoto` or `hashedrekord`, and promise that it was there `on` that second."""
        made_of = {"dsse": _dsse, "intoto": _intoto, "hashedrekord": _hashedrekord}[kind]
        entry = self.append(kind, "0.0.2" if kind == "intoto" else "0.0.1", made_of(made))
        moment = int(on.timestamp())
        promised = {
            "body": entry["canonicalizedBody"],
            "integratedTime": moment,
            "logID": self.log_id.hex(),
            "logIndex": int(entry["logIndex"]),
        }
        signature = b64(self.sign(canonical_json(promised)))
        return entry | {"integratedTime": str(moment), "inclusionPromise": {"signedEntryTimestamp": signature}}


class LogOfSecondStyle(Log):
    """Rekor v2: a signature is logged with the digest of what it signs; the time comes from elsewhere."""

    key_details = "PKIX_ED25519"

    def __init__(self, seed: str) -> None:
        super().__init__()
        raw = secret(seed, "transparency log") if seed else secrets.token_bytes(32)
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(raw)
        self.public = self._key.public_key()
        self.log_id = sha256(_ORIGIN.encode() + b"\n\1" + self.public.public_bytes_raw()).digest()

    def sign(self, data: bytes) -> bytes:
        """Return the log's signature over `data`."""
        return self._key.sign(data)

    def record(self, made: Made, kind: str, on: datetime) -> dict[str, Any]:  # noqa: ARG002  # it knows one kind, no time
        """Take a signature in as `hashedrekord`."""
        if isinstance(made.signer, x509.Certificate):
            holder = {"x509Certificate": {"rawBytes": b64(der(made.signer))}}
        else:
            holder = {"publicKey": {"rawBytes": b64(spki(made.signer))}}
        spec = {
            "data": {"algorithm": "SHA2_256", "digest": b64(made.signed_digest)},
            "signature": {
                "content": b64(made.value),
                "verifier": {"keyDetails": "PKIX_ECDSA_P256_SHA_256", **holder},
            },
        }
        return self.append("hashedrekord", "0.0.2", {"hashedRekordV002": spec})


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash (RFC 6962, section 2.1)."""
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def audit_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion proof of a leaf (RFC 6962, section 2.1.1)."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*audit_path(leaves[:split], index), tree_root(leaves[split:])]
    return [*audit_path(leaves[split:], index - split), tree_root(leaves[:split])]


def _dsse(made: Made) -> dict[str, Any]:
    return {
        "envelopeHash": _sha256(sha256(canonical_json(made.envelope)).digest()),
        "payloadHash": _sha256(made.digest),
        "signatures": [{"signature": b64(made.value), "verifier": b64(pem(made.signer))}],
    }


def _intoto(made: Made) -> dict[str, Any]:
    signature = {"sig": b64(b64(made.value).encode()), "publicKey": b64(pem(made.signer))}
    kind = made.envelope["payloadType"] if made.envelope else ""
    envelope = {"payloadType": kind, "signatures": [signature]}
    whole = _sha256(sha256(canonical_json(made.envelope)).digest())
    return {"content": {"envelope": envelope, "hash": whole, "payloadHash": _sha256(made.digest)}}


def _hashedrekord(made: Made) -> dict[str, Any]:
    signature = {"content": b64(made.value), "publicKey": {"content": b64(pem(made.signer))}}
    return {"data": {"hash": _sha256(made.signed_digest)}, "signature": signature}


def _sha256(digest: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": digest.hex()}
