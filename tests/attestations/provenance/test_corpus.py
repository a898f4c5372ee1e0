"""The questions of slsa-verifier's own tests, put to `attest verify-provenance`, where their collection is here."""

import json
import pathlib

import pytest

CORPUS = pathlib.Path(__file__).parents[4] / "shared" / "corpora" / "attestations"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of foreign attestations is not here")

OPTIONS = {
    "source_uri": "--source-uri",
    "source_tag": "--source-tag",
    "source_versioned_tag": "--source-versioned-tag",
    "source_branch": "--source-branch",
    "builder_id": "--builder-id",
    "package_name": "--package-name",
    "package_version": "--package-version",
}
KINDS = ("slsa-dsse-bundle", "slsa-dsse-envelope", "npm-attestations", "gcb-dsse-key")
PUBLIC_GOOD = CORPUS / "trust_roots" / "sigstore-public-good.json"
DELEGATOR_OF_THAT_DAY = (
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
    "delegator_generic_slsa3.yml@refs/heads/main"
)
UNRELEASED = "slsa_verifier/gha_delegator_v1.9.0/"
"""signed by a delegator on a branch, which slsa-verifier takes in its test mode alone: here the signer is named"""


def rows():
    manifest = CORPUS / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    found = [row for row in map(json.loads, lines) if row["kind"] in KINDS]
    return [pytest.param(row, id=row["id"]) for row in found]


def arguments(row):
    """Return the call that asks what the row asks."""
    asked = [f"{OPTIONS[name]}={value}" for name, value in row["policy"].items()]
    if "source_uri" not in row["policy"]:
        asked.append("--source-uri=github.com/slsa-framework/example-package")
    if row["kind"] == "gcb-dsse-key":
        asked.append(f"--key={CORPUS / row['trust_root']}")
    if row["files"][0].startswith(UNRELEASED):
        issuer = "https://token.actions.githubusercontent.com"
        asked += [f"--certificate-identity={DELEGATOR_OF_THAT_DAY}", f"--certificate-oidc-issuer={issuer}"]
    return [f"--bundle={CORPUS / row['files'][0]}", f"--trusted-root={PUBLIC_GOOD}", *asked]


def digest(row):
    return (
        f"sha512:{row['artifact_sha512'][0]}" if row.get("artifact_sha512") else f"sha256:{row['artifact_sha256'][0]}"
    )


def test_the_collection_holds_every_kind_of_row():
    counts = {kind: sum(param.values[0]["kind"] == kind for param in rows()) for kind in KINDS}
    assert counts == {"slsa-dsse-bundle": 292, "slsa-dsse-envelope": 36, "npm-attestations": 37, "gcb-dsse-key": 14}


@pytest.mark.parametrize("row", rows())
def test_a_question_of_slsa_verifier_gets_its_answer(row, call):
    called = call("verify-provenance", *arguments(row), digest(row))
    assert called.code == 0 if row["expected"] == "pass" else called.code in (10, 11)
    assert called.said["verdict"] == {0: "valid", 10: "invalid", 11: "inconclusive"}[called.code]


@pytest.mark.parametrize("row", [param for param in rows() if param.values[0]["expected"] == "pass"])
def test_another_file_is_not_what_was_built(row, call):
    called = call("verify-provenance", *arguments(row), "sha256:" + "00" * 32)
    assert (called.code, called.about) == (10, ["artifact"])


def test_a_signer_on_a_branch_is_only_taken_where_it_is_named(call):
    row = next(param.values[0] for param in rows() if param.values[0]["files"][0].startswith(UNRELEASED))
    called = call("verify-provenance", *arguments(row)[:-2], digest(row))
    assert "signer" in called.about
