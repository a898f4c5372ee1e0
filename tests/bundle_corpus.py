"""Bundles of other projects with their verdicts, where the collection lies beside this repository."""

import json
import pathlib

import pytest

from attestations.sigstore import verify_bundle, verify_file
from attestations.strict import read_json

CORPUS = pathlib.Path(__file__).parents[2] / "shared" / "corpora" / "attestations"
present = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of foreign attestations is not here")


def rows(*kinds, expected=("pass", "fail")):
    manifest = CORPUS / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    found = [row for row in map(json.loads, lines) if row["kind"] in kinds and row["expected"] in expected]
    return [pytest.param(row, id=row["id"]) for row in found]


def document_of(row):
    file = row["files"][0]
    return read_json((CORPUS / file).read_bytes(), file)


def trusted_root_of(row):
    return CORPUS / (row["trust_root"] or "trust_roots/sigstore-public-good.json").partition(" + ")[0]


def subjects_of(payload):
    return {subject["digest"].get("sha256") for subject in json.loads(payload)["subject"]}


def judge(row):
    """Verify who signed, over what the row names; the row's project says whom it should have been."""
    document, trusted_root = document_of(row), trusted_root_of(row).read_bytes()
    if "messageSignature" in document.value:
        return verify_file(document, trusted_root, bytes.fromhex(row["artifact_sha256"][0])).identity
    found = verify_bundle(document, trusted_root)
    assert set(row["artifact_sha256"] or ()) <= subjects_of(found.payload)
    return found.identity
