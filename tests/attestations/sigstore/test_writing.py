import json

import pytest
from bundles import ENTRY, PAYLOAD, certified, changed, document, library, refusal, text_members, verify
from sigstore.models import Bundle
from sigstore.verify.policy import Identity as LibraryIdentity

from attestations.errors import InputError
from attestations.sigstore import envelope_in, looks_like_bundle, verify_file
from attestations.sigstore.practice import WORKFLOW, Form, PrivateSigstore
from attestations.strict import read_json


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}, True),
        ({"mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.1"}, True),
        ({"mediaType": "application/json"}, False),
        ({"mediaType": None}, False),
        ({"payload": "", "payloadType": ""}, False),
        ([], False),
    ],
)
def test_a_bundle_is_known_by_its_media_type(value, answer):
    assert looks_like_bundle(read_json(json.dumps(value).encode(), "some.json")) is answer


def test_a_payload_given_twice_is_refused_though_the_library_takes_one(tmp_path):
    sigstore = PrivateSigstore()
    good = sigstore.sign_statement(PAYLOAD)
    raw = good.replace(b'"payload":', b'"payload":"e30=","payload":')
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(
        Bundle.from_json(raw), LibraryIdentity(identity=WORKFLOW)
    )
    assert refusal(raw, sigstore.trusted_root).code == "PARSE-DUPKEY"


def test_a_member_under_its_second_name_is_refused_though_the_library_takes_it(tmp_path):
    sigstore = PrivateSigstore()
    good = sigstore.sign_statement(PAYLOAD)
    raw = good.replace(b'"payloadType":', b'"payload_type":')
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(
        Bundle.from_json(raw), LibraryIdentity(identity=WORKFLOW)
    )
    assert "second spelling" in refusal(raw, sigstore.trusted_root).found


@pytest.mark.parametrize(
    ("path", "spoil"),
    [
        (("dsseEnvelope", "payload"), lambda text: f"{text[:4]}\n{text[4:]}"),
        (("dsseEnvelope", "payload"), lambda text: f"{text[:4]}!!{text[4:]}"),
        (("dsseEnvelope", "payload"), lambda text: f"{text}\n"),
        (("dsseEnvelope", "signatures", 0, "sig"), lambda text: f"{text[:4]} {text[4:]}"),
        (("verificationMaterial", "certificate", "rawBytes"), lambda text: f"-{text}"),
        ((*ENTRY, "canonicalizedBody"), lambda text: f"{text}!"),
        ((*ENTRY, "inclusionProof", "hashes", 0), lambda text: f"{text}_"),
    ],
)
def test_what_is_no_base64_is_refused_though_the_library_skips_it(path, spoil, tmp_path):
    sigstore = PrivateSigstore()
    good = sigstore.sign_statement(PAYLOAD)
    text = dict(text_members(json.loads(good)))[path]
    raw = changed(good, path, spoil(text))
    policy = LibraryIdentity(identity=WORKFLOW)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(raw), policy)
    assert refusal(raw, sigstore.trusted_root).code == "ENC-B64"


BYTES = {
    *("canonicalizedBody", "digest", "hashes", "keyId", "payload", "rawBytes", "rootHash", "sig", "signature"),
    *("signedEntryTimestamp", "signedTimestamp"),
}


def test_every_member_that_holds_bytes_holds_base64():
    sigstore = PrivateSigstore()
    key, certificate = certified(sigstore)
    bundles = [make(PAYLOAD, key, certificate, form=Form(stamped=True)) for make in (sigstore.seal, sigstore.sign_file)]
    seen = set()
    for raw in bundles:
        for path, text in text_members(json.loads(raw)):
            name = next(part for part in reversed(path) if isinstance(part, str))
            if name in BYTES:
                seen.add(name)
                assert refusal(changed(raw, path, f"{text}!"), sigstore.trusted_root).code == "ENC-B64", name
    assert seen == BYTES


@pytest.mark.parametrize("text", ["YWJ=", "YWI", "YW-_"])
def test_a_payload_with_spare_bits_without_padding_or_in_another_alphabet_is_refused(text):
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(b"ab"), ("dsseEnvelope", "payload"), text)
    assert refusal(raw, sigstore.trusted_root).code == "ENC-B64"


@pytest.mark.parametrize("count", [0, 2])
def test_an_envelope_without_exactly_one_signature_is_refused(count):
    sigstore = PrivateSigstore()
    good = sigstore.sign_statement(PAYLOAD)
    signature = json.loads(good)["dsseEnvelope"]["signatures"][0]
    error = refusal(changed(good, ("dsseEnvelope", "signatures"), [signature] * count), sigstore.trusted_root)
    assert f"{count} signatures" in error.found


@pytest.mark.parametrize(
    ("kind", "version"), [("intoto", "0.0.1"), ("hashedrekord", "0.0.1"), ("dsse", "0.0.2"), ("\x1b[31m", "0.0.1")]
)
def test_a_log_entry_of_another_kind_is_named_and_not_called_bad(kind, version):
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), (*ENTRY, "kindVersion"), {"kind": kind, "version": version})
    if kind.isprintable():
        error = refusal(raw, sigstore.trusted_root)
        assert (error.code, error.found.split(";")[0]) == (
            "SIG-UNSUPPORTED",
            f"unsupported: a log entry of kind {kind} {version}",
        )
        assert "verify" not in error.found
    else:
        with pytest.raises(InputError, match="INJECT"):
            verify(raw, sigstore.trusted_root)


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"null", b'"application/vnd.dev.sigstore.bundle.v0.3+json"'])
def test_json_that_is_no_bundle_is_refused(raw):
    assert "no Sigstore bundle" in refusal(raw, PrivateSigstore().trusted_root).found


@pytest.mark.parametrize("version", ["0.4", "1.0", "0.2.1"])
def test_a_bundle_of_another_version_is_named_and_not_called_bad(version):
    sigstore = PrivateSigstore()
    media_type = f"application/vnd.dev.sigstore.bundle.v{version}+json"
    error = refusal(changed(sigstore.sign_statement(PAYLOAD), ("mediaType",), media_type), sigstore.trusted_root)
    assert (error.code, media_type in error.found) == ("SIG-UNSUPPORTED", True)


@pytest.mark.parametrize("count", [0, 2])
def test_a_bundle_that_was_not_logged_once_is_named_and_not_called_bad(count):
    sigstore = PrivateSigstore()
    good = sigstore.sign_statement(PAYLOAD)
    entry = json.loads(good)["verificationMaterial"]["tlogEntries"][0]
    error = refusal(changed(good, ENTRY[:2], [entry] * count), sigstore.trusted_root)
    assert error.code == "SIG-UNSUPPORTED"
    assert error.found.startswith(f"unsupported: a bundle with {count} log entries")


def test_a_signature_over_a_file_is_no_statement_and_not_called_bad():
    sigstore = PrivateSigstore()
    raw = sigstore.sign_file(b"a file", *certified(sigstore))
    error = refusal(raw, sigstore.trusted_root)
    assert (error.code, "no statement" in error.found) == ("SIG-UNSUPPORTED", True)
    with pytest.raises(InputError, match="SIG-UNSUPPORTED"):
        envelope_in(document(raw))


def test_the_envelope_in_a_bundle_is_given_back_as_it_stands():
    raw = PrivateSigstore().sign_statement(PAYLOAD)
    found = envelope_in(document(raw))
    assert (found.raw, found.value) == (raw, json.loads(raw)["dsseEnvelope"])


def test_a_statement_is_no_signature_over_a_file_and_not_called_bad():
    sigstore = PrivateSigstore()
    with pytest.raises(InputError, match="SIG-UNSUPPORTED"):
        verify_file(document(sigstore.sign_statement(PAYLOAD)), sigstore.trusted_root, bytes(32))


NUMBERS = [("logIndex",), ("integratedTime",), ("inclusionProof", "treeSize"), ("inclusionProof", "logIndex")]


@pytest.mark.parametrize("member", NUMBERS)
@pytest.mark.parametrize("number", ["+{}", " {}", "0{}", "{}.0", "\u0663", "-{}", ""])
def test_a_number_has_one_spelling(member, number):
    sigstore = PrivateSigstore()
    good = sigstore.sign_statement(PAYLOAD)
    path = (*ENTRY, *member)
    text = number.format(dict(text_members(json.loads(good)))[path])
    assert "not written as protobuf does" in refusal(changed(good, path, text), sigstore.trusted_root).found


@pytest.mark.parametrize("member", NUMBERS)
def test_a_number_is_written_as_text(member):
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), (*ENTRY, *member), 3)
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


@pytest.mark.parametrize(
    "path",
    [
        ("dsseEnvelope",),
        ("verificationMaterial",),
        ("verificationMaterial", "certificate"),
        (*ENTRY, "inclusionProof"),
        (*ENTRY, "inclusionPromise"),
        (*ENTRY, "kindVersion"),
        (*ENTRY, "inclusionProof", "checkpoint"),
    ],
)
@pytest.mark.parametrize("value", [None, [], {}, "", 0, "null"])
def test_a_bundle_of_any_other_shape_is_one_refusal(path, value):
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), path, value)
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_an_unknown_member_is_refused():
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), ("comment",), "approved")
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"
