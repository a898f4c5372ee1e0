"""`attest verify-bundle`: the calls and exit codes that sigstore-conformance makes and asks for."""

import json
from hashlib import sha256
from pathlib import Path

import click
import pytest
from bundles import ENTRY, certified, changed
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations.cli.verify_bundle import command
from attestations.errors import InputError
from attestations.predicates import NAMES
from attestations.sigstore.practice import GITHUB, WORKFLOW, Form, PrivateSigstore, new_key
from attestations.statement import Subject, write_statement

FILE = b"a component"
DIGEST = sha256(FILE).hexdigest()
SIGNER = ("--certificate-identity", WORKFLOW, "--certificate-oidc-issuer", GITHUB)
ROOT = ("--trusted-root", "trusted_root.json")


def payload(*digests, predicate_type=NAMES["test-result"]):
    subjects = [Subject(name=f"file-{number}", digest={"sha256": digest}) for number, digest in enumerate(digests)]
    return write_statement(subjects, predicate_type, {})


@pytest.fixture
def sigstore(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    instance = PrivateSigstore()
    Path("trusted_root.json").write_bytes(instance.trusted_root)
    Path("signer").write_bytes(FILE)
    return instance


def asked(*arguments, raw, **options):
    Path("bundle.json").write_bytes(raw)
    result = CliRunner().invoke(command, ["--bundle", "bundle.json", *arguments, "--output", "json"], **options)
    if isinstance(result.exception, InputError):
        raise result.exception
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else result.output


@pytest.mark.parametrize("artifact", ["signer", f"sha256:{DIGEST}"])
@pytest.mark.parametrize("offline", [(), ("--offline",)])
def test_a_signed_file_is_accepted_by_path_and_by_digest(sigstore, artifact, offline):
    raw = sigstore.sign_file(FILE, *certified(sigstore))
    code, found = asked(*SIGNER, *ROOT, *offline, artifact, raw=raw)
    assert (code, found["verdict"], found["artifactSha256"]) == (0, "accepted", DIGEST)
    assert (found["identity"], found["issuer"], found["key"]) == (WORKFLOW, GITHUB, None)
    assert (found["signedOn"], found["reason"]) == ("2026-04-10T09:01:00Z", None)


@pytest.mark.parametrize(("digests", "code"), [((DIGEST,), 0), (("0" * 64, DIGEST), 0), (("0" * 64,), 10)])
def test_a_statement_is_about_the_file_or_refused(sigstore, digests, code):
    raw = sigstore.sign_statement(payload(*digests))
    ended, found = asked(*SIGNER, *ROOT, "signer", raw=raw)
    assert (ended, (found["reason"] or {}).get("code")) == (code, None if code == 0 else "SUBJ-DIGEST")


def test_a_statement_of_a_type_that_the_gate_does_not_know_is_a_signature_all_the_same(sigstore):
    raw = sigstore.sign_statement(payload(DIGEST, predicate_type="https://registry.example/anything"))
    assert asked(*SIGNER, *ROOT, "signer", raw=raw)[0] == 0


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b"no JSON", b'{"_type":"https://in-toto.io/Statement/v1"}', b'{"_type":"link"}']
)
def test_a_payload_that_is_no_statement_is_refused(sigstore, content):
    code, found = asked(*SIGNER, *ROOT, "signer", raw=sigstore.sign_statement(content))
    assert (code, found["verdict"]) == (10, "refused")


def test_a_payload_of_another_type_is_refused_though_it_reads_like_a_statement(sigstore):
    raw = sigstore.seal(payload(DIGEST), *certified(sigstore), payload_type="text/plain")
    code, found = asked(*SIGNER, *ROOT, "signer", raw=raw)
    assert (code, found["reason"]["code"]) == (10, "TYPE-PAYLOAD")


@pytest.mark.parametrize(
    ("identity", "issuer"),
    [
        (WORKFLOW.upper(), GITHUB),
        (WORKFLOW.replace("v3.0.1", "*"), GITHUB),
        (WORKFLOW[:-1], GITHUB),
        (WORKFLOW + " ", GITHUB),
        (WORKFLOW, GITHUB + "/"),
        (WORKFLOW, "https://accounts.example"),
    ],
)
def test_identity_and_issuer_are_exact(sigstore, identity, issuer):
    raw = sigstore.sign_file(FILE, *certified(sigstore))
    wanted = ("--certificate-identity", identity, "--certificate-oidc-issuer", issuer)
    code, found = asked(*wanted, *ROOT, "signer", raw=raw)
    assert (code, found["reason"]["code"]) == (10, "ID-MISMATCH")


@pytest.mark.parametrize("style", [1, 2])
def test_a_key_is_asked_for_with_its_file(sigstore, style):
    instance = PrivateSigstore(style=style)
    Path("trusted_root.json").write_bytes(instance.trusted_root)
    key, other = new_key(), new_key()
    for name, each in (("key.pub", key), ("other.pub", other)):
        Path(name).write_bytes(each.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    raw = instance.sign_file(FILE, key, None, form=Form(stamped=True))
    fingerprint = sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    code, found = asked("--key", "key.pub", *ROOT, "signer", raw=raw)
    assert (code, found["key"], found["identity"]) == (0, fingerprint, None)
    code, found = asked("--key", "other.pub", *ROOT, "signer", raw=raw)
    assert (code, found["reason"]["code"]) == (10, "SIG-UNTRUSTED")
    code, found = asked(*SIGNER, *ROOT, "signer", raw=raw)
    assert (code, found["reason"]["code"]) == (10, "SIG-UNTRUSTED"), "an identity was asked for, and a key signed"
    code, found = asked("--key", "key.pub", *ROOT, "signer", raw=instance.sign_file(FILE, *certified(instance)))
    assert (code, found["reason"]["code"]) == (10, "SIG-UNTRUSTED"), "a key was asked for, and an identity signed"


def test_what_is_not_judged_is_another_answer_than_what_is_bad(sigstore):
    good = sigstore.sign_statement(payload(DIGEST))
    other = changed(good, (*ENTRY, "kindVersion"), {"kind": "rekord", "version": "0.0.1"})
    code, found = asked(*SIGNER, *ROOT, "signer", raw=other)
    assert (code, found["verdict"], found["reason"]["code"]) == (11, "unsupported", "SIG-UNSUPPORTED")
    bad = changed(good, (*ENTRY, "integratedTime"), "1775811661")
    code, found = asked(*SIGNER, *ROOT, "signer", raw=bad)
    assert (code, found["verdict"], found["reason"]["code"]) == (10, "refused", "SIG-BUNDLE")


def test_the_text_says_who_signed_or_why_not(sigstore):
    Path("bundle.json").write_bytes(sigstore.sign_file(FILE, *certified(sigstore)))
    call = ["--bundle", "bundle.json", *SIGNER, *ROOT]
    accepted = CliRunner().invoke(command, [*call, "signer"])
    assert accepted.output.startswith("✓ ACCEPTED bundle.json")
    assert WORKFLOW in accepted.output
    refused = CliRunner().invoke(command, [*call, f"sha256:{'0' * 64}"])
    assert (refused.exit_code, refused.output.startswith("✗ REFUSED bundle.json: SIG-BUNDLE")) == (10, True)


def test_without_a_trusted_root_the_installed_one_of_the_public_instance_stands_in_and_is_named(sigstore):
    code, found = asked(*SIGNER, "signer", raw=sigstore.sign_file(FILE, *certified(sigstore)))
    assert (code, found["verdict"]) == (10, "refused")
    assert found["trustedRoot"].startswith("of the public instance, as the installed sigstore 4.")


def test_a_trusted_root_that_is_none_is_an_error_of_the_call_and_not_of_the_bundle(sigstore):
    Path("trusted_root.json").write_bytes(b"{}")
    with pytest.raises(InputError, match="POL-TRUST"):
        asked(*SIGNER, *ROOT, "signer", raw=sigstore.sign_file(FILE, *certified(sigstore)))


@pytest.mark.parametrize(
    "arguments",
    [
        ("signer",),
        ("--certificate-identity", WORKFLOW, "signer"),
        ("--certificate-oidc-issuer", GITHUB, "signer"),
        (*SIGNER, "--key", "key.pub", "signer"),
        (*SIGNER, "sha256:00"),
        (*SIGNER, f"sha256:{DIGEST.upper()}"),
        (*SIGNER, f"sha256:{DIGEST}\n"),
        SIGNER,
    ],
)
def test_a_call_that_asks_for_nobody_or_nothing_is_wrong_usage(sigstore, arguments):
    raw = sigstore.sign_file(FILE, *certified(sigstore))
    Path("bundle.json").write_bytes(raw)
    result = CliRunner().invoke(command, ["--bundle", "bundle.json", *ROOT, *arguments], standalone_mode=False)
    assert isinstance(result.exception, click.UsageError)


@pytest.mark.parametrize("missing", ["bundle.json", "signer", "trusted_root.json"])
def test_a_file_that_is_missing_is_named(sigstore, missing):
    Path("bundle.json").write_bytes(sigstore.sign_file(FILE, *certified(sigstore)))
    Path(missing).unlink()
    result = CliRunner().invoke(command, ["--bundle", "bundle.json", *SIGNER, *ROOT, "signer"])
    assert isinstance(result.exception, InputError)
    assert (result.exception.code, missing in str(result.exception)) == ("FILE", True)
