"""DSSE: what is signed, in which encodings, and who signed it; securesystemslib and openssl stand beside us."""

import base64
import copy
import json
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as LibraryEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey
from world.keys import signer

from attestations.envelope import (
    MAX_SIGNATURES,
    PAYLOAD_TYPE,
    Envelope,
    looks_like_envelope,
    pre_authentication_encoding,
    read_envelope,
    seal,
    signers_of,
)
from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.strict import read_json

PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'
ALICE, BOB = signer("alice"), signer("bob")


def read(value) -> Envelope:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_envelope(read_json(raw, "envelope.json"))


def sealed(*signers, payload=PAYLOAD) -> dict:
    return json.loads(seal(payload, PAYLOAD_TYPE, signers or (ALICE,)))


def refusal(value) -> InputError:
    with pytest.raises(InputError) as caught:
        read(value)
    assert caught.value.where is not None
    assert caught.value.where.file == "envelope.json"
    return caught.value


def names(envelope, *signers):
    keys = {one.public.fingerprint: name for name, one in {"alice": ALICE, "bob": BOB}.items()}
    return {keys[fingerprint] for fingerprint in signers_of(envelope, [one.public for one in signers])}


# What is signed


def test_the_vector_of_the_specification_verifies():
    """DSSE protocol.md 1.0.2, Test Vectors; the signature there is r | s, which we want in DER."""
    envelope = {
        "payload": "aGVsbG8gd29ybGQ=",
        "payloadType": "http://example.com/HelloWorld",
        "signatures": [
            {"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}
        ],
    }
    x = 46950820868899156662930047687818585632848591499744589407958293238635476079160
    y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = read_public_key(pem, "vector.pem")
    numbers = base64.b64decode(envelope["signatures"][0]["sig"])
    der = encode_dss_signature(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))
    assert not signers_of(read(envelope), [key])
    envelope["signatures"][0]["sig"] = base64.b64encode(der).decode()
    assert signers_of(read(envelope), [key]) == {key.fingerprint}


def test_the_lengths_are_of_bytes_not_of_characters():
    assert pre_authentication_encoding("a\u2215b", b"\xff\x00") == b"DSSEv1 5 a\xe2\x88\x95b 2 \xff\x00"
    assert pre_authentication_encoding("", b"") == b"DSSEv1 0  0 "


@given(st.text(max_size=20), st.binary(max_size=40), st.text(max_size=20), st.binary(max_size=40))
def test_two_messages_are_never_signed_as_one(kind, payload, other_kind, other_payload):
    same = pre_authentication_encoding(kind, payload) == pre_authentication_encoding(other_kind, other_payload)
    assert same == ((kind, payload) == (other_kind, other_payload))


@given(st.text(max_size=40), st.binary(max_size=80))
def test_the_library_signs_the_same_bytes(kind, payload):
    library = LibraryEnvelope(payload=payload, payload_type=kind, signatures={})
    assert library.pae() == pre_authentication_encoding(kind, payload)


def test_what_is_sealed_is_read_back_and_verifies():
    envelope = read(seal(PAYLOAD, PAYLOAD_TYPE, (ALICE, BOB)))
    assert (envelope.payload, envelope.payload_type) == (PAYLOAD, PAYLOAD_TYPE)
    assert [signature.hint for signature in envelope.signatures] == [ALICE.public.fingerprint, BOB.public.fingerprint]
    assert names(envelope, ALICE, BOB) == {"alice", "bob"}


@pytest.mark.parametrize("member", ["payload", "payloadType"])
def test_nothing_that_was_changed_after_signing_verifies(member):
    changed = sealed() | {member: base64.b64encode(b"other").decode()}
    assert names(read(changed), ALICE) == set()


def test_a_signature_over_the_payload_alone_does_not_verify():
    envelope = sealed()
    envelope["signatures"][0]["sig"] = base64.b64encode(ALICE.sign(PAYLOAD)).decode()
    assert names(read(envelope), ALICE) == set()


@pytest.mark.needs("openssl")
def test_openssl_verifies_what_we_sealed(tmp_path):
    envelope = sealed()
    for name, content in {
        "key.pem": ALICE.public.pem.encode(),
        "message": f"DSSEv1 28 {PAYLOAD_TYPE} {len(PAYLOAD)} ".encode() + base64.b64decode(envelope["payload"]),
        "signature": base64.b64decode(envelope["signatures"][0]["sig"]),
    }.items():
        (tmp_path / name).write_bytes(content)
    verify = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message")
    done = subprocess.run((*verify, "-sigfile", "signature"), cwd=tmp_path, check=False, capture_output=True)
    assert done.stdout == b"Signature Verified Successfully\n"


# Who signed it: keys, never key ids. Each trap of securesystemslib 1.6.0 stands beside what we do


def library_key(one, key_id):
    key = CryptoSigner(one.private).public_key
    return SSlibKey(key_id, key.keytype, key.scheme, key.keyval)


def test_one_key_under_two_key_ids_is_one_signer():
    envelope = sealed()
    again = dict(envelope["signatures"][0])
    envelope["signatures"] = [{**again, "keyid": "one"}, {**again, "keyid": "two"}]
    accepted = LibraryEnvelope.from_dict(copy.deepcopy(envelope)).verify(
        [library_key(ALICE, "one"), library_key(ALICE, "two")], threshold=2
    )
    assert len(accepted) == 2, "the library no longer counts key ids: this guard may go"
    assert names(read(envelope), ALICE, ALICE) == {"alice"}


@pytest.mark.parametrize("hint", [{}, {"keyid": ""}, {"keyid": None}], ids=["absent", "empty", "null"])
def test_a_signature_without_key_id_counts(hint):
    envelope = sealed(ALICE, BOB)
    envelope["signatures"] = [{"sig": one["sig"], **hint} for one in envelope["signatures"]]
    if not hint:
        with pytest.raises(KeyError):
            LibraryEnvelope.from_dict(copy.deepcopy(envelope))
    assert names(read(envelope), ALICE, BOB) == {"alice", "bob"}


@pytest.mark.parametrize("hint", [BOB.public.fingerprint, ALICE.public.fingerprint.upper(), "alice"])
def test_a_wrong_key_id_neither_adds_nor_takes_a_signer(hint):
    envelope = sealed()
    envelope["signatures"][0]["keyid"] = hint
    with pytest.raises(VerificationError):
        LibraryEnvelope.from_dict(copy.deepcopy(envelope)).verify([library_key(ALICE, "key")], threshold=1)
    assert names(read(envelope), ALICE, BOB) == {"alice"}


def test_a_key_id_that_hides_something_is_refused():
    envelope = sealed()
    envelope["signatures"][0]["keyid"] = "\u202e"
    assert refusal(envelope).code == "INJECT"


def test_reading_leaves_what_it_reads_as_it_was():
    envelope = sealed()
    destroyed = copy.deepcopy(envelope)
    LibraryEnvelope.from_dict(destroyed)
    assert destroyed != envelope, "the library no longer destroys its argument: this guard may go"

    document = read_json(json.dumps(envelope).encode(), "envelope.json")
    signers_of(read_envelope(document), [ALICE.public])
    assert document.value == envelope


def test_a_good_signature_counts_beside_one_that_nobody_knows():
    assert names(read(sealed(ALICE, signer("stranger"))), ALICE, BOB) == {"alice"}
    assert names(read(sealed(signer("stranger"), ALICE)), ALICE, BOB) == {"alice"}


def test_without_trusted_keys_nobody_signed():
    assert signers_of(read(sealed()), []) == frozenset()


def test_keys_may_come_one_by_one():
    assert len(signers_of(read(sealed(ALICE, BOB)), (one.public for one in (BOB, ALICE)))) == 2


# Shape and limits


@pytest.mark.parametrize("value", [None, [], "", "AA==", {}, 0], ids=repr)
def test_signatures_that_are_no_list_with_something_in_it_are_none(value):
    assert refusal(sealed() | {"signatures": value}).code == "SIG-NONE"


def test_a_missing_list_of_signatures_is_none():
    envelope = sealed()
    del envelope["signatures"]
    assert refusal(envelope).code == "SIG-NONE"


def test_an_empty_signature_is_none_even_beside_a_good_one():
    envelope = sealed()
    envelope["signatures"].append({"keyid": "", "sig": ""})
    assert refusal(envelope).code == "SIG-NONE"


def test_sixteen_signatures_are_read_and_seventeen_are_too_many():
    at_limit = sealed(*[ALICE] * MAX_SIGNATURES)
    assert len(read(at_limit).signatures) == MAX_SIGNATURES == 16
    assert refusal(sealed(*[ALICE] * (MAX_SIGNATURES + 1))).code == "LIMIT"


@pytest.mark.parametrize("member", ["payload", "payloadType"])
@pytest.mark.parametrize("value", [None, 1, [], {}, True], ids=repr)
def test_payload_and_its_type_are_text(member, value):
    assert refusal(sealed() | {member: value}).code == "SCHEMA"
    missing = sealed()
    del missing[member]
    assert refusal(missing).code == "SCHEMA"


@pytest.mark.parametrize(
    "entry",
    ["AA==", None, [], {}, {"sig": None}, {"sig": 1}, {"sig": ["AA=="]}, {"sig": "AA==", "keyid": 0}, {"keyid": "a"}],
    ids=repr,
)
def test_a_signature_is_an_object_with_text(entry):
    error = refusal(sealed() | {"signatures": [entry]})
    assert error.code == "SCHEMA"


@pytest.mark.parametrize("value", [None, [], "text", 1], ids=repr)
def test_an_envelope_is_an_object(value):
    document = read_json(json.dumps(value).encode(), "envelope.json")
    assert not looks_like_envelope(document)
    assert refusal(value).code == "SCHEMA"


def test_members_that_the_format_does_not_know_are_ignored():
    """DSSE envelope.md, Parsing rules: producers may add fields, consumers must ignore them."""
    envelope = sealed() | {"extension": {"kind": "x"}}
    envelope["signatures"][0] |= {"certificate": "LS0t", "alg": "none"}
    assert names(read(envelope), ALICE) == {"alice"}


def test_an_error_names_the_place():
    raw = json.dumps(sealed() | {"signatures": [{"sig": "AA=="}, {"sig": "A"}]}, indent=1).encode()
    error = refusal(raw)
    line = raw.decode().splitlines()[error.where.line - 1]
    assert error.code == "ENC-B64"
    assert '"A"' in line


# Base64: one encoding for each byte string and alphabet


@pytest.mark.parametrize(
    "text",
    ["YWI", "YWI==", "YWJ=", "YWI=\n", "YW\nI=", " YWI=", "YW!!I=", "YWI=YWI=", "=YWI", "YWI=\t", "Y W I =", "ä"],
)
def test_text_that_is_not_canonical_base64_is_refused(text):
    assert refusal(sealed() | {"payload": text}).code == "ENC-B64"
    assert refusal(sealed() | {"signatures": [{"sig": text}]}).code == "ENC-B64"


@pytest.mark.parametrize(
    ("text", "data"), [("", b""), ("YWI=", b"ab"), ("+/+/", b"\xfb\xff\xbf"), ("-_-_", b"\xfb\xff\xbf")]
)
def test_both_alphabets_are_read(text, data):
    assert read(sealed() | {"payload": text}).payload == data


def test_a_text_in_both_alphabets_is_refused():
    assert refusal(sealed() | {"payload": "+/-_"}).code == "ENC-B64"


@given(st.binary(max_size=60))
def test_each_payload_has_one_encoding_for_each_alphabet(payload):
    encodings = {base64.b64encode(payload).decode(), base64.urlsafe_b64encode(payload).decode()}
    for text in encodings:
        assert read(sealed() | {"payload": text}).payload == payload
        assert base64.b64encode(payload).decode() == text.replace("-", "+").replace("_", "/")


@given(st.text(alphabet="AZaz09+/-_= \n!", max_size=12))
def test_what_is_accepted_as_base64_is_what_encoding_gives(text):
    try:
        payload = read(sealed() | {"payload": text}).payload
    except InputError as error:
        assert error.code == "ENC-B64"  # noqa: PT017  # either way is right
    else:
        assert text in {base64.b64encode(payload).decode(), base64.urlsafe_b64encode(payload).decode()}


# Whatever comes


@given(st.binary(max_size=200))
def test_any_bytes_are_an_envelope_or_an_input_error(raw):
    try:
        read(raw)
    except InputError as error:
        assert error.fix  # noqa: PT017  # either way is right


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8) | st.just("YWI="),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sig", "keyid", "payload", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional={"payload": JSON, "payloadType": JSON, "signatures": JSON}))
def test_any_json_is_an_envelope_or_an_input_error(value):
    try:
        envelope = read(value)
    except InputError as error:
        assert error.code in {"SCHEMA", "SIG-NONE", "ENC-B64", "PARSE-DUPKEY", "INJECT"}  # noqa: PT017  # as above
    else:
        assert envelope.signatures
        assert not signers_of(envelope, [ALICE.public])
