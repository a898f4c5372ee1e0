"""The gate on provenance that real builders made, where a collection of it lies beside this repository."""

import json
import pathlib
from dataclasses import dataclass

import pytest
from world.pieces import Bindings, Piece
from world.registry import World

from attestations.digest import sha256

CORPUS = pathlib.Path(__file__).parents[4] / "shared" / "corpora" / "attestations"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of foreign attestations is not here")

GITHUB = "https://token.actions.githubusercontent.com"
GENERATOR = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows"
EXAMPLE = "git+https://github.com/slsa-framework/example-package"
ROOT = "keys/trusted_root.json"
V1, V02 = ("provenance", "v1"), ("provenance-v0.2", "v0.2")
ANY = {"parameters": {"allow_only": ["inputs.*", "builderImage", "configPath", "buildConfig"]}}
BUILDS = [
    pytest.param(
        "gha_go_v2.1.0/binary-linux-amd64-push-v14.intoto.jsonl",
        *(
            V02,
            f"{GENERATOR}/builder_go_slsa3.yml",
            f"{GENERATOR}/builder_go_slsa3.yml",
            EXAMPLE,
            {"versioned_tag": "v14"},
        ),
        id="Go",
    ),
    pytest.param(
        "gha_maven_v2.0.0/binary-linux-amd64-push-v14.2.build.slsa",
        *(V1, f"{GENERATOR}/delegator_lowperms-generic_slsa3.yml", f"{GENERATOR}/builder_maven_slsa3.yml", EXAMPLE),
        {"tag": "v14.2", **ANY},
        id="Maven",
    ),
    pytest.param(
        "gha_gradle_v2.1.0/binary-linux-amd64-push-v14.2.build.slsa",
        *(V1, f"{GENERATOR}/delegator_lowperms-generic_slsa3.yml", f"{GENERATOR}/builder_gradle_slsa3.yml", EXAMPLE),
        {"tag": "v14.2", **ANY},
        id="Gradle",
    ),
    pytest.param(
        "gha_container-based_v2.1.0/binary-linux-amd64-workflow_dispatch.intoto.build.slsa",
        *(V1, f"{GENERATOR}/builder_container-based_slsa3.yml", f"{GENERATOR}/builder_container-based_slsa3.yml"),
        *(EXAMPLE, {"branch": "main", "pinned_dependencies": True, **ANY}),
        id="container-based",
    ),
    pytest.param(
        "bcr/rules_lint-v1.3.1.tar.gz.intoto.jsonl",
        V1,
        *["https://github.com/bazel-contrib/.github/.github/workflows/release_ruleset.yaml"] * 2,
        *("git+https://github.com/aspect-build/rules_lint", {"branch": "publish-to-bcr"}),
        id="attest-build-provenance",
    ),
]


@dataclass(frozen=True)
class Found(Piece):
    """A bundle as its builder handed it out."""

    raw: bytes = b""

    def make(self, bindings: Bindings) -> bytes:  # noqa: ARG002  # it was made before there was a request
        return self.raw


def world_of(file, kind, signer, builder, source, expect):
    raw = (CORPUS / "slsa_verifier" / file).read_bytes()
    root = (CORPUS / "trust_roots" / "sigstore-public-good.json").read_bytes()
    may, form = kind

    def believe(trust):
        trust["spec"]["sigstore"] = {"trusted_root": ROOT, "sha256": sha256(root)}
        identity = {"issuer": GITHUB, "identity": f"{signer}@refs/tags/*"}
        trust["spec"]["parties"][0].update(keys=[], sigstore=identity, may=[may], builder_ids={builder: 3})

    def ask(policy):
        policy["spec"]["requirements"][0].update(formats=[form], expect={"level": 3, "source": source, **expect})

    def release(request):
        request["spec"]["release"]["components"][0]["digest"] = {"sha256": artifact_of(file)}

    world = World(texts={ROOT: root}, signing_off=()).with_document("trust", believe).with_document("policy", ask)
    world = world.with_document("request", release)
    return world.with_piece("provenance.json", lambda piece: Found(piece.kind, piece.predicate, (), raw=raw))


def artifact_of(file):
    lines = (CORPUS / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["files"][0] == f"slsa_verifier/{file}"]
    return rows[0]["artifact_sha256"][0]


def findings(world):
    result = next(each for each in world.judge().decision.results if each.id == "build-provenance")
    return [finding.found for finding in result.findings if finding.code == "PROV-EXPECT"]


@pytest.mark.parametrize(("file", "kind", "signer", "builder", "source", "expect"), BUILDS)
def test_a_component_that_a_real_builder_made_was_built_as_expected(file, kind, signer, builder, source, expect):
    assert findings(world_of(file, kind, signer, builder, source, expect)) == ["signer was built as expected"]


@pytest.mark.parametrize(("file", "kind", "signer", "builder", "source", "expect"), BUILDS)
def test_and_is_not_for_another_repository_reference_or_builder(file, kind, signer, builder, source, expect):
    told = f"evidence/provenance.json: source '{source}'"
    assert told in findings(world_of(file, kind, signer, builder, f"{source}x", expect))
    others = {name: value for name, value in expect.items() if name not in ("tag", "versioned_tag", "branch")}
    found = findings(world_of(file, kind, signer, builder, source, {**others, "tag": "v0.0.1"}))
    assert any(each.startswith("evidence/provenance.json: ref ") for each in found)
    found = findings(world_of(file, kind, signer, f"{builder}x", source, expect))
    assert any(each.endswith("granted level 0") for each in found)
