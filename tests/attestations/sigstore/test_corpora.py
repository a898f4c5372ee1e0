"""Bundles of other projects with their verdicts, where the collection lies beside this repository."""

import json

import pytest
from bundle_corpus import CORPUS, document_of, judge, present, rows, subjects_of, trusted_root_of
from click.testing import CliRunner

from attestations.cli.verify_bundle import command
from attestations.errors import InputError
from attestations.sigstore import verify_bundle
from attestations.strict.document import Document

pytestmark = present

GITHUB = "https://token.actions.githubusercontent.com"
WRONG_CALLS = {
    "conf-managed-key-wrong-key_fail": "KEY",  # the key given is no point of its curve
    "conf-trust-root-tlog-missing-validity-start_fail": "POL-TRUST",
}
"""what is given beside the bundle is unusable, so the call ends (in 2) before the bundle is judged"""


@pytest.mark.parametrize("row", [param for param in rows("sigstore-bundle", "dsse-bundle") if "conf-" in param.id])
def test_every_case_of_sigstore_conformance_ends_as_it_says_through_the_command(row):
    policy, root = row["policy"], ("--trusted-root", str(trusted_root_of(row)))
    signer = ("--certificate-identity", policy.get("identity"), "--certificate-oidc-issuer", policy.get("issuer"))
    key = ("--key", str(CORPUS / policy["public_key"])) if "public_key" in policy else ()
    call = ["--bundle", str(CORPUS / row["files"][0]), *(key or signer), *root, str(CORPUS / row["artifact"][0])]
    result = CliRunner().invoke(command, call)
    if row["id"] in WRONG_CALLS:
        assert isinstance(result.exception, InputError)
        assert result.exception.code == WRONG_CALLS[row["id"]]
    elif row["expected"] == "fail":
        assert result.exit_code == (11 if "unknown-version" in row["id"] else 10)
    else:
        assert (result.exit_code, result.output.partition(" ")[0]) == (0, "✓")


@pytest.mark.parametrize("row", [param for param in rows("sigstore-bundle", "dsse-bundle") if "conf-" not in param.id])
def test_a_bundle_of_another_project_gets_the_verdict_of_its_project(row):
    if row["expected"] == "fail":
        with pytest.raises(InputError) as caught:
            judge(row)
        assert caught.value.code in ("SIG-BUNDLE", "ENC-B64")
        return
    assert judge(row).subject.startswith(row["policy"].get("san_prefix", ""))


@pytest.mark.parametrize("row", rows("slsa-dsse-bundle", expected=("pass",)))
def test_a_good_bundle_of_a_builder_is_proven(row):
    """What the builder says in it (source, branch, inputs) is judged elsewhere; so the failing rows are not ours."""
    found = verify_bundle(document_of(row), trusted_root_of(row).read_bytes())
    assert found.identity.issuer == GITHUB
    assert set(row["artifact_sha256"] or ()) <= subjects_of(found.payload)


def bundles_of_npm(row):
    for entry in document_of(row).value["attestations"]:
        raw = json.dumps(entry["bundle"]).encode()
        yield Document(name=row["id"], raw=raw, value=entry["bundle"], find_marks=dict)


@pytest.mark.parametrize("row", rows("npm-attestations", expected=("pass",)))
def test_provenance_of_npm_is_proven_and_its_publication_is_by_a_key_that_nobody_named(row):
    trusted_root = trusted_root_of(row).read_bytes()
    for document in bundles_of_npm(row):
        if "publicKey" in document.value["verificationMaterial"]:
            with pytest.raises(InputError, match="SIG-UNTRUSTED"):
                verify_bundle(document, trusted_root)
        else:
            assert verify_bundle(document, trusted_root).identity.issuer == GITHUB
