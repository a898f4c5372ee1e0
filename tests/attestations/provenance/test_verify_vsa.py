"""`attest verify-vsa`: what a verifier says to have verified, and slsa-verifier's own questions about it."""

import json
import pathlib

import msgspec
import provenance_examples as p
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from world.keys import signer

from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, pre_authentication_encoding, seal
from attestations.predicates.verification_summary import TYPE, VerificationSummary
from attestations.provenance.summary import SummaryQuestion, answer_summary, reaches
from attestations.sigstore.practice import GITHUB, PrivateSigstore, new_key
from attestations.sigstore.practice.encoding import SHA256
from attestations.statement import Subject

SHARED = pathlib.Path(__file__).parents[4] / "shared" / "corpora"
foreign = pytest.mark.skipif(not SHARED.is_dir(), reason="the collection of foreign attestations is not here")
VERIFIER = "https://source.example/verifier"
SUMMARY = {
    "verifier": {"id": VERIFIER},
    "timeVerified": "2026-04-09T10:00:00.5Z",
    "resourceUri": p.SOURCE,
    "policy": {"uri": "https://source.example/policy"},
    "verificationResult": "PASSED",
    "verifiedLevels": ["SLSA_SOURCE_LEVEL_3", "TWO_PARTY"],
}
ASKED = (f"--verifier-id={VERIFIER}", f"--resource-uri={p.SOURCE}")


def payload(**changes):
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "_", "digest": {"gitCommit": p.COMMIT}}],
        "predicateType": TYPE,
        "predicate": {**SUMMARY, **changes},
    }
    return canonical_json(statement)


@pytest.fixture
def ask(tmp_path, call):
    """A function that asks about a summary that the verifier's key signed."""
    key = tmp_path / "verifier.pem"
    key.write_text(signer("source-verifier").public.pem)

    def asked(*more, asked=ASKED, digest=f"gitCommit:{p.COMMIT}", **changes):
        file = tmp_path / "vsa.json"
        file.write_bytes(seal(payload(**changes), PAYLOAD_TYPE, (signer("source-verifier"),)))
        return call("verify-vsa", f"--vsa={file}", f"--key={key}", *asked, *more, digest)

    return asked


@pytest.mark.parametrize("level", ["SLSA_SOURCE_LEVEL_1", "SLSA_SOURCE_LEVEL_3", "TWO_PARTY"])
def test_a_summary_as_asked_is_valid(ask, level):
    called = ask(f"--verified-level={level}")
    assert (called.code, called.said["verifier"], called.said["timeVerified"]) == (0, VERIFIER, SUMMARY["timeVerified"])


@pytest.mark.parametrize(
    ("changes", "more", "about"),
    [
        ({"verificationResult": "FAILED"}, (), "result"),
        ({"verifier": {"id": f"{VERIFIER}2"}}, (), "verifier"),
        ({"resourceUri": f"{p.SOURCE}2"}, (), "resource"),
        ({}, ("--verified-level=SLSA_SOURCE_LEVEL_4",), "level"),
        ({}, ("--verified-level=SLSA_BUILD_LEVEL_1",), "level"),
        ({}, ("--verified-level=TWO_PART",), "level"),
        ({"verifiedLevels": []}, ("--verified-level=SLSA_SOURCE_LEVEL_1",), "level"),
    ],
)
def test_every_question_has_a_wrong_answer(ask, changes, more, about):
    called = ask(*more, **changes)
    assert (called.code, called.about) == (10, [about])


@pytest.mark.parametrize("digest", [f"gitCommit:{p.OTHER}", f"sha1:{p.COMMIT}", f"gitCommit:{p.COMMIT[:39]}"])
def test_a_summary_of_something_else_is_none(ask, digest):
    assert ask(digest=digest).about == ["digest"]


@pytest.mark.parametrize("digest", ["gitCommit", "gitCommit:", ":9f2c"])
def test_a_digest_without_algorithm_or_value_is_wrong_usage(ask, digest):
    assert ask(digest=digest).code == 2


def test_nothing_asked_for_is_wrong_usage(tmp_path, call):
    assert call("verify-vsa", f"--vsa={tmp_path}/x", *ASKED).code == 2


def test_a_signature_in_raw_form_counts_for_a_key_of_p256(tmp_path, call):
    key, data = new_key("vsa", "verifier"), pre_authentication_encoding(PAYLOAD_TYPE, payload())
    r, s = decode_dss_signature(key.sign(data, SHA256))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    (tmp_path / "key.pem").write_bytes(p.pem_of(key))
    for value, code in ((raw, 0), (key.sign(data, SHA256), 0), (raw[:-1] + b"\0", 11), (raw + b"\0", 11)):
        signatures = [{"sig": p.base64_of(value), "keyid": "keystore:1"}]
        envelope = {"payload": p.base64_of(payload()), "payloadType": PAYLOAD_TYPE, "signatures": signatures}
        (tmp_path / "vsa.json").write_text(json.dumps(envelope))
        asked = ("verify-vsa", f"--vsa={tmp_path}/vsa.json", *ASKED, f"gitCommit:{p.COMMIT}")
        assert call(*asked, f"--key=keystore:1={tmp_path}/key.pem").code == code
        assert call(*asked, f"--key=keystore:2={tmp_path}/key.pem").code == 11
        assert call(*asked).code == 11


def test_a_keyless_summary_is_that_of_the_identity_that_is_named(tmp_path, call):
    sigstore, identity = PrivateSigstore(), "https://source.example/verifier@refs/heads/main"
    (tmp_path / "vsa.json").write_bytes(sigstore.sign_statement(payload(), identity, GITHUB))
    (tmp_path / "root.json").write_bytes(sigstore.trusted_root)
    fixed = ("verify-vsa", f"--vsa={tmp_path}/vsa.json", f"--trusted-root={tmp_path}/root.json", *ASKED)
    asked = (*fixed, f"gitCommit:{p.COMMIT}", f"--certificate-oidc-issuer={GITHUB}")
    assert call(*asked, f"--certificate-identity={identity}").code == 0
    assert call(*asked, f"--certificate-identity={identity}2").said["error"]["code"] == "ID-MISMATCH"
    assert call(*asked).code == 2
    assert call(*fixed, f"gitCommit:{p.COMMIT}").said["error"]["code"] == "ID-MISMATCH"


def test_what_is_not_signed_or_is_no_summary_is_inconclusive(tmp_path, call):
    key = tmp_path / "key.pem"
    key.write_text(signer("source-verifier").public.pem)
    for raw in (
        payload(),
        seal(payload(), "text/plain", (signer("source-verifier"),)),
        seal(
            payload().replace(TYPE.encode(), b"https://slsa.dev/provenance/v1"),
            PAYLOAD_TYPE,
            (signer("source-verifier"),),
        ),
    ):
        (tmp_path / "vsa.json").write_bytes(raw)
        called = call("verify-vsa", f"--vsa={tmp_path}/vsa.json", f"--key={key}", *ASKED, f"gitCommit:{p.COMMIT}")
        assert (called.code, called.said["verdict"]) == (11, "inconclusive")


@pytest.mark.parametrize(
    ("verified", "wanted", "reached"),
    [
        ("SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_LEVEL_2", True),
        ("SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_LEVEL_3", True),
        ("SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_LEVEL_4", False),
        ("SLSA_SOURCE_LEVEL_10", "SLSA_SOURCE_LEVEL_9", True),
        ("SLSA_SOURCE_LEVEL_3", "SLSA_BUILD_LEVEL_3", False),
        ("SLSA_SOURCE_LEVEL_03", "SLSA_SOURCE_LEVEL_3", False),
        ("SLSA_SOURCE_LEVEL_3x", "SLSA_SOURCE_LEVEL_3", False),
        ("SLSA_SOURCE_LEVEL_" + "9" * 5000, "SLSA_SOURCE_LEVEL_3", False),
        ("BCID_L2", "BCID_L1", False),
        ("BCID_L1", "BCID_L1", True),
    ],
)
def test_a_higher_level_of_the_same_track_reaches_a_lower_one(verified, wanted, reached):
    assert reaches(verified, wanted) is reached


def rows(folder, kind):
    manifest = SHARED / folder / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    return [pytest.param(row, id=row["id"]) for row in map(json.loads, lines) if row["kind"] == kind]


@foreign
@pytest.mark.parametrize("row", rows("attestations", "vsa-dsse-key"))
def test_a_foreign_summary_gets_the_verdict_of_its_project(row, call):
    policy, folder = row["policy"], SHARED / "attestations"
    key = f"--key={policy['public_key_id']}={folder / policy['public_key']}"
    levels = [f"--verified-level={level}" for level in policy.get("verified_levels", [])]
    asked = (f"--verifier-id={policy.get('verifier_id', 'x')}", f"--resource-uri={policy.get('resource_uri', 'x')}")
    digests = policy.get("subject_digests", ["gce_image_id:8970095005306000053"])
    called = call("verify-vsa", f"--vsa={folder / row['files'][0]}", key, *asked, *levels, *digests)
    assert called.code == (0 if row["expected"] == "pass" else 11)


@foreign
@pytest.mark.parametrize("row", rows("policy", "vsa-match"))
def test_a_question_about_a_summary_gets_its_answer(row):
    """The rows are cut down from a table: the policy of a summary and the names of its subjects are added."""
    said, options = json.loads((SHARED / "policy" / row["files"][0]).read_text()), row["options"]
    question = SummaryQuestion(
        digests=tuple(tuple(digest.split(":")) for digest in options["digests"]),
        verifier_id=options["verifier_id"],
        resource_uri=options["resource_uri"],
        levels=tuple(options["levels"]),
    )
    subjects = [msgspec.convert({"name": "_", "digest": {}, **subject}, Subject) for subject in said["subject"]]
    try:
        summary = msgspec.convert({"policy": {}, **said["predicate"]}, VerificationSummary, dec_hook=_time)
    except msgspec.ValidationError:  # a result that is none is refused when it is read
        answered = False
    else:
        answered = not list(answer_summary(question, subjects, summary))
    assert answered is (row["expected"] == "pass")


def _time(kind, value):
    return kind.parse(value)


@foreign
@pytest.mark.parametrize(
    "row", [each for each in rows("policy", "policy-eval") if "buildPoint" in each.values[0]["question"]]
)
def test_a_question_about_the_place_of_a_build_gets_its_answer(row):
    said, context = json.loads((SHARED / "policy" / row["files"][0]).read_text())["predicate"], row["context"]
    build, (repository, at, ref) = p.read(said), context["buildPoint"].partition("@")
    commit = context.get("buildPointCommit", "").rpartition(":")[2]
    commits = build.commits_of(repository)
    named = [each.uri for each in build.dependencies]
    whole = context.get("buildPointAllowRepo", True) or f"{repository}{at}{ref}" in named
    assert (bool(commits) and whole and (not commit or commit in commits)) is (row["expected"] == "pass")
