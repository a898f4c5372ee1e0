"""What gcloud tells of an image: signed by a key of Cloud Build, in the form that the key's id tells."""

import copy
import json

import provenance_examples as p
import pytest

from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, pre_authentication_encoding
from attestations.sigstore.practice import new_key
from attestations.sigstore.practice.encoding import SHA256

DIGEST = "ab" * 32
RING = "projects/verified-builder/locations/{}/keyRings/attestor/cryptoKeys/{}/cryptoKeyVersions/1"
REGIONAL = RING.format("us-west2", "builtByGCB")
GLOBAL = RING.format("global", "google-hosted-worker")
IMAGE = f"us-west2-docker.pkg.dev/registry/signer@sha256:{DIGEST}"
KEY = new_key("cloud", "us-west2")
WORLDWIDE = new_key("cloud", "global")


def statement(predicate, kind):
    return {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": [{"name": IMAGE, "digest": {"sha256": DIGEST}}],
        "predicateType": f"https://slsa.dev/provenance/{kind}",
        "predicate": predicate,
    }


def entry(said, key_id, key, signed=None):
    """Return one provenance, signed as a key with that id signs: over the payload, or as DSSE has it."""
    payload = canonical_json(said)
    data = payload if "builtByGCB" in key_id else pre_authentication_encoding(PAYLOAD_TYPE, payload)
    signature = key.sign(data if signed is None else signed, SHA256)
    old = said["predicateType"].endswith("v0.1")
    clear = {name: value for name, value in said.items() if name != "predicate"}
    clear["slsaProvenance" if old else "predicate"] = said["predicate"]
    return {
        "kind": "BUILD",
        "resourceUri": f"https://{IMAGE}",
        "build": {"intotoStatement" if old else "inTotoSlsaProvenanceV1": clear},
        "envelope": {
            "payload": p.base64_of(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key_id, "sig": p.base64_of(signature)}],
        },
    }


def image(*entries):
    summary = {"digest": f"sha256:{DIGEST}", "fully_qualified_digest": IMAGE}
    return copy.deepcopy({"image_summary": summary, "provenance_summary": {"provenance": list(entries)}})


V03 = entry(statement(p.CLOUD_BUILD_V03, "v0.1"), REGIONAL, KEY)
V1 = entry(statement(p.CLOUD_BUILD, "v1"), GLOBAL, WORLDWIDE)


@pytest.fixture
def ask(tmp_path, call):
    """A function that asks about an image, with the keys of two regions and of the whole world."""
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "us-west2.key").write_bytes(p.pem_of(KEY))
    (keys / "us-west1.key").write_bytes(p.pem_of(new_key("cloud", "us-west1")))
    (keys / "global-pae-google-hosted-worker_1.key").write_bytes(p.pem_of(WORLDWIDE))
    (keys / "README.md").write_text("no key")

    def asked(said, *more):
        file = tmp_path / "image.json"
        file.write_text(json.dumps(said))
        fixed = (f"--bundle={file}", f"--key={keys}", "--source-uri=github.com/registry/signer")
        return call("verify-provenance", *fixed, *more, f"sha256:{DIGEST}")

    return asked


@pytest.mark.parametrize("one", [V03, V1], ids=["v0.3", "v1"])
def test_an_image_that_cloud_build_made_is_valid(ask, one):
    called = ask(image(one), "--source-tag=v3.0.1", f"--builder-id={p.WORKER}")
    assert (called.code, called.said["signer"]["form"]) == (0, "cloud-build")
    assert ask(image(one), "--source-tag=v3.0.2").about == ["ref"]
    assert ask(image(one), "--builder-id=https://cloudbuild.googleapis.com/LaptopWorker").about == ["builder"]


def test_of_several_the_first_that_is_signed_counts(ask):
    broken = {**V03, "envelope": {**V03["envelope"], "signatures": [{"keyid": REGIONAL, "sig": "AAAA"}]}}
    unreadable = {**V03, "envelope": {"payload": "?"}}
    assert ask(image(broken, unreadable, V03)).code == 0
    assert ask(image(broken, unreadable)).code == 11


@pytest.mark.parametrize(
    "key_id",
    [
        "",
        None,
        RING.format("us-west1", "builtByGCB"),
        RING.format("mars", "builtByGCB"),
        GLOBAL,
        RING.format("us-west2", "other"),
        f"{REGIONAL}/x",
        "us-west2",
    ],
)
def test_a_signature_counts_for_the_key_that_its_id_names_alone(ask, key_id):
    signature = {"sig": V03["envelope"]["signatures"][0]["sig"]} | ({} if key_id is None else {"keyid": key_id})
    called = ask(image({**V03, "envelope": {**V03["envelope"], "signatures": [signature]}}))
    assert (called.code, called.said["error"]["code"]) == (11, "SIG-UNTRUSTED")


def test_a_global_key_never_signs_a_bare_payload(ask):
    said = statement(p.CLOUD_BUILD, "v1")
    bare = entry(said, GLOBAL, WORLDWIDE, signed=canonical_json(said))
    assert ask(image(bare)).code == 11


@pytest.mark.parametrize("one", [V03, V1], ids=["v0.3", "v1"])
def test_what_is_in_clear_must_be_what_was_signed(ask, one):
    name = next(iter(one["build"]))
    for member in ("_type", "subject", "predicateType"):
        said = copy.deepcopy(one)
        said["build"][name][member] = "x"
        assert ask(image(said)).said["error"]["code"] == "SUBJ-DIGEST"
    assert ask(image({**one, "build": {}})).said["error"]["code"] == "SUBJ-DIGEST"
    said = copy.deepcopy(one)
    said["build"][name]["slsaProvenance" if name == "intotoStatement" else "predicate"]["x"] = 1
    assert ask(image(said)).said["error"]["code"] == "SUBJ-DIGEST"


def test_a_member_that_cloud_build_writes_in_two_ways_is_not_compared(ask):
    said = copy.deepcopy(V03)
    said["build"]["intotoStatement"]["slsaProvenance"]["recipe"]["definedInMaterial"] = "-1"
    assert ask(image(said)).code == 0


@pytest.mark.parametrize(
    ("member", "value"),
    [("kind", "BUILDER"), ("kind", None), ("resourceUri", f"https://{IMAGE[:-1]}c"), ("resourceUri", None)],
)
def test_what_is_said_around_it_must_be_about_the_same_image(ask, member, value):
    assert ask(image({**V03, member: value})).code in (10, 11)


@pytest.mark.parametrize("member", ["digest", "fully_qualified_digest"])
def test_the_summary_must_be_about_the_same_image(ask, member):
    said = image(V03)
    said["image_summary"][member] = "sha256:" + "00" * 32
    assert ask(said).said["error"]["code"] == "SUBJ-DIGEST"


def test_another_builder_is_not_believed_for_cloud_builds_key(ask):
    other = {**p.CLOUD_BUILD_V03, "builder": {"id": "https://ci.example/builder"}}
    called = ask(image(entry(statement(other, "v0.1"), REGIONAL, KEY)))
    assert (called.code, called.said["error"]["code"]) == (11, "SIG-ROLE")


def test_another_payload_type_is_not_believed(ask):
    said = {**V03, "envelope": {**V03["envelope"], "payloadType": "text/plain"}}
    assert ask(image(said)).said["error"]["code"] == "TYPE-PAYLOAD"


@pytest.mark.parametrize("said", [{"provenance_summary": {}}, {"provenance_summary": 7}, image()])
def test_an_image_without_provenance_is_inconclusive(ask, said):
    assert ask(said).code == 11


def test_provenance_of_one_image_is_bounded(ask):
    assert ask(image(*[V03] * 64)).code == 0
    assert ask(image(*[V03] * 65)).said["error"]["code"] == "LIMIT"
