"""C2SP signed notes and checkpoints: known keys, what must be ignored, what must be refused."""

import base64
import contextlib
import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import example, given
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner

from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.signers import KeySigner, open_signer
from gatekeeper.ledger import note
from gatekeeper.ledger.note import Checkpoint

ORIGIN = "log.registry.example/gatekeeper"
ROOT = hashlib.sha256(b"root").digest()
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=ROOT)
# Of the specification, c2sp.org/tlog-checkpoint.
SPECIFICATION_EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
    "+xeMcTOAYQ8=\n"
)
# Of golang.org/x/mod/sumdb/note, and the key of the Go checksum database.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
SUM_DB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def from_vkey(vkey):
    name, key_id, encoded = vkey.split("+", 2)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return name, key_id, read_public_key(pem, name)


@pytest.fixture(scope="session")
def key(signer):
    return note.log_key(ORIGIN, signer.public)


@pytest.fixture(scope="session")
def signed(signer):
    return note.sign(CHECKPOINT, signer)


def refused(text, key):
    with pytest.raises(InputError) as caught:
        note.verify(text, key)
    assert caught.value.code == "LOG"


@pytest.mark.parametrize("vkey", [PETER, SUM_DB])
def test_key_ids_are_those_of_the_reference_implementation(vkey):
    name, key_id, public = from_vkey(vkey)
    assert note.log_key(name, public).id.hex() == key_id


def test_a_signature_line_is_read_as_the_reference_implementation_writes_it():
    name, key_id, public = from_vkey(PETER)
    _, lines = note.parse(f"{CHECKPOINT.text()}\n— {name} {PETER_SIGNATURE}\n")
    assert [(line.name, line.key_id.hex()) for line in lines] == [(name, key_id)]
    assert public.verifies(lines[0].signature, PETER_TEXT)


def test_the_example_of_the_specification_is_read():
    checkpoint, lines = note.parse(SPECIFICATION_EXAMPLE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert SPECIFICATION_EXAMPLE.startswith(checkpoint.text() + "\n")
    assert [line.name for line in lines] == ["example.com/behind-the-sofa"]


def test_a_signed_checkpoint_verifies_and_says_what_was_signed(signed, key):
    assert note.verify(signed, key) == CHECKPOINT


def test_every_single_bit_of_a_signed_checkpoint_matters(signed, key):
    for place, character in enumerate(signed):
        for bit in range(7):
            changed = signed[:place] + chr(ord(character) ^ (1 << bit)) + signed[place + 1 :]
            refused(changed, key)


@pytest.mark.parametrize(
    "line",
    [
        f"— witness.example/w1 {base64.b64encode(b'abcd' + bytes(72)).decode()}\n",
        f"— {ORIGIN} {base64.b64encode(b'abcd' + bytes(64)).decode()}\n",
        f"— other.example {PETER_SIGNATURE}\n",
        f"— post-quantum.example {base64.b64encode(bytes(4 + 4627)).decode()}\n" * 15,
    ],
    ids=["witness", "same name, other id", "other log", "fifteen large ones"],
)
def test_signatures_by_unknown_keys_are_ignored_before_and_after_ours(signed, key, line):
    text, ours = signed.split("\n\n")
    assert note.verify(f"{text}\n\n{ours}{line}", key) == CHECKPOINT
    assert note.verify(f"{text}\n\n{line}{ours}", key) == CHECKPOINT
    refused(f"{text}\n\n{line}", key)


def test_a_false_signature_under_our_name_and_id_refuses_the_whole_note(signed, key):
    false = base64.b64encode(key.id + bytes(64)).decode()
    refused(f"{signed}— {ORIGIN} {false}\n", key)


def test_an_extension_line_is_refused_even_if_the_key_signed_it(signer, key):
    text = CHECKPOINT.text() + "valid until further notice\n"
    line = note.encode(key.id + signer.sign(text.encode()))
    assert signer.public.verifies(signer.sign(text.encode()), text.encode())
    refused(f"{text}\n— {ORIGIN} {line}\n", key)


def test_a_checkpoint_of_another_origin_is_refused_although_the_key_signed_it(signer, key):
    text = Checkpoint(origin="log.registry.example/other", size=7, root=ROOT).text()
    refused(f"{text}\n— {ORIGIN} {note.encode(key.id + signer.sign(text.encode()))}\n", key)


@pytest.mark.parametrize(("length", "accepted"), [(note.MAX_NOTE, True), (note.MAX_NOTE + 1, False)])
def test_a_note_has_room_for_many_signatures_but_not_for_anything(signed, key, length, accepted):
    start, end = signed + "— ", " AAAAAAAA\n"
    long = start + "x" * (length - len(start + end)) + end
    assert len(long) == length
    if accepted:
        assert note.verify(long, key) == CHECKPOINT
    else:
        refused(long, key)


def test_another_key_and_another_origin_are_refused(signer, signed, make_signer):
    assert note.verify(signed, note.log_key(ORIGIN, signer.public)) == CHECKPOINT
    refused(signed, note.log_key(ORIGIN, make_signer().public))
    refused(signed, note.log_key("log.registry.example/other", signer.public))


MALFORMED = {
    "leading zero": lambda text: text.replace("\n7\n", "\n07\n"),
    "plus sign": lambda text: text.replace("\n7\n", "\n+7\n"),
    "other digits": lambda text: text.replace("\n7\n", "\n\u0667\n"),
    "huge size": lambda text: text.replace("\n7\n", "\n" + "7" * 30 + "\n"),
    "carriage return": lambda text: text.replace("\n7\n", "\n7\r\n"),
    "no empty line": lambda text: text.replace("\n\n", "\n"),
    "two empty lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "hyphen for dash": lambda text: text.replace("—", "-"),
    "no last newline": lambda text: text.rstrip("\n"),
    "one newline more": lambda text: text + "\n",
    "trailing text": lambda text: text + "trailing",
    "not base64": lambda text: text + "— name !!!!\n",
    "key id alone": lambda text: text + "— name AAAAAA==\n",
    "bell in a name": lambda text: text + "— na\x07me AAAAAAAA\n",
    "no origin": lambda text: "\n" + text.partition("\n")[2],
    "two words for an origin": lambda text: "two words\n" + text.partition("\n")[2],
    "short root": lambda text: text.replace(note.encode(ROOT), note.encode(ROOT[:31])),
    "plus in the name": lambda text: text + "— na+me AAAAAAAA\n",
    "no name": lambda text: text + "—  AAAAAAAA\n",
    "stray bits": lambda text: text + "— name AAAAAAAB=\n",
    "empty first line": lambda text: "\n" + text,
    "no signatures": lambda text: text.partition("\n\n")[0] + "\n",
    "nothing": lambda _: "",
    "too long": lambda text: text + "— padding.example " + "AAAA" * 40000 + "\n",
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_note_is_refused(signed, key, change):
    assert change(signed) != signed
    refused(change(signed), key)
    with pytest.raises(InputError, match="LOG"):
        note.parse(change(signed))


@given(st.text(alphabet="\n— +A7=\r\0é", max_size=60))
@example("\n\n")
@example("a\n1\n\n\n")
def test_any_text_is_read_or_refused_and_is_no_bug(text):
    with contextlib.suppress(InputError):
        assert note.parse(text)[0].size >= 0


@pytest.mark.parametrize("origin", ["a", "log.registry.example/gatekeeper", "ö.example", "x" * 255])
def test_a_good_origin_can_name_a_log(signer, origin):
    checkpoint = Checkpoint(origin=origin, size=0, root=ROOT)
    assert note.verify(note.sign(checkpoint, signer), note.log_key(origin, signer.public)) == checkpoint


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u202eb", "a\udc80", "x" * 256])
def test_a_bad_origin_cannot_name_a_log(signer, origin):
    with pytest.raises(InputError, match="LOG"):
        note.sign(Checkpoint(origin=origin, size=0, root=ROOT), signer)


def test_only_an_ed25519_key_signs_checkpoints():
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signer = KeySigner(public=read_public_key(pem, "p256"), _library=CryptoSigner(private))
    with pytest.raises(InputError, match="ecdsa-p256-sha256"):
        note.sign(CHECKPOINT, signer)
    with pytest.raises(InputError, match="ecdsa-p256-sha256"):
        note.ed25519_key(signer)


def test_the_key_of_an_ed25519_signer_is_its_public_half(signer):
    assert note.ed25519_key(signer) == signer.public


def test_an_ssh_key_signs_no_checkpoints(tmp_path):
    private, public = Ed25519PrivateKey.generate(), tmp_path / "id.pub"
    public.write_bytes(
        private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    )
    with pytest.raises(InputError, match="of the kind Ssh"):
        note.sign(CHECKPOINT, open_signer(f"ssh:{tmp_path}/id"))
