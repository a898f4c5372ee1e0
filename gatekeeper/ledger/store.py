"""The ledger: entries and signed checkpoints, appended together; what it returns, the log's key has signed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from attestations.errors import InputError
from attestations.keys import PublicKey
from attestations.signers import Signer
from gatekeeper.ledger import database, note, proof
from gatekeeper.ledger.entry import Entry, check_size, leaf_data
from gatekeeper.ledger.note import Checkpoint
from gatekeeper.ledger.refusal import refusal
from gatekeeper.ledger.tree import EMPTY_ROOT, MerkleTree, leaf_hash

if TYPE_CHECKING:
    import sqlite3

ENTRIES = "SELECT idx, kind, sha256, content, leaf_hash FROM entries"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What append returns: the entry's place, and the proof and checkpoint that show it to others."""

    index: int
    proof: str
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a full verification found: the head of the log and how many entries of each kind lead to it."""

    checkpoint: Checkpoint
    kinds: Mapping[str, int]


def create(url: str, origin: str, signer: Signer) -> None:
    """Create an empty ledger with a signed checkpoint of size 0; raise InputError (LOG, DURABLE) if that cannot be.

    The only place where a ledger comes into being: a wrong path or an empty volume must never start a second history.
    """
    first = note.sign(Checkpoint(origin=origin, size=0, root=EMPTY_ROOT), signer)
    database.create_file(database.path_of(url), first)


def open_ledger(url: str, key: PublicKey) -> "Ledger":
    """Return the ledger at `url`; raise InputError (LOG) if there is none or `key` did not sign its last checkpoint."""
    path = database.path_of(url)
    return Ledger(path, database.open_file(path), key)


class Ledger:
    """An open ledger. All entries must give the last signed checkpoint before anything is returned or appended."""

    def __init__(self, path: Path, connection: "sqlite3.Connection", key: PublicKey) -> None:
        self._path = path
        self._connection = connection
        self._forget()
        try:
            with database.errors_explained(path):
                last = self._last_note()
            self._key = note.log_key(note.parse(last)[0].origin, key)
            note.verify(last, self._key)
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def origin(self) -> str:
        """The log's name, as its key signed it."""
        return self._key.origin

    def append(self, content: bytes, kind: str, signer: Signer, *, only_at: int | None = None) -> Receipt:
        """Record an entry; return when it and its signed checkpoint are durable.

        `only_at` is the index it must get, for a caller that has acted on what stood before it: compare and swap.
        Raises InputError (RACE) if another entry has that index, (LOG) if the ledger is damaged or the signer is not
        its own, (DURABLE) if the disk fails; then nothing was recorded.
        """
        check_size(content)
        leaf = leaf_hash(leaf_data(kind, content))
        self._check_signer(signer)
        with self._transaction("IMMEDIATE"):  # from here to the commit no other process can append
            self._catch_up()
            index = self._tree.size
            if only_at not in {None, index}:
                raise _overtaken(index, only_at)
            row = (index, kind, sha256(content).digest(), content, leaf)
            self._connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)
            self._see(kind, leaf)
            head = Checkpoint(origin=self.origin, size=index + 1, root=self._tree.root(index + 1))
            signed = note.sign(head, signer)
            self._connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (head.size, signed))
        path = self._tree.inclusion_proof(index, head.size)
        return Receipt(index=index, proof=proof.write(index, path, signed), checkpoint=signed)

    def size(self) -> int:
        """Return the number of entries; raise InputError (LOG) if they do not give the last checkpoint."""
        self.checkpoint()
        return self._tree.size

    def checkpoint(self) -> str:
        """Return the last checkpoint, a signed note; raise InputError (LOG) if the entries do not give it."""
        with self._transaction("DEFERRED"):
            return self._catch_up()

    def entries(self, kind: str | None = None) -> Iterator[Entry]:
        """Yield the entries in order, all or those of one kind; raise InputError (LOG) if the ledger is damaged."""
        size = self.size()
        tree, kinds = self._tree, self._kinds
        for index in range(size):
            if kind in {None, kinds[index]}:
                yield self._read(index, tree)

    def entry(self, index: int) -> Entry:
        """Return the entry at `index`; raise InputError (LOG) if there is none or the ledger is damaged."""
        self.checkpoint()
        self._check_index(index)
        return self._read(index, self._tree)

    def prove(self, index: int) -> str:
        """Return the proof that the last checkpoint covers entry `index`; raise InputError (LOG) if there is none."""
        last = self.checkpoint()
        self._check_index(index)
        return proof.write(index, self._tree.inclusion_proof(index, self._tree.size), last)

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """Return the proof that the log of `old_size` begins this one; raise InputError (LOG) if this is smaller."""
        size = self.size()
        if not 0 <= old_size <= size:
            raise refusal(f"a log size of {old_size}", wanted=f"0 to {size}")
        return self._tree.consistency_proof(old_size, size) if old_size else ()

    def export(self) -> Iterator[tuple[Entry, str]]:
        """Yield every entry in order with its proof under the last checkpoint; raise InputError (LOG) on damage."""
        last = self.checkpoint()
        tree, size = self._tree, self._tree.size
        for index in range(size):
            yield self._read(index, tree), proof.write(index, tree.inclusion_proof(index, size), last)

    def verify(self, saved: str | None = None) -> Verified:
        """Derive everything anew from all entries: indexes, digests, leaves, and root and signature of each checkpoint.

        `saved` is a checkpoint that was kept elsewhere: it must be one that this log passed through. Without it an
        older copy of the whole file looks intact. Raises InputError (LOG) for the first thing that is wrong.
        """
        self._forget()
        with self._transaction("DEFERRED"):
            self._check_file()
            head = note.verify(self._catch_up(), self._key)
            self._check_all_checkpoints()
            if saved is not None:
                self._check_saved(saved)
        return Verified(checkpoint=head, kinds=dict(sorted(Counter(self._kinds).items())))

    @contextmanager
    def _transaction(self, mode: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[None]:
        try:
            with database.transaction(self._connection, self._path, mode):
                yield
        except BaseException:
            self._forget()  # what was seen in a transaction that did not end well may not be so
            raise

    def _forget(self) -> None:
        self._tree = MerkleTree()
        self._kinds: list[str] = []

    def _see(self, kind: str, leaf: bytes) -> None:
        self._tree.append(leaf)
        self._kinds.append(kind)

    def _catch_up(self) -> str:
        """Check the entries not yet seen and that all of them give the last checkpoint; return its note."""
        for row in self._connection.execute(f"{ENTRIES} WHERE idx >= ? ORDER BY idx", (self._tree.size,)):
            entry, leaf = _checked(row, self._tree.size)
            self._see(entry.kind, leaf)
        last = self._last_note()
        head = note.verify(last, self._key)
        if head.size != self._tree.size:
            raise refusal(
                f"{self._tree.size} entries under a checkpoint of {head.size}", wanted="as many entries as were signed"
            )
        if head.root != self._tree.root(head.size):
            raise refusal(
                "entries that do not give the root of the signed checkpoint", wanted="the entries that were signed"
            )
        return last

    def _last_note(self) -> str:
        match self._connection.execute("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone():
            case (int(size), str(text)) if note.parse(text)[0].size == size:
                return text
        raise refusal("no checkpoint, or one stored under another size", wanted="a signed checkpoint for every size")

    def _read(self, index: int, tree: MerkleTree) -> Entry:
        with database.errors_explained(self._path):
            row = self._connection.execute(f"{ENTRIES} WHERE idx = ?", (index,)).fetchone()
        entry, leaf = _checked(row, index)
        if leaf != tree.leaf(index):
            raise refusal(f"an entry {index} that was changed while it was read", wanted="the entry that was signed")
        return entry

    def _check_index(self, index: int) -> None:
        if not 0 <= index < self._tree.size:
            size = self._tree.size
            wanted = f"an index from 0 to {size - 1}" if size else "a log with entries"
            raise refusal(f"no entry {index}: the log has {size}", wanted=wanted, fix="give the index of an entry")

    def _check_signer(self, signer: Signer) -> None:
        if signer.public.fingerprint != self._key.key.fingerprint:
            raise refusal(
                f"the signing key {signer.public.fingerprint}",
                wanted=f"the key that signs this ledger, {self._key.key.fingerprint}",
                fix="sign with the ledger's own key; a new key begins a new ledger",
            )

    def _check_file(self) -> None:
        found = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != ("ok",):
            raise refusal(f"{self._path} is damaged ({found!a:.120})", wanted="an intact ledger")

    def _check_all_checkpoints(self) -> None:
        rows = self._connection.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()
        if [size for size, _ in rows] != list(range(self._tree.size + 1)):
            raise refusal(
                f"{len(rows)} checkpoints for {self._tree.size} entries", wanted="one checkpoint for every size"
            )
        for size, text in rows:
            stored = note.verify(text, self._key)
            if stored.size != size or stored.root != self._tree.root(size):
                raise refusal(f"a checkpoint of size {size} that the entries do not give", wanted="one history")

    def _check_saved(self, text: str) -> None:
        saved = note.verify(text, self._key)
        if saved.size > self._tree.size or saved.root != self._tree.root(saved.size):
            raise refusal(
                f"a log of {self._tree.size} entries that does not continue the saved checkpoint of {saved.size}",
                wanted="the log that the checkpoint was taken from, or a later state of it",
            )


def _checked(row: object, expected: int) -> tuple[Entry, bytes]:
    """Return the entry in a row and its leaf hash; raise InputError (LOG) unless all columns agree with the content."""
    match row:
        case (int(index), str(kind), bytes(digest), bytes(content), bytes(leaf)) if index == expected:
            intact = digest == sha256(content).digest() and leaf == leaf_hash(leaf_data(kind, content))
            if intact:
                return Entry(index=index, kind=kind, content=content), leaf
    raise refusal(
        f"an entry {expected} that is missing or was changed", wanted="entries 0, 1, 2 ... as they were recorded"
    )


def _overtaken(index: int, wanted: int | None) -> InputError:
    return InputError(
        "RACE",
        found=f"a ledger of {index} entries",
        wanted=f"the {wanted} entries that were there when this was decided",
        fix="do it again: what was recorded in the meantime may change the result",
    )
