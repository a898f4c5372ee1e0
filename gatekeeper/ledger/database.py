"""The SQLite file under the ledger: its schema, how it is made, opened and written, and what its errors mean."""

import os
import sqlite3
import urllib.parse
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from attestations.durable import sync_folder
from attestations.errors import InputError
from gatekeeper.ledger.entry import MAX_ENTRY
from gatekeeper.ledger.refusal import refusal

APPLICATION_ID = 0x474B4C47  # "GKLG"
BUSY_MILLISECONDS = 5000
LONGEST_VALUE = MAX_ENTRY + 1024 * 1024  # what SQLite may hold in one row, so that a damaged file cannot ask for more

SCHEMA = (
    """CREATE TABLE entries (
        idx INTEGER PRIMARY KEY CHECK (idx >= 0),
        kind TEXT NOT NULL,
        sha256 BLOB NOT NULL,
        content BLOB NOT NULL,
        leaf_hash BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE checkpoints (
        size INTEGER PRIMARY KEY CHECK (size >= 0),
        note TEXT NOT NULL
    ) STRICT""",
    """CREATE TRIGGER entries_are_contiguous BEFORE INSERT ON entries
        WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM entries)
        BEGIN SELECT RAISE(ABORT, 'the next entry must follow the last'); END""",
    """CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END""",
    """CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END""",
    """CREATE TRIGGER checkpoints_cover_all_entries BEFORE INSERT ON checkpoints
        WHEN NEW.size IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM entries)
        BEGIN SELECT RAISE(ABORT, 'a checkpoint must cover exactly the entries there are'); END""",
    """CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END""",
    """CREATE TRIGGER checkpoints_are_kept BEFORE DELETE ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END""",
)
"""An administrator can drop the triggers: then the schema differs; and if it does not, tree and signatures tell."""

DISK_TROUBLE = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "an input/output error",
    sqlite3.SQLITE_READONLY: "a file or folder that cannot be written",
    sqlite3.SQLITE_CANTOPEN: "a file or folder that cannot be opened",
    sqlite3.SQLITE_PERM: "a file that may not be opened",
    sqlite3.SQLITE_NOMEM: "not enough memory",
    sqlite3.SQLITE_BUSY: f"a ledger that others kept locked for {BUSY_MILLISECONDS} milliseconds",
}


def path_of(url: str) -> Path:
    """Return the file that `sqlite:PATH`, `sqlite:///PATH` or a plain path names; raise InputError (LOG) otherwise."""
    rest = url.removeprefix("sqlite:")
    if rest.startswith("///"):
        rest = rest.removeprefix("//")
    if not rest or "\0" in rest or "://" in rest or rest.startswith("//"):
        raise refusal(
            f"the ledger URL {url!a:.120}", wanted="sqlite:PATH", fix="name the ledger's file, such as sqlite:ledger.db"
        )
    return Path(rest)


def create_file(path: Path, first_checkpoint: str) -> None:
    """Make the empty ledger at `path`, durably; raise InputError: LOG if a file is there, DURABLE if the disk fails."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o640))
    except FileExistsError:
        raise refusal(
            f"{path} exists already",
            wanted="a path where nothing is",
            fix="choose another path; a ledger is never replaced",
        ) from None
    except OSError as error:
        raise _not_durable(path, error.strerror or "an error") from None
    try:
        _fill(path, first_checkpoint)
        sync_folder(path.parent)
    except BaseException:
        path.unlink()  # made by this very call, and nobody was told of it
        raise


def open_file(path: Path) -> sqlite3.Connection:
    """Return a connection to the ledger at `path`; raise InputError (LOG) if there is none: none is ever made here."""
    if not path.is_file():
        raise refusal(f"no ledger at {path}", wanted="a ledger that was created before", fix=_init_hint(path))
    with errors_explained(path):
        connection = _connect(path)
        try:
            _check_identity(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path, mode: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[None]:
    """Run the block in one transaction: all of it is durable when the block ends, or nothing happened."""
    with errors_explained(path):
        connection.execute(f"BEGIN {mode}")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # after some disk errors SQLite has rolled back already
                connection.execute("ROLLBACK")
            raise


@contextmanager
def errors_explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors in the block into InputError: DURABLE for the disk's, LOG for a damaged or foreign file."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)  # absent where Python could not read the text
        trouble = DISK_TROUBLE.get(code & 0xFF)
        if trouble:
            raise _not_durable(path, trouble) from None
        raise refusal(f"{path} is damaged or not a ledger ({error!a:.120})", wanted="an intact ledger") from None


def _fill(path: Path, first_checkpoint: str) -> None:
    with errors_explained(path), closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection, path, "IMMEDIATE"):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO checkpoints VALUES (0, ?)", (first_checkpoint,))


def _connect(path: Path) -> sqlite3.Connection:
    # mode=rw: SQLite must never make the file. isolation_level None: every transaction here is explicit.
    uri = f"file:{urllib.parse.quote(str(path.absolute()))}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    found = {row[0] for row in connection.execute("SELECT sql FROM sqlite_schema")}
    application = connection.execute("PRAGMA application_id").fetchone()
    if application != (APPLICATION_ID,) or found != set(SCHEMA):
        raise refusal(
            f"{path} is not a ledger, or its tables or triggers were changed", wanted="a ledger", fix=_init_hint(path)
        )


def _init_hint(path: Path) -> str:
    return f"check the path; a new ledger is created once, with:  gatekeeper log init --ledger sqlite:{path}"


def _not_durable(path: Path, found: str) -> InputError:
    return InputError(
        "DURABLE",
        found=f"{found} ({path})",
        wanted="a ledger that can be written and synced to disk; nothing was recorded",
        fix="repair the disk or its permissions, run `gatekeeper log verify`, then do it again",
    )
