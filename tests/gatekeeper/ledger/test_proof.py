"""C2SP tlog-proof@v1: a proof file shows one entry, and an independent reader with stock tools agrees."""

import base64
import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from gatekeeper.ledger import note, proof, store

ORIGIN = "log.registry.example/gatekeeper"


@pytest.fixture
def proven(five, ledger_of):
    """The kind, content and proof of each of five entries."""
    with ledger_of(five) as ledger:
        return [(entry.kind, entry.content, text) for entry, text in ledger.export()]


@pytest.fixture
def accepted(signer):
    def check(kind, content, text, origin=ORIGIN, key=signer.public):
        return proof.verify(kind, content, text, origin=origin, key=key)

    return check


@pytest.fixture
def refused(accepted):
    def check(*arguments, **named):
        with pytest.raises(InputError) as caught:
            accepted(*arguments, **named)
        assert caught.value.code == "LOG"

    return check


def test_a_proof_shows_its_entry_and_the_checkpoint_over_it(proven, accepted):
    for kind, content, text in proven:
        assert accepted(kind, content, text).size == 5


def test_a_proof_has_the_form_of_the_specification(proven):
    lines = proven[3][2].split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 3"]
    assert all(len(base64.b64decode(line)) == 32 for line in lines[2:5])
    assert lines[5:8] == ["", ORIGIN, "5"]
    assert proof.parse(proven[3][2]).index == 3


def test_a_proof_shows_no_other_content_and_no_other_kind(proven, accepted, refused):
    kind, content, text = proven[1]
    accepted(kind, content, text)
    refused(kind, content + b" ", text)
    refused(kind, proven[0][1], text)
    refused("decision", content, text)


def test_a_kind_cannot_swallow_the_beginning_of_the_content(proven, refused):
    refused("halt\nentry 1", b"", proven[1][2])


def test_a_proof_of_another_log_or_key_is_refused(proven, accepted, refused, make_signer):
    accepted(*proven[0])
    refused(*proven[0], origin="log.registry.example/other")
    refused(*proven[0], key=make_signer().public)


def test_every_single_bit_of_a_proof_matters(proven, refused):
    kind, content, text = proven[2]
    for place, character in enumerate(text):
        for bit in range(7):
            refused(kind, content, text[:place] + chr(ord(character) ^ (1 << bit)) + text[place + 1 :])


MALFORMED = {
    "extra line": lambda text: text.replace("@v1\n", "@v1\nextra aGFsdGVk\n"),
    "other version": lambda text: text.replace("@v1", "@v2"),
    "leading zero": lambda text: text.replace("index 2", "index 02"),
    "negative index": lambda text: text.replace("index 2", "index -2"),
    "other digits": lambda text: text.replace("index 2", "index \u0662"),
    "index without its word": lambda text: text.replace("index 2", "2"),
    "no index": lambda text: text.replace("index 2\n", ""),
    "two indexes": lambda text: text.replace("index 2", "index 2\nindex 2"),
    "index beyond the log": lambda text: text.replace("index 2", "index 5"),
    "short hash": lambda text: text.replace("index 2\n", "index 2\nAAAA\n"),
    "too many hashes": lambda text: text.replace("index 2\n", "index 2\n" + ("A" * 43 + "=\n") * 65),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "no checkpoint": lambda text: text.partition("\n\n")[0],
    "empty checkpoint": lambda text: text.partition("\n\n")[0] + "\n\n",
    "too long": lambda text: text + "A" * 200_000,
    "nothing": lambda _: "",
    "header alone": lambda text: text.partition("\n")[0],
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_proof_is_refused(proven, accepted, refused, change):
    kind, content, text = proven[2]
    accepted(kind, content, text)
    assert change(text) != text
    refused(kind, content, change(text))


@pytest.mark.parametrize(("count", "accepted"), [(64, True), (65, False)])
def test_a_proof_has_at_most_as_many_hashes_as_a_tree_can_be_high(count, accepted):
    text = proof.write(0, [bytes(32)] * count, "checkpoint")
    if accepted:
        assert len(proof.parse(text).path) == 64
    else:
        with pytest.raises(InputError, match="65 hashes"):
            proof.parse(text)


def test_an_unknown_signature_under_the_checkpoint_is_ignored(proven, accepted):
    kind, content, text = proven[2]
    witness = base64.b64encode(b"abcd" + bytes(72)).decode()
    assert accepted(kind, content, f"{text}— witness.example {witness}\n").size == 5


@settings(max_examples=60)
@given(st.text(alphabet="c2sp.org/tlog-proof@v1\nindex 0A=", max_size=80))
def test_any_text_is_read_or_refused_and_is_no_bug(text):
    with contextlib.suppress(InputError):
        assert proof.parse(text).index >= 0


def test_the_proof_in_a_receipt_is_the_one_the_ledger_gives_later(empty, ledger_of, signer, accepted):
    with ledger_of(empty) as ledger:
        for index in range(20):
            receipt = ledger.append(b"%d" % index, "decision", signer)
            assert receipt.proof == ledger.prove(index)
            assert accepted("decision", b"%d" % index, receipt.proof).size == index + 1


@pytest.fixture
def by_hand(tmp_path, signer):
    """Run the script of docs/ledger.md, which needs nothing of ours: hashlib, base64 and openssl."""
    page = Path(__file__).parents[3].joinpath("docs", "ledger.md").read_text(encoding="utf-8")
    script = page.partition("```python\n")[2].partition("```")[0]

    def run(kind, content, text, key=signer.public):
        files = {"check_proof.py": script.encode(), "entry": content, "proof": text.encode(), "key": key.pem.encode()}
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        command = [sys.executable, "-I", "check_proof.py", kind, "entry", "proof", "key"]
        result = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        return result.stdout or result.stderr

    return run


@pytest.mark.needs("openssl")
def test_the_script_in_the_documentation_agrees_with_us(proven, by_hand):
    for index, (kind, content, text) in enumerate(proven):
        assert by_hand(kind, content, text) == f"entry {index} of 5 in {ORIGIN}: {kind}\n"


@pytest.mark.needs("openssl")
def test_the_script_in_the_documentation_refuses_what_we_refuse(proven, by_hand, make_signer):
    kind, content, text = proven[1]
    assert by_hand(kind, content, text, make_signer().public) == "not signed by this key\n"
    assert by_hand(kind, content + b" ", text) == "the entry is not under this root\n"
    assert by_hand("decision", content, text) == "the entry is not under this root\n"
    assert by_hand(kind, content, text.replace("index 1", "index 0")) == "the entry is not under this root\n"
    assert by_hand(kind, content, text.replace("index 1", "index 5")) == "no such entry under this root\n"
    assert by_hand(kind, content, text.replace("@v1", "@v2")) == "not a proof\n"


def test_a_proof_under_an_old_checkpoint_stays_good_while_the_log_grows(five, ledger_of, signer, accepted):
    with ledger_of(five) as ledger:
        old = ledger.prove(1)
        ledger.append(b"entry 5", "decision", signer)
        assert accepted("halt", b"entry 1", old).size == 5
        assert accepted("halt", b"entry 1", ledger.prove(1)).size == 6


def test_a_proof_pasted_onto_another_checkpoint_is_refused(five, ledger_of, signer, accepted, refused):
    with ledger_of(five) as ledger:
        old = ledger.prove(1)
        ledger.append(b"entry 5", "decision", signer)
        new = ledger.prove(1)
    head, _, _ = old.partition("\n\n")
    _, _, checkpoint = new.partition("\n\n")
    accepted("halt", b"entry 1", new)
    refused("halt", b"entry 1", f"{head}\n\n{checkpoint}")
    assert note.parse(checkpoint)[0].size == 6


def test_receipts_hold_the_checkpoint_that_their_proof_holds(empty, ledger_of, signer):
    with ledger_of(empty) as ledger:
        receipt = ledger.append(b"x", "decision", signer)
    assert receipt == store.Receipt(
        index=0, proof=proof.write(0, (), receipt.checkpoint), checkpoint=receipt.checkpoint
    )
