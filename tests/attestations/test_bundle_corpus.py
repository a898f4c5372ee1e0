"""Bundles of other projects with their verdicts, where the collection lies beside this repository."""

import json
import pathlib

import pytest

from attestations.bundle import verify_bundle
from attestations.envelope import PAYLOAD_TYPE
from attestations.errors import InputError
from attestations.identity import matches
from attestations.strict import read_json

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "corpora" / "attestations"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of foreign attestations is not here")

FILE_SIGNATURE = "unsupported: a signature over a file"
INTOTO_ENTRY = "unsupported: a log entry of kind intoto 0.0.2"
KNOWN_DIFFERENCES = {
    "conf-happy-path-v0.2": FILE_SIGNATURE,
    "conf-happy-path-v0.3": FILE_SIGNATURE,
    "conf-rekor2-checkpoint-cosigned": FILE_SIGNATURE,
    "conf-rekor2-checkpoint-multiple-cosigs": FILE_SIGNATURE,
    "conf-rekor2-timestamp-without-embedded-cert": FILE_SIGNATURE,
    "conf-trust-root-tlog-validity-end-inclusive": FILE_SIGNATURE,
    "py-bundle.txt": FILE_SIGNATURE,
    "py-bundle_v3.txt": FILE_SIGNATURE,
    "py-staging-rekor-v2.txt": FILE_SIGNATURE,
    "go-provenance": INTOTO_ENTRY,
    "go-js200": INTOTO_ENTRY,
}
"""good bundles that are refused, by id, with the reason that must be said"""

LOGGED_AS_ENVELOPE = ("slsa-gha-go-v2.1.0-", "slsa-bcr-source-archive-using-release-builder")
"""the builders' bundles whose log entry is of kind dsse 0.0.1; all others are of kind intoto 0.0.2"""


def rows(*kinds):
    manifest = CORPUS / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    found = [row for row in map(json.loads, lines) if row["kind"] in kinds]
    return [pytest.param(row, id=row["id"]) for row in found]


def verify(row):
    file = row["files"][0]
    trusted_root = CORPUS / (row["trust_root"] or "trust_roots/sigstore-public-good.json")
    return verify_bundle(read_json((CORPUS / file).read_bytes(), file), trusted_root.read_bytes())


@pytest.mark.parametrize("row", rows("sigstore-bundle", "dsse-bundle"))
def test_a_bundle_of_another_project_gets_the_verdict_of_its_project(row):
    if row["expected"] == "fail" or row["id"] in KNOWN_DIFFERENCES:
        with pytest.raises(InputError) as caught:
            verify(row)
        assert caught.value.code in ("SIG-BUNDLE", "ENC-B64")
        assert caught.value.found.startswith(KNOWN_DIFFERENCES.get(row["id"], ""))
        return
    found = verify(row)
    assert found.payload_type == PAYLOAD_TYPE
    if "identity" in row["policy"]:
        assert matches(row["policy"]["issuer"], row["policy"]["identity"], found.identity)


@pytest.mark.parametrize("row", [param for param in rows("slsa-dsse-bundle") if param.values[0]["expected"] == "pass"])
def test_a_good_bundle_of_a_builder_is_proven_or_called_unsupported_by_its_log_entry(row):
    """What the builder says in it (source, branch, inputs) is judged elsewhere; so the failing rows are not ours."""
    if not row["id"].startswith(LOGGED_AS_ENVELOPE):
        with pytest.raises(InputError, match=INTOTO_ENTRY):
            verify(row)
        return
    found = verify(row)
    subjects = json.loads(found.payload)["subject"]
    assert found.identity.issuer == "https://token.actions.githubusercontent.com"
    assert set(row["artifact_sha256"]) <= {subject["digest"].get("sha256") for subject in subjects}
