"""C2SP transparency log proofs (c2sp.org/tlog-proof@v1): one text file shows offline that an entry is in the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from attestations.errors import InputError
from attestations.keys import PublicKey
from gatekeeper.ledger import note
from gatekeeper.ledger.entry import leaf_data
from gatekeeper.ledger.refusal import refusal
from gatekeeper.ledger.tree import leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 64


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a proof file says; nothing in it is verified yet."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str


def verify(kind: str, content: bytes, proof: str, *, origin: str, key: PublicKey) -> note.Checkpoint:
    """Return the checkpoint that covers the entry, signed by the log of `origin` and `key`.

    Raises InputError (LOG) if the proof is malformed, of another log, of another entry, or shows nothing.
    """
    claimed = parse(proof)
    checkpoint = note.verify(claimed.checkpoint, note.log_key(origin, key))
    verify_inclusion(leaf_hash(leaf_data(kind, content)), claimed.index, checkpoint.size, claimed.path, checkpoint.root)
    return checkpoint


def write(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return the text of a proof (tlog-proof, "Format")."""
    lines = (HEADER, f"index {index}", *(note.encode(node) for node in path))
    return "\n".join(lines) + "\n\n" + checkpoint


def parse(text: str) -> Proof:
    """Return what a proof file says, nothing verified; raise InputError (LOG) for a malformed one.

    The optional `extra` line is refused: nothing signs it, so it could only mislead.
    """
    head, _, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER:
        raise _malformed(f"a first line {header!a:.60}")
    if not lines or not lines[0].startswith("index ") or not note.DECIMAL.fullmatch(lines[0].removeprefix("index ")):
        raise _malformed(f"{''.join(lines[:1])!a:.60} where the line `index N` belongs")
    if len(lines) - 1 > MAX_HASHES:
        raise _malformed(f"an inclusion proof of {len(lines) - 1} hashes")
    path = tuple(note.decode_hash(line) for line in lines[1:])
    return Proof(index=int(lines[0].removeprefix("index ")), path=path, checkpoint=checkpoint)


def _malformed(found: str) -> InputError:
    return refusal(
        found,
        wanted=f"a proof in the form {HEADER}, without an extra line",
        fix="get a new proof with `gatekeeper log prove`",
    )
