"""`attest verify-provenance` on provenance that a practice Sigstore, a key or a registry's key signed."""

import json

import provenance_examples as p
import pytest
from provenance_examples import changed
from world.keys import signer

from attestations.cli import main_group
from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.predicates.slsa_provenance import TYPE, TYPE_V02
from attestations.provenance.npm_attestations import PUBLISH
from attestations.sigstore.practice import Form, PrivateSigstore, new_key

ARTIFACT = b"the signer"
SHA256 = p.digest_of(ARTIFACT)
GITHUB = "https://token.actions.githubusercontent.com"
ASKED = ("--source-uri=github.com/registry/signer",)
"""what is asked where nothing else is"""


def statement(predicate, subjects=None, kind=None):
    kind = kind or (TYPE if "buildDefinition" in predicate else TYPE_V02)
    digest = {"sha256": p.digest_of(ARTIFACT)}
    return canonical_json(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subjects or [{"name": "signer", "digest": digest}],
            "predicateType": kind,
            "predicate": predicate,
        }
    )


@pytest.fixture
def place(tmp_path):
    """A folder with the artifact, and a practice instance that everything in it is signed under."""
    return Place(tmp_path)


class Place:
    def __init__(self, folder):
        self.folder, self.sigstore = folder, PrivateSigstore()
        self.artifact = self.write("signer", ARTIFACT)
        self.root = self.write("trusted_root.json", self.sigstore.trusted_root)

    def write(self, name, raw):
        path = self.folder / name
        path.write_bytes(raw)
        return path

    def bundle(self, predicate, identity=p.GENERIC, issuer=GITHUB, claims=None, **more):
        said = p.CERTIFICATE if claims is None else claims
        raw = self.sigstore.sign_statement(statement(predicate, **more), identity, issuer, **said)
        return self.write("bundle.json", raw)

    def asking(self, file, *more, source=ASKED):
        return ("verify-provenance", f"--bundle={file}", f"--trusted-root={self.root}", *source, *more, self.artifact)


FAMILIES = [
    pytest.param(p.GENERATOR_V02, p.GENERIC, (), id="generator"),
    pytest.param(p.DELEGATED, p.DELEGATOR, (), id="delegated"),
    pytest.param(p.DELEGATED_V02, p.DELEGATOR, (), id="delegated v0.2"),
    pytest.param(p.CONTAINER_BASED, p.CONTAINER, (), id="container-based"),
    pytest.param(p.ATTEST, p.WORKFLOW, (f"--builder-id={p.WORKFLOW}",), id="attest-build-provenance"),
    pytest.param(p.NPM, p.WORKFLOW, (f"--builder-id={p.RUNNER}",), id="npm"),
]


@pytest.mark.parametrize(("predicate", "identity", "asked"), FAMILIES)
def test_a_build_as_asked_is_valid(place, call, predicate, identity, asked):
    called = call(*place.asking(place.bundle(predicate, identity), *asked, "--source-tag=v3.0.1"))
    assert (called.code, called.said["verdict"], called.said["mismatches"]) == (0, "valid", [])
    assert called.said["build"]["commits"] == [p.COMMIT]
    assert called.said["signer"]["identity"] == identity


@pytest.mark.parametrize(("predicate", "identity", "asked"), FAMILIES)
@pytest.mark.parametrize("name", ["source_repository_uri", "source_repository_ref", "build_trigger"])
def test_a_certificate_of_another_run_is_refused(place, call, predicate, identity, asked, name):
    called = call(*place.asking(place.bundle(predicate, identity, claims={**p.CERTIFICATE, name: "x"}), *asked))
    assert (called.code, called.about[0]) == (10, "certificate")


@pytest.mark.parametrize(("predicate", "identity", "asked"), FAMILIES[:5])
def test_provenance_that_the_project_signed_itself_in_the_builders_name_is_refused(
    place, call, predicate, identity, asked
):
    own = f"{p.REPOSITORY}/{p.PATH}@refs/heads/evil"
    called = call(*place.asking(place.bundle(predicate, own), *asked))
    assert (called.code, called.about) == (10, ["signer"])
    assert call(*place.asking(place.bundle(predicate, identity), *asked)).code == 0


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("--source-tag=v3.0", "ref"),
        ("--source-tag=3.0.1", "ref"),
        ("--source-branch=v3.0.1", "ref"),
        ("--source-versioned-tag=v3.1", "ref"),
        ("--builder-id=https://github.com/somebody/generator_generic_slsa3.yml", "builder"),
        (f"--builder-id={p.GENERIC.split('@')[0]}@v2.0.1", "builder"),
        ("--build-workflow-input=channel=beta", "workflow input channel"),
        ("--build-workflow-input=other=stable", "workflow input other"),
        ("--package-name=signer", "package"),
        ("--package-version=3.0.1", "package version"),
    ],
)
def test_every_question_has_a_wrong_answer(place, call, asked, about):
    called = call(*place.asking(place.bundle(p.GENERATOR_V02), asked))
    assert (called.code, called.about) == (10, [about])


@pytest.mark.parametrize(
    "asked",
    [
        "--source-tag=v3.0.1",
        "--source-versioned-tag=v3",
        f"--builder-id={p.GENERIC.split('@')[0]}",
        f"--builder-id={p.GENERIC.split('@')[0]}@v2.0.0",
        "--build-workflow-input=channel=stable",
    ],
)
def test_and_a_right_one(place, call, asked):
    assert call(*place.asking(place.bundle(p.GENERATOR_V02), asked)).code == 0


@pytest.mark.parametrize(
    "source",
    [
        "github.com/registry/signer2",
        "github.com/Registry/signer",
        "github.com/registry",
        "Agithub.com/registry/signer",
        "github.com/registry/signer/",
        "git+https://github.com/registry/signer@refs/tags/v3.0.1",
        "http://github.com/registry/signer",
    ],
)
def test_a_source_that_only_looks_alike_is_another(place, call, source):
    called = call(*place.asking(place.bundle(p.GENERATOR_V02), source=(f"--source-uri={source}",)))
    assert (called.code, called.about) == (10, ["source"])


@pytest.mark.parametrize("source", ["https://github.com/registry/signer", "git+https://github.com/registry/signer"])
def test_a_source_may_be_written_in_three_ways(place, call, source):
    assert call(*place.asking(place.bundle(p.GENERATOR_V02), source=(f"--source-uri={source}",))).code == 0


def test_a_builder_that_is_no_release_of_the_generator_must_be_named(place, call):
    file = place.bundle(p.ATTEST, p.WORKFLOW)
    assert call(*place.asking(file)).about == ["builder"]
    assert call(*place.asking(file, f"--builder-id={p.WORKFLOW.split('@')[0]}")).code == 0


def test_an_issuer_that_is_not_githubs_must_be_named(place, call):
    file = place.bundle(p.GENERATOR_V02, issuer="https://token.actions.githubusercontent.com.evil.example")
    assert call(*place.asking(file)).about == ["issuer"]
    named = (f"--certificate-identity={p.GENERIC}", "--certificate-oidc-issuer=https://git.registry.example")
    assert call(*place.asking(file, *named)).about == ["signer"]
    assert call(*place.asking(place.bundle(p.GENERATOR_V02, issuer="https://git.registry.example"), *named)).code == 0


def test_a_runner_must_be_shown_by_its_certificate(place, call):
    without = {name: value for name, value in p.CERTIFICATE.items() if name != "runner_environment"}
    asked = f"--builder-id={p.RUNNER}"
    assert call(*place.asking(place.bundle(p.NPM, p.WORKFLOW, claims=without), asked)).about == ["signer"]
    elsewhere = {**p.CERTIFICATE, "runner_environment": "self-hosted"}
    assert call(*place.asking(place.bundle(p.NPM, p.WORKFLOW, claims=elsewhere), asked)).about == ["certificate"]


def test_gitlab_is_known_by_its_signer_and_its_reference_by_the_certificate(place, call):
    claims = {"source_repository_uri": p.PROJECT, "source_repository_ref": p.TAG, "source_repository_digest": p.COMMIT}
    subject, issuer = f"{p.PROJECT}//.gitlab-ci.yml@{p.TAG}", "https://gitlab.example.org"
    file = place.bundle(p.GITLAB_SERVER, subject, issuer, claims)
    source = (f"--source-uri={p.PROJECT}",)
    builder = f"--builder-id={p.GITLAB_SERVER['runDetails']['builder']['id']}"
    named = (f"--certificate-identity={subject}", f"--certificate-oidc-issuer={issuer}", builder)
    assert call(*place.asking(file, *named, "--source-tag=v3.0.1", source=source)).code == 0
    assert call(*place.asking(file, *named, "--source-tag=v3.0.2", source=source)).about == ["ref"]
    assert call(*place.asking(file, builder, source=source)).about == ["issuer", "signer"]


@pytest.mark.parametrize(
    ("subjects", "valid"),
    [
        ([{"name": "x", "digest": {"sha256": SHA256}}], True),
        ([{"name": "x", "digest": {"sha256": "00" * 32}}, {"name": "y", "digest": {"sha256": SHA256}}], True),
        ([{"name": "x", "digest": {"sha256": SHA256, "sha1": "00" * 20}}], True),
        ([{"name": "signer", "digest": {"sha256": "00" * 32}}], False),
        ([{"name": "x", "digest": {"sha256": SHA256, "sha512": "00" * 64}}], False),
        ([{"name": "x", "digest": {"sha1": p.digest_of(ARTIFACT, "sha1")}}], False),
        ([{"name": "x", "digest": {"gitCommit": SHA256[:40]}}], False),
    ],
)
def test_every_strong_digest_of_one_subject_must_be_that_of_the_file(place, call, subjects, valid):
    called = call(*place.asking(place.bundle(p.GENERATOR_V02, subjects=subjects)))
    assert (called.code, called.about) == ((0, []) if valid else (10, ["artifact"]))


def test_an_artifact_may_be_given_by_its_digest_alone(place, call):
    asked = place.asking(place.bundle(p.GENERATOR_V02))[:-1]
    assert call(*asked, f"sha256:{SHA256}").code == 0
    assert call(*asked, f"sha512:{'00' * 64}").about == ["artifact"]
    assert call(*asked, f"sha256:{SHA256.upper()}").code == 2


def key_files(place, *names):
    return [place.write(f"{name}.pem", signer(name).public.pem.encode()) for name in names]


def test_a_plain_key_vouches_for_the_builder_that_is_named(place, call):
    plain = p.v1("https://ci.example/build/v1", "https://ci.example/builder", {"source": f"{p.SOURCE}@{p.TAG}"})
    envelope = place.write("envelope.json", seal(statement(plain), PAYLOAD_TYPE, (signer("ci-builder"),)))
    right, wrong = key_files(place, "ci-builder", "somebody")
    named = "--builder-id=https://ci.example/builder"
    called = call(*place.asking(envelope, named, f"--key={right}", "--source-tag=v3.0.1"))
    assert (called.code, called.said["signer"]["key"]) == (0, signer("ci-builder").public.fingerprint)
    assert call(*place.asking(envelope, f"--key={right}")).about == ["builder"]
    unsigned = call(*place.asking(envelope, named, f"--key={wrong}"))
    assert (unsigned.code, unsigned.said["error"]["code"]) == (11, "SIG-UNTRUSTED")
    called = call(*place.asking(envelope, named))
    assert (called.code, "neither log entry nor timestamp" in called.said["error"]["found"]) == (11, True)


def test_a_key_with_an_id_is_tried_on_signatures_with_that_id_alone(place, call):
    plain = p.v1("https://ci.example/build/v1", "https://ci.example/builder", {"source": f"{p.SOURCE}@{p.TAG}"})
    envelope = place.write("envelope.json", seal(statement(plain), PAYLOAD_TYPE, (signer("ci-builder"),)))
    (file,) = key_files(place, "ci-builder")
    named, hint = "--builder-id=https://ci.example/builder", signer("ci-builder").public.fingerprint
    assert call(*place.asking(envelope, named, f"--key={hint}={file}")).code == 0
    for other in ("", "other"):
        assert call(*place.asking(envelope, named, f"--key={other}={file}")).code == 11


def test_a_bundle_may_be_signed_by_a_plain_key(place, call):
    key = new_key("registry", "builder")
    plain = p.v1("https://ci.example/build/v1", "https://ci.example/builder", {"source": f"{p.SOURCE}@{p.TAG}"})
    bundle = place.write("bundle.json", place.sigstore.seal(statement(plain), key, None))
    file = place.write("key.pem", p.pem_of(key))
    named = "--builder-id=https://ci.example/builder"
    assert call(*place.asking(bundle, named, f"--key={file}")).code == 0
    hint = json.loads(bundle.read_bytes())["verificationMaterial"]["publicKey"]["hint"]
    assert call(*place.asking(bundle, named, f"--key={hint}={file}")).code == 0
    assert call(*place.asking(bundle, named, f"--key=other={file}")).said["error"]["code"] == "SIG-UNTRUSTED"
    assert call(*place.asking(bundle, named)).said["error"]["code"] == "SIG-UNTRUSTED"


def npm(place, published=None, provenance=None, intoto=True):
    """Return what the registry hands out: provenance by a workflow, the publishing by the registry's key."""
    subjects = [{"name": "pkg:npm/%40registry/signer@3.0.1", "digest": {"sha512": p.digest_of(ARTIFACT, "sha512")}}]
    predicate = {"name": "@registry/signer", "version": "3.0.1", "registry": "https://registry.npmjs.org"}
    said = statement({**predicate, **(published or {})}, subjects, PUBLISH)
    key = new_key("registry", "npm")
    form = Form(version="0.2", kind="intoto" if intoto else "dsse")
    own = json.loads(place.sigstore.seal(said, key, None, form=form))
    built = place.sigstore.sign_statement(statement(p.NPM, provenance or subjects), p.WORKFLOW, GITHUB, **p.CERTIFICATE)
    entries = [
        {"predicateType": PUBLISH, "bundle": own},
        {"predicateType": TYPE, "bundle": json.loads(built)},
    ]
    return entries, key


def offered(place, entries):
    return place.write("npm.json", canonical_json({"attestations": entries}))


NPM_ASKED = (f"--builder-id={p.RUNNER}", "--package-name=@registry/signer", "--package-version=3.0.1")


def test_what_npm_hands_out_is_proven_twice(place, call):
    entries, key = npm(place)
    called = call(*place.asking(offered(place, entries), *NPM_ASKED))
    assert (called.code, len(called.said["notes"])) == (0, 1)
    file = place.write("npm.pem", p.pem_of(key))
    called = call(*place.asking(offered(place, entries), *NPM_ASKED, f"--key={file}"))
    assert (called.code, called.said["notes"]) == (0, [])
    (other,) = key_files(place, "somebody")
    assert call(*place.asking(offered(place, entries), *NPM_ASKED, f"--key={other}")).code == 11


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("--package-name=@registry/signe", "package"),
        ("--package-name=signer", "package"),
        ("--package-version=3.0", "package version"),
    ],
)
def test_another_package_is_not_what_was_published(place, call, asked, about):
    entries, _ = npm(place)
    assert call(*place.asking(offered(place, entries), f"--builder-id={p.RUNNER}", asked)).about == [about]


def test_npm_never_goes_without_a_builder_that_is_named(place, call):
    entries, _ = npm(place)
    assert call(*place.asking(offered(place, entries))).about == ["builder"]


def test_what_npm_hands_out_must_be_about_one_package(place, call):
    other = [{"name": "pkg:npm/%40registry/signer@3.0.2", "digest": {"sha512": p.digest_of(ARTIFACT, "sha512")}}]
    foreign = [{"name": "pkg:npm/%40registry/signer@3.0.1", "digest": {"sha512": "00" * 64}}]
    for more in ({"published": {"version": "3.0.2"}}, {"provenance": other}, {"provenance": foreign}):
        entries, _ = npm(place, **more)
        called = call(*place.asking(offered(place, entries), *NPM_ASKED))
        assert (called.code, called.said["error"]["code"]) == (10, "SUBJ-DIGEST")


def test_what_npm_hands_out_must_be_one_of_each(place, call):
    entries, _ = npm(place)
    for few in ([], entries[:1], entries[1:], entries * 2, [7, *entries[:1]]):
        called = call(*place.asking(offered(place, few), *NPM_ASKED))
        assert (called.code, called.said["error"]["code"]) == (11, "TYPE-PREDICATE")


def test_a_publishing_that_was_changed_after_it_was_logged_is_forged(place, call):
    entries, _ = npm(place)
    changed_payload = statement({"name": "x", "version": "3.0.1", "registry": "r"}, None, PUBLISH)
    entries[0]["bundle"]["dsseEnvelope"]["payload"] = p.base64_of(changed_payload)
    called = call(*place.asking(offered(place, entries), *NPM_ASKED))
    assert (called.code, called.said["error"]["code"]) == (10, "SIG-BUNDLE")


def test_a_log_entry_that_names_no_key_cannot_vouch_for_a_publishing(place, call):
    entries, _ = npm(place, intoto=False)
    called = call(*place.asking(offered(place, entries), *NPM_ASKED))
    assert (called.code, called.said["error"]["code"]) == (10, "SIG-BUNDLE")


@pytest.mark.parametrize(
    "said",
    [
        {"payloadType": "text/plain", "payload": "e30=", "signatures": [{"sig": "AA=="}]},
        {"hello": 1},
        [],
    ],
)
def test_what_cannot_be_proven_is_inconclusive_and_never_valid(place, call, said):
    called = call(*place.asking(place.write("other.json", json.dumps(said).encode())))
    assert (called.code, called.said["verdict"]) == (11, "inconclusive")


def test_a_payload_of_another_type_is_no_provenance(place, call):
    raw = seal(statement(p.ATTEST), "text/plain", (signer("ci-builder"),))
    (key,) = key_files(place, "ci-builder")
    called = call(*place.asking(place.write("envelope.json", raw), f"--key={key}"))
    assert (called.code, called.said["error"]["code"]) == (11, "TYPE-PAYLOAD")
    test_result = statement(
        {"result": "PASSED", "configuration": []}, None, "https://in-toto.io/attestation/test-result/v0.1"
    )
    called = call(
        *place.asking(
            place.write("envelope.json", seal(test_result, PAYLOAD_TYPE, (signer("ci-builder"),))), f"--key={key}"
        )
    )
    assert (called.code, called.said["error"]["code"]) == (11, "TYPE-PREDICATE")


def test_a_forged_bundle_does_not_read_like_an_unsupported_one(place, call):
    file = place.bundle(p.GENERATOR_V02)
    value = json.loads(file.read_bytes())
    payload = statement(changed(p.GENERATOR_V02, "builder", "id", value="x"))
    value["dsseEnvelope"]["payload"] = p.base64_of(payload)
    called = call(*place.asking(place.write("forged.json", canonical_json(value))))
    assert (called.code, called.said["error"]["code"]) == (10, "SIG-BUNDLE")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--source-tag=v1", "--source-branch=main"),
        ("--source-versioned-tag=1.2",),
        ("--build-workflow-input=channel",),
        ("--certificate-identity=x",),
        ("--certificate-oidc-issuer=x",),
    ],
)
def test_a_call_that_makes_no_sense_is_wrong_usage(place, call, wrong):
    assert call(*place.asking(place.bundle(p.GENERATOR_V02), *wrong)).code == 2


def test_a_trusted_root_that_is_none_is_wrong_usage(place, call):
    place.root.write_bytes(b"{}")
    assert call(*place.asking(place.bundle(p.GENERATOR_V02))).code == 2


def test_a_file_that_is_not_there_is_wrong_usage(place, call):
    assert call(*place.asking(place.folder / "nothing.json")).code == 2
    assert call(*place.asking(place.bundle(p.GENERATOR_V02))[:-1], place.folder / "nothing").code == 2
    assert call(*place.asking(place.bundle(p.GENERATOR_V02), f"--key={place.folder / 'nothing.pem'}")).code == 2


def in_words(capsys, *arguments):
    code = main_group.main(list(map(str, arguments)), prog_name="attest", standalone_mode=False)
    return code, capsys.readouterr().out.splitlines()


def test_it_says_in_words_what_was_found_and_what_was_wanted(place, capsys):
    file = place.bundle(p.GENERATOR_V02)
    code, lines = in_words(capsys, *place.asking(file, "--source-tag=v3.0.0"))
    assert (code, lines) == (
        10,
        [
            f"INVALID: {place.artifact}, by {file}",
            f"  built by  {p.GENERIC}",
            f"  from      {p.SOURCE} {p.TAG}",
            f"  commit    {p.COMMIT}",
            f"  signed by {p.GENERIC}",
            f"  ref: found {p.TAG}; wanted refs/tags/v3.0.0",
        ],
    )
    code, lines = in_words(capsys, *place.asking(place.write("other.json", b"{}")))
    assert (code, lines[0]) == (11, f"INCONCLUSIVE: {place.artifact}, by {place.folder / 'other.json'}")
    assert lines[1].startswith("  TYPE-PAYLOAD: found JSON that is no provenance")


def test_a_line_break_from_outside_begins_no_line_of_its_own(place, capsys):
    said = changed(p.GENERATOR_V02, "builder", "id", value="x\n::error::gone")
    code, lines = in_words(capsys, *place.asking(place.bundle(said)))
    assert code == 10
    assert "  built by  x␊::error::gone" in lines
    assert not any(line.startswith("::") for line in lines)
