"""The SQLite file of the state: its tables, and how they are made, opened, read and written.

Each owner is sealed with a secret that the file does not hold, and so are the facts: what was changed in the file
behind our back is noticed when it is used. The entries are computed from the owners.
"""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from attestations.durable import sync_folder
from attestations.zone.incremental.ownership import insist_on_own
from attestations.zone.incremental.refusal import full_pass_needed, unusable
from attestations.zone.reading.names import ROOT
from attestations.zone.reading.sorting import key_of

APPLICATION_ID = 0x475A5354  # "GZST"
MAX_VALUE = 64 * 1024 * 1024
"""octets in one row, so that a damaged file cannot ask for more"""
FOREVER = 2**62
_BUSY_SECONDS = 5.0
_SEAL_SIZE = 16
_END = b"\xff" * 1024

_SCHEMA = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    "CREATE TABLE facts (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL, seal BLOB NOT NULL) STRICT",
    """CREATE TABLE owners (
        id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, lines BLOB NOT NULL,
        expires INTEGER NOT NULL, flagged INTEGER NOT NULL, seal BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE entries (
        kind INTEGER NOT NULL, entry BLOB NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, entry)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE staged (kind INTEGER NOT NULL, entry BLOB NOT NULL) STRICT",
)
_INDEXES = (
    "INSERT INTO entries SELECT kind, entry, count(*) FROM staged GROUP BY kind, entry",
    "DROP TABLE staged",
    "CREATE INDEX negative_entries ON entries (count) WHERE count < 0",
    "CREATE INDEX absent_entries ON entries (count) WHERE count = 0",
    "CREATE INDEX owners_by_expiry ON owners (expires)",
    "CREATE INDEX flagged_owners ON owners (key) WHERE flagged",
)
_OWNERS = "SELECT key, lines, expires, flagged, seal FROM owners "

Entry = tuple[int, bytes]
"""kind and octets; the same one may be there many times"""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """One owner as it was judged."""

    key: bytes
    """reading.sorting.key_of its name"""
    lines: tuple[bytes, ...] = field(repr=False)
    """flat"""
    expires: int
    """when the first of its signatures does, in seconds since 1970; FOREVER without any"""
    flagged: bool
    """something was found at it, though nothing that makes the zone invalid: it is judged again each time"""


class Store:
    """An open state file."""

    def __init__(self, connection: sqlite3.Connection, secret: bytes) -> None:
        self._connection = connection
        self._secret = secret

    def facts(self) -> bytes:
        """Return the facts; raise InputError (DNS-STATE) without any that are sealed with the secret."""
        row = self._connection.execute("SELECT content, seal FROM facts").fetchone()
        if row is None or not secrets.compare_digest(row[1], self._seal(row[0])):
            raise full_pass_needed("a state that is not sealed with this secret")
        return bytes(row[0])

    def put_facts(self, content: bytes) -> None:
        """Put facts in the place of those that are there."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (1, ?, ?)", (content, self._seal(content)))

    def owner(self, key: bytes) -> Owner | None:
        """Return the owner with this key; raise InputError (DNS-STATE) for one that was changed behind our back."""
        return next(self._owners(f"{_OWNERS} WHERE key = ?", key), None)

    def owners(self) -> Iterator[Owner]:
        """Yield all owners; raise as `owner` does, and so do the next ones."""
        return self._owners(_OWNERS)

    def owners_below(self, name: bytes) -> Iterator[Owner]:
        """Yield the owners below a name, given in wire form."""
        beginning = key_of(name)[:-1] + b"\1" if name != ROOT else b""
        return self._owners(
            f"{_OWNERS} WHERE key > ? AND key < ?", beginning, beginning[:-1] + b"\2" if beginning else _END
        )

    def owners_expired(self, now: int) -> Iterator[Owner]:
        """Yield the owners with a signature that has expired."""
        return self._owners(f"{_OWNERS} WHERE expires < ?", now)

    def owners_flagged(self) -> Iterator[Owner]:
        """Yield the owners at which something was found."""
        return self._owners(f"{_OWNERS} WHERE flagged")

    def some_owners(self, count: int) -> Iterator[Owner]:
        """Yield so many owners at random, drawn with the system's random source."""
        (last,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM owners").fetchone()
        for _ in range(count if last else 0):
            yield from self._owners(f"{_OWNERS} WHERE id >= ? ORDER BY id LIMIT 1", 1 + secrets.randbelow(last))

    def put_owners(self, owners: Iterable[Owner]) -> None:
        """Add owners, or put them in the place of what was there."""
        self._connection.executemany(
            "INSERT INTO owners (key, lines, expires, flagged, seal) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET lines = excluded.lines, expires = excluded.expires,"
            " flagged = excluded.flagged, seal = excluded.seal",
            map(self._row, owners),
        )

    def remove_owners(self, keys: Iterable[bytes]) -> None:
        """Remove owners."""
        self._connection.executemany("DELETE FROM owners WHERE key = ?", ((key,) for key in keys))

    def stage(self, entries: Iterable[Entry]) -> None:
        """Take entries of a new state one by one."""
        self._connection.executemany("INSERT INTO staged VALUES (?, ?)", entries)

    def settle(self) -> None:
        """Count what was staged; SQLite sorts it on disk."""
        for statement in _INDEXES:
            self._connection.execute(statement)

    def add_entries(self, changes: Mapping[Entry, int]) -> None:
        """Change how many times entries are there; raise InputError (DNS-STATE) for fewer times than never."""
        self._connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?)"
            " ON CONFLICT (kind, entry) DO UPDATE SET count = count + excluded.count",
            ((kind, entry, change) for (kind, entry), change in changes.items() if change),
        )
        if self._connection.execute("SELECT 1 FROM entries WHERE count < 0").fetchone():
            raise full_pass_needed("a step that takes away what is not there")
        self._connection.execute("DELETE FROM entries WHERE count = 0")

    def count(self, kind: int, entry: bytes) -> int:
        """Return how many times an entry is there."""
        query = "SELECT count FROM entries WHERE kind = ? AND entry = ?"
        row = self._connection.execute(query, (kind, entry)).fetchone()
        return int(row[0]) if row else 0

    def entries_between(self, kind: int, first: bytes, before: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield entries in order, from one on and before another, and how many times each is there."""
        query = "SELECT entry, count FROM entries WHERE kind = ? AND entry >= ? AND entry < ? ORDER BY entry"
        return iter(self._connection.execute(query, (kind, first, before)))

    def last_entry(self, kind: int, before: bytes) -> bytes | None:
        """Return the last entry that sorts before some octets."""
        query = "SELECT entry FROM entries WHERE kind = ? AND entry < ? ORDER BY entry DESC LIMIT 1"
        return self._entry(query, kind, before)

    def first_entry(self, kind: int, first: bytes) -> bytes | None:
        """Return the first entry that does not sort before some octets."""
        query = "SELECT entry FROM entries WHERE kind = ? AND entry >= ? ORDER BY entry LIMIT 1"
        return self._entry(query, kind, first)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do what follows whole or, if it raises, not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    def _entry(self, query: str, kind: int, bound: bytes) -> bytes | None:
        row = self._connection.execute(query, (kind, bound)).fetchone()
        return bytes(row[0]) if row else None

    def _owners(self, query: str, *values: bytes | int) -> Iterator[Owner]:
        for row in self._connection.execute(query, values):
            key, lines, expires, flagged, _ = row
            owner = Owner(key=key, lines=tuple(lines.split(b"\n")), expires=expires, flagged=bool(flagged))
            if not secrets.compare_digest(self._row(owner)[4], row[4]):
                raise full_pass_needed("an owner in the state that was changed behind our back")
            yield owner

    def _row(self, owner: Owner) -> tuple[bytes, bytes, int, int, bytes]:
        lines = b"\n".join(owner.lines)
        head = len(owner.key).to_bytes(2, "big") + owner.key + owner.expires.to_bytes(8, "big") + bytes([owner.flagged])
        return owner.key, lines, owner.expires, int(owner.flagged), self._seal(head + lines)

    def _seal(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, digest_size=_SEAL_SIZE, key=self._secret, person=b"zone-state").digest()


@contextmanager
def opened(path: Path, secret: bytes) -> Iterator[Store]:
    """Give the state at `path`; raise InputError (DNS-STATE): none, in use, damaged, or in the hands of others."""
    with _explained(path):
        insist_on_own(path.parent)
        insist_on_own(path)
    with _explained(path), closing(_connected(path)) as connection:
        if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise full_pass_needed(f"{path!s:.200}, which is no zone state")
        connection.execute("PRAGMA synchronous = FULL")
        yield Store(connection, secret)


@contextmanager
def created(path: Path, secret: bytes) -> Iterator[Store]:
    """Give a new, empty state, which is put at `path` in place of an older one when all went well.

    Raises InputError (DNS-STATE) if the disk fails, or others may write to the folder.
    """
    new = path.with_name(f".{path.name}.new")
    with _explained(path):
        insist_on_own(path.parent)
        with suppress(FileNotFoundError):
            new.unlink()
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with closing(_connected(new)) as connection:
                connection.execute("PRAGMA journal_mode = MEMORY")
                connection.execute("PRAGMA synchronous = OFF")
                for statement in _SCHEMA:
                    connection.execute(statement)
                store = Store(connection, secret)
                with store.transaction():
                    yield store
                    store.settle()
            _synced(new)
            new.replace(path)
            sync_folder(path.parent)
        finally:
            new.unlink(missing_ok=True)


def _connected(path: Path) -> sqlite3.Connection:
    # `rw`: SQLite must not make an empty file where there is none
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise unusable(path, str(error)) from None
    except OSError as error:
        raise unusable(path, error.strerror or "") from None
