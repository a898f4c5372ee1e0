"""One entry of the ledger, and the bytes by which it stands in the tree."""

import re
from dataclasses import dataclass

from attestations.errors import InputError
from gatekeeper.ledger.refusal import refusal

MAX_ENTRY = 16 * 1024 * 1024
KIND = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that was recorded."""

    index: int
    kind: str
    content: bytes


def leaf_data(kind: str, content: bytes) -> bytes:
    """Return the bytes that are hashed into the tree: the kind, a newline, the content. So no entry can be relabelled.

    Raises InputError (LOG) for a kind that is no short lower-case word: with a newline in it, two entries share a leaf.
    """
    if not KIND.fullmatch(kind):
        raise refusal(f"an entry of the kind {kind!a:.80}", wanted="a short lower-case word, such as decision")
    return kind.encode("ascii") + b"\n" + content


def check_size(content: bytes) -> None:
    """Raise InputError (LIMIT) for content that is empty or too big to record."""
    if not 0 < len(content) <= MAX_ENTRY:
        raise InputError(
            "LIMIT",
            found=f"an entry of {len(content)} bytes",
            wanted=f"1 to {MAX_ENTRY} bytes",
            fix="record the digest of a large document in place of the document",
        )
