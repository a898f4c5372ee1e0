"""The store: made once and on purpose, read and appended only as its key signed it."""

import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from attestations.errors import InputError
from gatekeeper.ledger import note, store
from gatekeeper.ledger.entry import MAX_ENTRY
from gatekeeper.ledger.tree import leaf_hash, verify_consistency

ORIGIN = "log.registry.example/gatekeeper"
KINDS = ["decision", "halt", "decision", "approval", "decision"]


def code_of(action, *arguments):
    with pytest.raises(InputError) as caught:
        action(*arguments)
    return caught.value.code


def test_a_new_ledger_is_empty_and_has_a_signed_checkpoint(empty, ledger_of, signer):
    with ledger_of(empty) as ledger:
        assert ledger.origin == ORIGIN
        assert list(ledger.entries()) == []
        assert note.verify(ledger.checkpoint(), note.log_key(ORIGIN, signer.public)).size == 0
        assert ledger.verify().kinds == {}


def test_entries_come_back_in_order_with_their_kinds_and_bytes(five, ledger_of):
    with ledger_of(five) as ledger:
        found = [(entry.index, entry.kind, entry.content) for entry in ledger.entries()]
        assert found == [(index, kind, b"entry %d" % index) for index, kind in enumerate(KINDS)]
        assert [entry.index for entry in ledger.entries("decision")] == [0, 2, 4]
        assert list(ledger.entries("freeze")) == []
        assert ledger.entry(3).content == b"entry 3"


def test_verification_reports_the_head_and_the_kinds(five, ledger_of):
    with ledger_of(five) as ledger:
        report = ledger.verify()
        assert report.checkpoint == note.parse(ledger.checkpoint())[0]
        assert report.checkpoint.size == 5
        assert report.kinds == {"approval": 1, "decision": 3, "halt": 1}


def test_every_earlier_checkpoint_leads_to_the_last_by_a_consistency_proof(empty, ledger_of, signer):
    with ledger_of(empty) as ledger:
        notes = [ledger.checkpoint()]
        notes += [ledger.append(b"%d" % number, "decision", signer).checkpoint for number in range(9)]
        heads = [note.parse(text)[0] for text in notes]
        for head in heads:
            proof = ledger.consistency(head.size)
            verify_consistency(head.size, head.root, heads[-1].size, heads[-1].root, proof)


def test_entries_appended_by_another_connection_are_seen(five, ledger_of, signer):
    with ledger_of(five) as reader, ledger_of(five) as writer:
        assert len(list(reader.entries())) == 5
        writer.append(b"entry 5", "halt", signer)
        assert [entry.index for entry in reader.entries("halt")] == [1, 5]
        assert reader.append(b"entry 6", "decision", signer).index == 6


def test_of_two_who_decide_on_the_same_state_one_is_recorded_and_the_other_is_refused(five, ledger_of, signer):
    with ledger_of(five) as one, ledger_of(five) as two:
        assert one.size() == two.size() == 5
        assert one.append(b"one", "decision", signer, only_at=5).index == 5
        with pytest.raises(InputError) as caught:
            two.append(b"two", "decision", signer, only_at=5)
        assert caught.value.code == "RACE"
        assert two.append(b"two", "decision", signer, only_at=two.size()).index == 6
        assert [entry.content for entry in one.entries()][5:] == [b"one", b"two"]


@pytest.mark.parametrize("wrong", [-1, 0, 4, 6])
def test_an_entry_that_must_have_another_index_is_not_recorded(five, ledger_of, signer, wrong):
    with ledger_of(five) as ledger:
        assert code_of(lambda: ledger.append(b"x", "decision", signer, only_at=wrong)) == "RACE"
        assert ledger.verify().checkpoint.size == 5


def test_an_iteration_goes_over_the_log_as_it_was_when_it_began(five, ledger_of, signer):
    with ledger_of(five) as ledger:
        for entry in ledger.entries():
            ledger.append(b"after %d" % entry.index, "decision", signer)
        assert ledger.verify().checkpoint.size == 10


@pytest.mark.parametrize("index", [-1, 5, 2**70])
def test_an_index_outside_the_log_is_refused(five, ledger_of, index):
    with ledger_of(five) as ledger:
        assert ledger.entry(4).index == 4
        assert code_of(ledger.entry, index) == "LOG"
        assert code_of(ledger.prove, index) == "LOG"


@pytest.mark.parametrize("size", [-1, 6])
def test_a_consistency_proof_from_a_size_the_log_never_had_is_refused(five, ledger_of, size):
    with ledger_of(five) as ledger:
        assert ledger.consistency(5) == ()
        assert code_of(ledger.consistency, size) == "LOG"


@pytest.mark.parametrize("url", ["sqlite:{}", "sqlite://{}", "{}"])
def test_a_ledger_is_named_by_url_or_path(five, signer, url):
    with store.open_ledger(url.format(five), signer.public) as ledger:
        assert ledger.verify().checkpoint.size == 5


@pytest.mark.parametrize(
    "url", ["", "sqlite:", "sqlite://host/ledger.db", "postgresql://host/ledger", "sqlite:a\0b", "file://x"]
)
def test_another_url_is_refused(signer, url):
    assert code_of(store.open_ledger, url, signer.public) == "LOG"
    assert code_of(store.create, url, ORIGIN, signer) == "LOG"


def test_a_path_with_marks_of_a_uri_is_a_path(tmp_path, signer, ledger_of):
    path = tmp_path / "led#ger?mode=memory %41.db"
    store.create(f"sqlite:{path}", ORIGIN, signer)
    with ledger_of(path) as ledger:
        ledger.append(b"x", "decision", signer)
    assert path.is_file()


def test_opening_never_creates_a_ledger(tmp_path, ledger_of):
    with pytest.raises(InputError, match="no ledger at") as caught:
        ledger_of(tmp_path / "missing.db")
    assert caught.value.code == "LOG"
    assert "gatekeeper log init" in caught.value.fix
    assert list(tmp_path.iterdir()) == []


def write_foreign(path, kind):
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"not a database\n" * 400)
        case "folder":
            path.mkdir()
        case "other database":
            with closing(sqlite3.connect(path)) as raw:
                raw.execute("CREATE TABLE entries (idx INTEGER)")


@pytest.mark.parametrize("kind", ["empty", "text", "folder", "other database"])
def test_something_else_at_the_path_is_refused_and_left_alone(tmp_path, signer, ledger_of, kind):
    path = tmp_path / "other"
    write_foreign(path, kind)
    before = path.read_bytes() if path.is_file() else None
    assert code_of(ledger_of, path) == "LOG"
    assert code_of(store.create, f"sqlite:{path}", ORIGIN, signer) == "LOG"
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_ledger_is_never_created_over_another(five, signer, ledger_of):
    assert code_of(store.create, f"sqlite:{five}", ORIGIN, signer) == "LOG"
    with ledger_of(five) as ledger:
        assert ledger.verify().checkpoint.size == 5


def test_a_ledger_that_cannot_be_named_leaves_no_file(tmp_path, signer):
    assert code_of(store.create, f"sqlite:{tmp_path}/ledger.db", "two words", signer) == "LOG"
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_in_a_missing_folder_is_a_matter_of_the_disk(tmp_path, signer):
    assert code_of(store.create, f"sqlite:{tmp_path}/none/ledger.db", ORIGIN, signer) == "DURABLE"


def test_a_creation_that_fails_half_way_leaves_no_file(tmp_path, signer):
    (tmp_path / "ledger.db-wal").mkdir()  # SQLite cannot write its log there
    assert code_of(store.create, f"sqlite:{tmp_path}/ledger.db", ORIGIN, signer) == "DURABLE"
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db-wal"]


def test_only_the_ledgers_own_key_opens_it(five, signer, make_signer):
    assert code_of(store.open_ledger, f"sqlite:{five}", make_signer().public) == "LOG"
    store.open_ledger(f"sqlite:{five}", signer.public).close()


def test_only_the_ledgers_own_key_appends(five, signer, make_signer, ledger_of):
    with ledger_of(five) as ledger:
        assert code_of(ledger.append, b"x", "decision", make_signer()) == "LOG"
        assert ledger.append(b"x", "decision", signer).index == 5


@pytest.mark.parametrize(("size", "accepted"), [(0, False), (1, True), (MAX_ENTRY, True), (MAX_ENTRY + 1, False)])
def test_an_entry_has_between_one_byte_and_sixteen_mebibytes(empty, ledger_of, signer, size, accepted):
    with ledger_of(empty) as ledger:
        if accepted:
            ledger.append(bytes(size), "decision", signer)
            assert ledger.verify().checkpoint.size == 1
            assert len(ledger.entry(0).content) == size
        else:
            assert code_of(ledger.append, bytes(size), "decision", signer) == "LIMIT"
            assert ledger.verify().checkpoint.size == 0


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [("a", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("A", False), ("a\n", False), ("a b", False)],
)
def test_a_kind_is_a_short_lower_case_word(empty, ledger_of, signer, kind, accepted):
    with ledger_of(empty) as ledger:
        if accepted:
            assert ledger.append(b"x", kind, signer).index == 0
        else:
            assert code_of(ledger.append, b"x", kind, signer) == "LOG"
            assert list(ledger.entries()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET kind = kind",
        "UPDATE entries SET idx = idx + 10",
        "UPDATE checkpoints SET note = note",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE idx = 4",
        "DELETE FROM checkpoints",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE idx = 4",
        "REPLACE INTO checkpoints VALUES (3, 'x')",
        "INSERT INTO entries SELECT * FROM entries WHERE true ON CONFLICT DO UPDATE SET kind = 'x'",
        "INSERT INTO entries SELECT 9, kind, sha256, content, leaf_hash FROM entries WHERE idx = 0",
        "INSERT INTO entries SELECT NULL, kind, sha256, content, leaf_hash FROM entries WHERE idx = 0",
        "INSERT INTO checkpoints VALUES (6, 'x')",
        "INSERT INTO checkpoints VALUES (NULL, 'x')",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_recorded(five, ledger_of, statement):
    with closing(sqlite3.connect(five)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    with ledger_of(five) as ledger:
        assert ledger.verify().checkpoint.size == 5


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entries_stay",
        "CREATE TRIGGER mine AFTER INSERT ON entries BEGIN SELECT 1; END",
        "CREATE TABLE mine (x)",
        "CREATE VIEW mine AS SELECT 1",
        "ALTER TABLE entries ADD COLUMN mine ANY",
        "PRAGMA application_id = 1",
    ],
)
def test_a_ledger_whose_tables_or_triggers_were_changed_is_refused(five, ledger_of, statement):
    ledger_of(five).close()
    with closing(sqlite3.connect(five, isolation_level=None)) as raw:
        raw.execute(statement)
    assert code_of(ledger_of, five) == "LOG"


def test_entries_and_checkpoints_are_synced_in_full(five, ledger_of):
    with ledger_of(five) as ledger:
        pragmas = {
            name: ledger._connection.execute(f"PRAGMA {name}").fetchone() for name in ("synchronous", "journal_mode")
        }
        assert pragmas == {"synchronous": (2,), "journal_mode": ("wal",)}


def test_an_entry_changed_while_the_log_is_read_is_refused(five, ledger_of, tamper):
    with ledger_of(five) as ledger:
        entries = ledger.entries()
        assert next(entries).content == b"entry 0"
        row = (sha256(b"x").digest(), b"x", leaf_hash(b"halt\nx"))
        tamper(five, ("UPDATE entries SET sha256 = ?, content = ?, leaf_hash = ? WHERE idx = 1", *row))
        assert code_of(next, entries) == "LOG"


def test_an_entry_taken_out_while_the_log_is_read_is_refused(five, ledger_of, tamper):
    with ledger_of(five) as ledger:
        entries = ledger.entries()
        assert next(entries).content == b"entry 0"
        tamper(five, ("DELETE FROM entries WHERE idx = 1",))
        assert code_of(next, entries) == "LOG"
