"""Bundles of other projects with their verdicts, where the collection lies beside this repository."""

import json
import pathlib

import pytest

from attestations.envelope import PAYLOAD_TYPE
from attestations.errors import InputError
from attestations.identity import matches
from attestations.keys import read_public_key
from attestations.sigstore import verify_bundle, verify_file
from attestations.strict import read_json
from attestations.strict.document import Document

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "corpora" / "attestations"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of foreign attestations is not here")


def rows(*kinds):
    manifest = CORPUS / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    found = [row for row in map(json.loads, lines) if row["kind"] in kinds]
    return [pytest.param(row, id=row["id"]) for row in found]


def document_of(row):
    file = row["files"][0]
    return read_json((CORPUS / file).read_bytes(), file)


def trusted_root_of(row):
    named = (row["trust_root"] or "trust_roots/sigstore-public-good.json").partition(" + ")[0]
    return (CORPUS / named).read_bytes()


def subjects_of(payload):
    return {subject["digest"].get("sha256") for subject in json.loads(payload)["subject"]}


def judge(row):
    """Verify as the row's project would: the signer, and the file."""
    document, trusted_root, policy = document_of(row), trusted_root_of(row), row["policy"]
    keys = ()
    if "public_key" in policy:
        keys = (read_public_key((CORPUS / policy["public_key"]).read_bytes(), "key.pub"),)
    if "messageSignature" in document.value:
        found = verify_file(document, trusted_root, bytes.fromhex(row["artifact_sha256"][0]), keys)
    else:
        found = verify_bundle(document, trusted_root, keys)
        assert found.payload_type == PAYLOAD_TYPE
        assert set(row["artifact_sha256"] or ()) <= subjects_of(found.payload)
    if "identity" in policy:
        assert matches(policy["issuer"], policy["identity"], found.identity)
    if "san_prefix" in policy:
        assert found.identity.subject.startswith(policy["san_prefix"])


@pytest.mark.parametrize("row", rows("sigstore-bundle", "dsse-bundle"))
def test_a_bundle_of_another_project_gets_the_verdict_of_its_project(row):
    if row["expected"] == "fail":
        with pytest.raises((InputError, AssertionError)) as caught:
            judge(row)
        assert "unsupported" not in str(caught.value) or "log entries" not in str(caught.value)
        return
    judge(row)


@pytest.mark.parametrize("row", [param for param in rows("slsa-dsse-bundle") if param.values[0]["expected"] == "pass"])
def test_a_good_bundle_of_a_builder_is_proven(row):
    """What the builder says in it (source, branch, inputs) is judged elsewhere; so the failing rows are not ours."""
    found = verify_bundle(document_of(row), trusted_root_of(row))
    assert found.identity.issuer == "https://token.actions.githubusercontent.com"
    assert set(row["artifact_sha256"] or ()) <= subjects_of(found.payload)


def npm_bundles(row):
    document = document_of(row)
    for entry in document.value["attestations"]:
        yield Document(
            name=document.name, raw=json.dumps(entry["bundle"]).encode(), value=entry["bundle"], find_marks=dict
        )


@pytest.mark.parametrize("row", [param for param in rows("npm-attestations") if param.values[0]["expected"] == "pass"])
def test_provenance_of_npm_is_proven_and_its_publication_is_by_a_key_that_nobody_named(row):
    root = trusted_root_of(row)
    for document in npm_bundles(row):
        if "publicKey" in document.value["verificationMaterial"]:
            with pytest.raises(InputError, match="SIG-UNTRUSTED"):
                verify_bundle(document, root)
        else:
            assert verify_bundle(document, root).identity.issuer == "https://token.actions.githubusercontent.com"
