import base64
import json
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography import x509
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity as LibraryIdentity

from attestations.envelope import PAYLOAD_TYPE
from attestations.errors import InputError
from attestations.identity import matches
from attestations.sigstore import looks_like_bundle, verify_bundle
from attestations.strict import read_json
from attestations.times import Instant
from attestations.sigstore.practice import GITHUB, WORKFLOW, PrivateSigstore, name_of, new_key

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
SIGNED_ON = Instant.parse("2026-04-10T09:01:00Z")
CLAIMS = {
    "build_signer_uri": WORKFLOW,
    "runner_environment": "github-hosted",
    "source_repository_uri": "https://github.com/registry/signer",
    "source_repository_digest": "9d" * 20,
    "source_repository_ref": "refs/tags/v3.0.1",
    "build_trigger": "release",
    "source_repository_visibility": "public",
}
ENTRY = ("verificationMaterial", "tlogEntries", 0)

both_styles = pytest.mark.parametrize("style", [1, 2])


def verify(raw, trusted_root):
    return verify_bundle(read_json(raw, "bundle.json"), trusted_root)


def refusal(raw, trusted_root):
    with pytest.raises(InputError) as caught:
        verify(raw, trusted_root)
    assert str(caught.value).isprintable()
    return caught.value


def changed(raw, path, value):
    """Return the bundle with one member set, or taken away where `value` is None."""
    bundle = json.loads(raw)
    place = bundle
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(bundle).encode()


def library(trusted_root, folder):
    file = folder / "trusted_root.json"
    file.write_bytes(trusted_root)
    return Verifier(trusted_root=TrustedRoot.from_file(str(file)))


@both_styles
def test_a_good_bundle_gives_payload_identity_and_time(style):
    sigstore = PrivateSigstore(style=style)
    found = verify(sigstore.sign_statement(PAYLOAD, **CLAIMS), sigstore.trusted_root)
    assert (found.payload, found.payload_type, found.signed_on) == (PAYLOAD, PAYLOAD_TYPE, SIGNED_ON)
    assert (found.identity.issuer, found.identity.subject) == (GITHUB, WORKFLOW)
    assert found.identity.extensions == CLAIMS
    assert matches(GITHUB, WORKFLOW, found.identity)


def test_an_e_mail_identity_is_an_identity():
    sigstore = PrivateSigstore()
    found = verify(sigstore.sign_statement(PAYLOAD, "manager@registry.example", GITHUB), sigstore.trusted_root)
    assert found.identity.subject == "manager@registry.example"


@both_styles
def test_the_time_is_the_verified_one(style):
    sigstore = PrivateSigstore(style=style)
    key = new_key()
    certificate = sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {})
    raw = sigstore.seal(PAYLOAD, key, certificate, after=timedelta(minutes=7))
    assert verify(raw, sigstore.trusted_root).signed_on == Instant.parse("2026-04-10T09:07:00Z")


@pytest.mark.parametrize(("stamped", "earliest"), [(2, "09:02:00"), (5, "09:05:00"), (9, "09:05:00")])
def test_of_several_verified_times_the_earliest_counts(stamped, earliest):
    sigstore = PrivateSigstore()
    key = new_key()
    certificate = sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {})
    bundle = json.loads(sigstore.seal(PAYLOAD, key, certificate, after=timedelta(minutes=5)))
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    response = sigstore.timestamps.response(signature, sigstore.now + timedelta(minutes=stamped))
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(response).decode()}]}
    bundle["verificationMaterial"]["timestampVerificationData"] = stamps
    found = verify(json.dumps(bundle).encode(), sigstore.trusted_root)
    assert found.signed_on == Instant.parse(f"2026-04-10T{earliest}Z")


def test_a_timestamp_of_another_authority_is_no_time():
    sigstore = PrivateSigstore(style=2)
    bundle = json.loads(sigstore.sign_statement(PAYLOAD))
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    response = PrivateSigstore(style=2).timestamps.response(signature, sigstore.now)
    path = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp")
    raw = changed(json.dumps(bundle), path, base64.b64encode(response).decode())
    assert "not enough sources of verified time" in refusal(raw, sigstore.trusted_root).found


@pytest.mark.parametrize("version", ["0.1", "0.2"])
def test_bundles_of_the_older_versions_hold_a_chain_of_certificates(version):
    sigstore = PrivateSigstore()
    bundle = json.loads(sigstore.sign_statement(PAYLOAD))
    bundle["mediaType"] = f"application/vnd.dev.sigstore.bundle+json;version={version}"
    material = bundle["verificationMaterial"]
    material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}
    assert verify(json.dumps(bundle).encode(), sigstore.trusted_root).payload == PAYLOAD


def test_a_time_that_the_log_did_not_sign_is_refused():
    sigstore = PrivateSigstore()
    raw = sigstore.sign_statement(PAYLOAD)
    later = str(int(SIGNED_ON.timestamp()) + 1)
    assert "SET" in refusal(changed(raw, (*ENTRY, "integratedTime"), later), sigstore.trusted_root).found
    without = changed(raw, (*ENTRY, "inclusionPromise"), None)
    assert refusal(without, sigstore.trusted_root).code == "SIG-BUNDLE"


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


# what must not verify


@both_styles
def test_the_trusted_root_of_another_instance_proves_nothing(style):
    raw = PrivateSigstore(style=style).sign_statement(PAYLOAD)
    assert refusal(raw, PrivateSigstore(style=style).trusted_root).code == "SIG-BUNDLE"


@both_styles
@pytest.mark.parametrize(
    ("after", "good"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(minutes=10), True),
        (timedelta(minutes=10, seconds=1), False),
    ],
)
def test_the_certificate_is_valid_at_the_time_of_signing(style, after, good):
    sigstore = PrivateSigstore(style=style)
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {}), after=after)
    if good:
        assert verify(raw, sigstore.trusted_root).payload == PAYLOAD
    else:
        assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


@both_styles
def test_a_signature_by_another_key_than_the_certificate_s_is_refused(style):
    sigstore = PrivateSigstore(style=style)
    certificate = sigstore.issue(new_key(), [name_of(WORKFLOW)], GITHUB, {})
    raw = sigstore.seal(PAYLOAD, new_key(), certificate)
    assert "DSSE: invalid signature" in refusal(raw, sigstore.trusted_root).found


@both_styles
def test_a_log_entry_about_another_envelope_is_refused(style):
    sigstore = PrivateSigstore(style=style)
    good, other = (json.loads(sigstore.sign_statement(payload)) for payload in (PAYLOAD, b'{"other":true}'))
    raw = changed(json.dumps(good), ENTRY, other["verificationMaterial"]["tlogEntries"][0])
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def text_members(value, path=()):
    if isinstance(value, str):
        yield path, value
    else:
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from text_members(child, (*path, key))


WITHOUT_MEANING = {
    "checkpoint": "the name beside the log's signature; the key decides",
    "keyId": "Rekor v2: a hint which key to try first; every key of the trusted root is tried",
    "logIndex": "Rekor v2: no one signs it outside the inclusion proof, where another number is refused",
    "signedTimestamp": "encodings of the answer around the signed timestamp",
}


@both_styles
def test_what_is_changed_in_a_bundle_is_refused_or_changes_nothing_that_is_proven(style):
    sigstore = PrivateSigstore(style=style)
    raw = sigstore.sign_statement(PAYLOAD, **CLAIMS)
    good = verify(raw, sigstore.trusted_root)
    for path, text in text_members(json.loads(raw)):
        for place in range(0, len(text), max(1, len(text) // 4)):
            other = "1" if text[place] != "1" else "2"
            try:
                found = verify(changed(raw, path, text[:place] + other + text[place + 1 :]), sigstore.trusted_root)
            except InputError as error:
                assert error.code in ("SIG-BUNDLE", "ENC-B64")  # noqa: PT017 - most are refused, not all
            else:
                assert found == good
                assert set(path) & set(WITHOUT_MEANING), path


@pytest.mark.parametrize("section", ["tlogs", "certificateAuthorities", "ctlogs"])
@pytest.mark.parametrize(
    ("window", "good"),
    [
        ({"start": "2026-04-10T09:01:00Z"}, True),
        ({"start": "2026-04-10T09:01:01Z"}, False),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-04-10T09:01:00Z"}, True),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-04-10T09:00:59.999Z"}, False),
    ],
)
@both_styles
def test_keys_of_the_instance_prove_nothing_outside_their_own_time(style, section, window, good, tmp_path):
    """The library believes retired keys for ever: whoever got hold of one could sign as anybody today."""
    sigstore = PrivateSigstore(style=style)
    raw = sigstore.sign_statement(PAYLOAD)
    root = json.loads(sigstore.trusted_root)
    holder = root[section][0].get("publicKey", root[section][0])
    holder["validFor"] = window
    trusted_root = json.dumps(root).encode()
    assert library(trusted_root, tmp_path).verify_dsse(Bundle.from_json(raw), LibraryIdentity(identity=WORKFLOW))
    if good:
        assert verify(raw, trusted_root).payload == PAYLOAD
    else:
        assert f"none of the trusted root's {section} was in use" in refusal(raw, trusted_root).found


def test_a_retired_authority_beside_one_in_use_proves_nothing():
    retired, current = PrivateSigstore(), PrivateSigstore()
    root = json.loads(current.trusted_root)
    old = json.loads(retired.trusted_root)
    old["certificateAuthorities"][0]["validFor"]["end"] = "2026-04-10T00:00:00Z"
    for section in ("certificateAuthorities", "ctlogs", "tlogs"):
        root[section] += old[section]
    trusted_root = json.dumps(root).encode()
    assert verify(current.sign_statement(PAYLOAD), trusted_root).payload == PAYLOAD
    assert "chain" in refusal(retired.sign_statement(PAYLOAD), trusted_root).found


@pytest.mark.parametrize("section", ["tlogs", "ctlogs"])
def test_a_log_without_a_time_of_its_own_was_never_in_use(section):
    sigstore = PrivateSigstore()
    root = json.loads(sigstore.trusted_root)
    del root[section][0]["publicKey"]["validFor"]
    assert section in refusal(sigstore.sign_statement(PAYLOAD), json.dumps(root).encode()).found


# traps of the library, each with what stands before it


@both_styles
@pytest.mark.parametrize("payload_type", ["text/plain", "application/vnd.in-toto+json; charset=utf-8"])
def test_the_payload_type_is_given_back_because_the_library_believes_any(style, payload_type):
    sigstore = PrivateSigstore(style=style)
    key = new_key()
    certificate = sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {})
    raw = sigstore.seal(b"no JSON", key, certificate, payload_type=payload_type)
    found = verify(raw, sigstore.trusted_root)
    assert (found.payload_type, found.payload) == (payload_type, b"no JSON")


def test_a_payload_type_changed_after_signing_is_refused():
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), ("dsseEnvelope", "payloadType"), "text/plain")
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_an_identity_without_its_issuer_is_refused_though_the_library_accepts_it(tmp_path):
    sigstore = PrivateSigstore()
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, [name_of(WORKFLOW)], None, {}))
    policy = LibraryIdentity(identity=WORKFLOW)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(raw), policy)
    assert "who vouched for its name" in refusal(raw, sigstore.trusted_root).found


@pytest.mark.parametrize(
    "names",
    [
        [name_of(WORKFLOW), name_of("https://github.com/mallory/signer")],
        [name_of(WORKFLOW), name_of("manager@registry.example")],
        [x509.DNSName("registry.example")],
    ],
)
def test_a_certificate_with_several_names_or_a_name_of_another_kind_is_refused(names):
    sigstore = PrivateSigstore()
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, names, GITHUB, {}))
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_a_certificate_without_a_name_is_refused():
    sigstore = PrivateSigstore()
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, [], GITHUB, {}))
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_a_line_feed_in_the_certificate_s_name_matches_nobody():
    sigstore = PrivateSigstore()
    raw = sigstore.sign_statement(PAYLOAD, f"{WORKFLOW}\n")
    found = verify(raw, sigstore.trusted_root).identity
    assert not matches(GITHUB, WORKFLOW, found)


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


# unsupported is another answer than bad


@pytest.mark.parametrize(
    ("kind", "version"), [("intoto", "0.0.2"), ("hashedrekord", "0.0.1"), ("dsse", "0.0.2"), ("\x1b[31m", "0.0.1")]
)
def test_a_log_entry_of_another_kind_is_named_and_not_called_bad(kind, version):
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), (*ENTRY, "kindVersion"), {"kind": kind, "version": version})
    if kind.isprintable():
        error = refusal(raw, sigstore.trusted_root)
        assert error.found.startswith(f"unsupported: a log entry of kind {kind} {version}")
        assert "verify" not in error.found
    else:
        with pytest.raises(InputError, match="INJECT"):
            verify(raw, sigstore.trusted_root)


def test_a_bundle_signed_with_a_plain_key_is_named_and_not_called_bad():
    sigstore = PrivateSigstore()
    bundle = json.loads(sigstore.sign_statement(PAYLOAD))
    del bundle["verificationMaterial"]["certificate"]
    bundle["verificationMaterial"]["publicKey"] = {"hint": "release-2026"}
    assert refusal(json.dumps(bundle).encode(), sigstore.trusted_root).found.startswith("unsupported: a bundle signed")


def test_a_signature_over_a_file_is_named_and_not_called_bad():
    sigstore = PrivateSigstore()
    bundle = json.loads(sigstore.sign_statement(PAYLOAD))
    envelope = bundle.pop("dsseEnvelope")
    bundle["messageSignature"] = {"signature": envelope["signatures"][0]["sig"]}
    assert "no statement" in refusal(json.dumps(bundle).encode(), sigstore.trusted_root).found


@pytest.mark.parametrize(
    "path",
    [
        ("dsseEnvelope",),
        ("verificationMaterial",),
        ("verificationMaterial", "certificate"),
        ("verificationMaterial", "tlogEntries"),
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


# the trusted root


@pytest.mark.parametrize("section", ["tlogs", "certificateAuthorities", "ctlogs"])
def test_a_trusted_root_without_a_part_proves_nothing(section):
    sigstore = PrivateSigstore()
    root = json.loads(sigstore.trusted_root)
    root[section] = []
    assert refusal(sigstore.sign_statement(PAYLOAD), json.dumps(root).encode()).code in ("POL-TRUST", "SIG-BUNDLE")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{", b""),
        (b'"tlogs":', b'"tlogs":[],"tlogs":'),
        (b"version=0.1", b"version=0.2"),
        (b'"validFor":', b'"valid_for":'),
        (b'"start":', b'"end":'),
        (b'"rawBytes":"', b'"rawBytes":"!'),
    ],
)
def test_a_trusted_root_that_cannot_be_read_in_one_way_is_an_error_of_the_trusted_root(old, new):
    sigstore = PrivateSigstore()
    trusted_root = sigstore.trusted_root
    assert verify(sigstore.sign_statement(PAYLOAD), trusted_root)
    assert refusal(sigstore.sign_statement(PAYLOAD), trusted_root.replace(old, new)).code == "POL-TRUST"


# what it costs and touches


def test_verification_opens_no_socket_and_leaves_no_file(tmp_path, monkeypatch):
    def no_network(*arguments, **options):
        raise AssertionError(arguments)

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sigstore = PrivateSigstore()
    assert verify(sigstore.sign_statement(PAYLOAD), sigstore.trusted_root).payload == PAYLOAD
    assert list(tmp_path.iterdir()) == []


def test_importing_the_module_does_not_import_the_library():
    code = "import sys, attestations.sigstore, attestations.identity; print({'sigstore', 'cryptography'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout == "set()\n"
