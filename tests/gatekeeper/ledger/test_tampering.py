"""Threat family E7: what an administrator of the file can do to it, and that it is found. Each with its allow twin.

`clock-back` has no variant here: a ledger entry has no time of its own, its order is its index.
"""

import hashlib
import shutil
import sqlite3
from contextlib import closing

import pytest

from attestations.errors import InputError
from gatekeeper.ledger import note
from gatekeeper.ledger.note import Checkpoint
from gatekeeper.ledger.tree import MerkleTree, leaf_hash

ORIGIN = "log.registry.example/gatekeeper"


def entry_row(index, kind, content):
    return index, kind, hashlib.sha256(content).digest(), content, leaf_hash(kind.encode() + b"\n" + content)


def row_count(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM checkpoints)").fetchone()


def code_of(action, *arguments):
    with pytest.raises(InputError) as caught:
        action(*arguments)
    return caught.value.code


@pytest.fixture
def found(signer, ledger_of):
    """Check that a ledger is refused by every way in, and that nothing is appended to it."""

    def uses(path):
        return (
            lambda ledger: ledger.verify(),
            lambda ledger: ledger.checkpoint(),
            lambda ledger: list(ledger.entries()),
            lambda ledger: list(ledger.entries("freeze")),
            lambda ledger: list(ledger.export()),
            lambda ledger: ledger.prove(0),
            lambda ledger: ledger.append(b"one more", "decision", signer),
        )

    def check(path):
        before = row_count(path)
        for use in uses(path):
            with pytest.raises(InputError) as caught, ledger_of(path) as ledger:
                use(ledger)
            assert caught.value.code == "LOG"
        assert row_count(path) == before

    return check


@pytest.fixture
def intact(signer, ledger_of):
    """Check that a ledger is accepted, and can be continued."""

    def check(path, size=5, saved=None):
        with ledger_of(path) as ledger:
            assert ledger.verify(saved).checkpoint.size == size
            assert ledger.append(b"one more", "decision", signer).index == size
            assert ledger.verify(saved).checkpoint.size == size + 1

    return check


@pytest.fixture
def checkpoint_of(five, ledger_of):
    with ledger_of(five) as ledger:
        return ledger.checkpoint()


REPLACE = "UPDATE entries SET idx = ?, kind = ?, sha256 = ?, content = ?, leaf_hash = ? WHERE idx = ?"
TAMPERED = {
    "truncate": [("DELETE FROM entries WHERE idx >= 3",)],
    "delete": [("DELETE FROM entries WHERE idx = 2",)],
    "delete all": [("DELETE FROM entries",)],
    "delete and close the gap": [
        ("DELETE FROM entries WHERE idx = 2",),
        ("UPDATE entries SET idx = idx - 1 WHERE idx > 2",),
        ("DELETE FROM checkpoints WHERE size = 5",),
    ],
    "gap": [("UPDATE entries SET idx = idx + 10 WHERE idx >= 3",)],
    "last checkpoint under another size": [("UPDATE checkpoints SET size = 9 WHERE size = 5",)],
    "reorder": [
        ("UPDATE entries SET idx = 99 WHERE idx = 1",),
        ("UPDATE entries SET idx = 1 WHERE idx = 2",),
        ("UPDATE entries SET idx = 2 WHERE idx = 99",),
    ],
    "edit": [("UPDATE entries SET content = CAST('entry x' AS BLOB) WHERE idx = 1",)],
    "edit with its digests": [(REPLACE, *entry_row(1, "halt", b"entry x"), 1)],
    "relabel": [("UPDATE entries SET kind = 'decision' WHERE idx = 1",)],
    "relabel with its digests": [(REPLACE, *entry_row(1, "decision", b"entry 1"), 1)],
    "index-reuse": [(REPLACE, *entry_row(2, "approval", b"entry 3"), 2)],
    "old-checkpoint": [("UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 2) WHERE size = 5",)],
    "last checkpoint taken out": [("DELETE FROM checkpoints WHERE size = 5",)],
    "no checkpoint": [("DELETE FROM checkpoints",)],
    "torn-tail, half an entry": [("UPDATE entries SET content = substr(content, 1, 3) WHERE idx = 4",)],
    "torn-tail, no content": [("UPDATE entries SET content = x'' WHERE idx = 4",)],
    "torn-tail, no checkpoint": [("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", *entry_row(5, "halt", b"x"))],
    "kind that is no word": [("UPDATE entries SET kind = 'halt' || char(10) || 'x' WHERE idx = 1",)],
    "note that is no text": [("UPDATE checkpoints SET note = CAST(x'ff' AS TEXT) WHERE size = 5",)],
    "leaf hash": [("UPDATE entries SET leaf_hash = zeroblob(32) WHERE idx = 0",)],
    "digest": [("UPDATE entries SET sha256 = zeroblob(32) WHERE idx = 0",)],
}


@pytest.mark.parametrize("statements", TAMPERED.values(), ids=TAMPERED)
def test_a_ledger_that_was_tampered_with_is_refused(five, tamper, found, statements):
    tamper(five, *statements)
    found(five)


def test_an_untouched_ledger_is_accepted_even_if_its_triggers_were_made_anew(five, tamper, intact):
    tamper(five)
    intact(five)


def test_a_checkpoint_with_an_extension_line_is_refused_although_the_key_signed_it(
    five, tamper, found, signer, checkpoint_of
):
    text = checkpoint_of.partition("\n\n")[0] + "\nquiet word\n"
    line = note.encode(note.log_key(ORIGIN, signer.public).id + signer.sign(text.encode()))
    tamper(five, ("UPDATE checkpoints SET note = ? WHERE size = 5", f"{text}\n— {ORIGIN} {line}\n"))
    found(five)


def test_a_checkpoint_with_an_unknown_signature_line_is_accepted(five, tamper, intact, checkpoint_of):
    witness = f"— witness.example/w1 {note.encode(b'abcd' + bytes(72))}\n"
    tamper(five, ("UPDATE checkpoints SET note = ? WHERE size = 5", checkpoint_of + witness))
    intact(five)


def re_sign(path, tamper, signer, leaves):
    tree = MerkleTree(leaves)
    roots = [(size, tree.root(size)) for size in range(len(leaves) + 1)]
    notes = [(size, note.sign(Checkpoint(origin=ORIGIN, size=size, root=root), signer)) for size, root in roots]
    tamper(path, *(("UPDATE checkpoints SET note = ? WHERE size = ?", text, size) for size, text in notes))


LEAVES = [
    entry_row(i, k, b"entry %d" % i)[4] for i, k in enumerate(["decision", "halt", "decision", "approval", "decision"])
]


def test_a_ledger_that_another_key_signed_throughout_is_refused(five, tamper, found, make_signer):
    re_sign(five, tamper, make_signer(), LEAVES)
    found(five)


def test_the_same_ledger_signed_again_by_its_own_key_is_accepted(five, tamper, intact, signer):
    re_sign(five, tamper, signer, LEAVES)
    intact(five)


def test_a_root_that_the_key_signed_but_the_entries_do_not_give_is_refused(five, tamper, found, signer):
    re_sign(five, tamper, signer, [LEAVES[1], *LEAVES[1:]])
    found(five)


@pytest.mark.parametrize("size", range(5))
def test_an_earlier_checkpoint_that_was_changed_is_found_by_verification(five, tamper, ledger_of, signer, size):
    forged = note.sign(Checkpoint(origin=ORIGIN, size=size, root=bytes(32)), signer)
    tamper(five, ("UPDATE checkpoints SET note = ? WHERE size = ?", forged, size))
    with ledger_of(five) as ledger:
        assert code_of(ledger.verify) == "LOG"


def test_an_earlier_checkpoint_that_tells_another_size_is_found_by_verification(five, tamper, ledger_of, signer):
    forged = note.sign(Checkpoint(origin=ORIGIN, size=3, root=MerkleTree(LEAVES).root(2)), signer)
    tamper(five, ("UPDATE checkpoints SET note = ? WHERE size = 2", forged))
    with ledger_of(five) as ledger:
        assert code_of(ledger.verify) == "LOG"


def test_an_entry_that_was_blown_up_is_refused_before_it_is_read(five, tamper, ledger_of):
    tamper(five, ("UPDATE entries SET content = zeroblob(18 * 1024 * 1024) WHERE idx = 1",))
    with ledger_of(five) as ledger, pytest.raises(InputError, match="too big") as caught:
        ledger.verify()
    assert caught.value.code == "LOG"


def test_an_earlier_checkpoint_that_was_taken_out_is_found_by_verification(five, tamper, ledger_of):
    tamper(five, ("DELETE FROM checkpoints WHERE size = 2",))
    with ledger_of(five) as ledger:
        assert code_of(ledger.verify) == "LOG"


def test_an_old_copy_of_the_ledger_is_refused_against_a_saved_checkpoint(five, tmp_path, signer, ledger_of, intact):
    old = shutil.copy(five, tmp_path / "old.db")
    with ledger_of(five) as ledger:
        saved = ledger.append(b"entry 5", "halt", signer).checkpoint
    with ledger_of(old) as ledger:
        assert ledger.verify().checkpoint.size == 5  # a whole old copy is intact in itself: only the outside can tell
        assert code_of(ledger.verify, saved) == "LOG"
    intact(five, size=6, saved=saved)


def test_two_histories_are_told_apart_by_a_saved_checkpoint(five, tmp_path, signer, ledger_of, intact):
    fork = shutil.copy(five, tmp_path / "fork.db")
    with ledger_of(five) as ledger:
        saved = ledger.append(b"entry 5", "halt", signer).checkpoint
    with ledger_of(fork) as ledger:
        ledger.append(b"another entry 5", "decision", signer)
        ledger.append(b"entry 6", "decision", signer)
        assert ledger.verify().checkpoint.size == 7
        assert code_of(ledger.verify, saved) == "LOG"
    intact(five, size=6, saved=saved)


def test_a_saved_checkpoint_counts_only_with_the_ledgers_own_signature(five, ledger_of, signer, make_signer):
    with ledger_of(five) as ledger:
        saved = ledger.checkpoint()
        assert ledger.verify(saved).checkpoint.size == 5
        head = note.parse(saved)[0]
        assert code_of(ledger.verify, note.sign(head, make_signer())) == "LOG"
        other = Checkpoint(origin="log.registry.example/other", size=head.size, root=head.root)
        assert code_of(ledger.verify, note.sign(other, signer)) == "LOG"


def test_text_is_no_content(five, tamper):
    with pytest.raises(sqlite3.IntegrityError, match="TEXT value in BLOB column"):
        tamper(five, ("UPDATE entries SET content = 'entry x' WHERE idx = 1",))


COLUMNS = {
    "UPDATE entries SET kind = CAST(? AS TEXT) WHERE idx = ?": "SELECT CAST(kind AS BLOB), idx FROM entries",
    "UPDATE entries SET sha256 = ? WHERE idx = ?": "SELECT sha256, idx FROM entries",
    "UPDATE entries SET content = ? WHERE idx = ?": "SELECT content, idx FROM entries",
    "UPDATE entries SET leaf_hash = ? WHERE idx = ?": "SELECT leaf_hash, idx FROM entries",
    "UPDATE checkpoints SET note = CAST(? AS TEXT) WHERE size = ?": "SELECT CAST(note AS BLOB), size FROM checkpoints",
}


@pytest.mark.parametrize(("update", "select"), COLUMNS.items(), ids=["kind", "digest", "content", "leaf hash", "note"])
def test_every_single_byte_of_the_tables_matters(empty, ledger_of, signer, update, select):
    with ledger_of(empty) as ledger, closing(sqlite3.connect(empty, isolation_level=None)) as raw:
        for number in range(2):
            ledger.append(b"entry %d" % number, "decision", signer)
        raw.execute("DROP TRIGGER entries_stay")
        raw.execute("DROP TRIGGER checkpoints_stay")
        for value, row in raw.execute(select).fetchall():
            for place in range(len(value)):
                raw.execute(update, (value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :], row))
                assert code_of(ledger.verify) == "LOG"
            raw.execute(update, (value, row))
        assert ledger.verify().checkpoint.size == 2


def read_all(path, ledger_of):
    """What a ledger file gives: its entries with their proofs, or the code of its refusal."""
    try:
        with ledger_of(path) as ledger:
            ledger.verify()
            return list(ledger.export())
    except InputError as error:
        return error.code


def test_a_changed_byte_of_the_file_never_changes_what_is_read(five, tmp_path, ledger_of):
    """Where SQLite keeps nothing, a change may pass; then every entry is still the one that was recorded."""
    recorded = read_all(five, ledger_of)
    content = five.read_bytes()
    results = []
    for place in range(0, len(content), 61):
        copy = tmp_path / f"{place}.db"
        copy.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        results.append(read_all(copy, ledger_of))
    assert len(recorded) == 5
    assert [result for result in results if result not in ("LOG", "DURABLE", recorded)] == []
    assert results.count("LOG") > 30


def test_damage_that_no_entry_shows_yet_is_found_by_verification(five, ledger_of):
    content = bytearray(five.read_bytes())
    content[39] ^= 1  # the number of free pages, in SQLite's file header
    five.write_bytes(content)
    with ledger_of(five) as ledger:
        assert len(list(ledger.entries())) == 5
        assert code_of(ledger.verify) == "LOG"
