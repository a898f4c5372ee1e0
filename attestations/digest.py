"""Digests, and the one byte form of a JSON value (RFC 8785)."""

import hashlib
from typing import Any

import rfc8785


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return `value` in the canonical form of RFC 8785; raise ValueError where it has none."""
    return rfc8785.dumps(value)


def canonical_digest(value: Any) -> str:
    """Return the SHA-256 of the canonical form of `value`."""
    return sha256(canonical_json(value))
