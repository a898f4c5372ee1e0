"""Every example of docs/provenance.md loads, and an honest build of its family is accepted under it."""

import re
from pathlib import Path

import layouts
import provenance_examples as p
import pytest
import yaml
from attacks.b10_expectations import KeylessPiece, private_root
from attacks.b10_layouts import NAME as LAYOUT
from attacks.b10_layouts import LayoutPiece
from world.documents import pem
from world.pieces import SOURCE, Piece
from world.registry import World

from attestations.digest import sha256

PAGE = (Path(__file__).parents[3] / "docs" / "provenance.md").read_text(encoding="utf-8")
PROVENANCE = "provenance.json"
GITLAB = f"{p.PROJECT}//.gitlab-ci.yml@{p.TAG}"
GITLAB_CLAIMS = {"source_repository_uri": p.PROJECT, "source_repository_ref": p.TAG}
OWN = p.v1(
    "https://ci.example/build/v1",
    "https://ci.example/builders/hardened",
    {"source": f"{SOURCE}@{p.TAG}", "target": "release"},
    resolvedDependencies=[{"uri": f"{SOURCE}@{p.TAG}", "digest": {"gitCommit": p.COMMIT}}],
)
CASES = {
    "GitHub: slsa-github-generator, generic and language builders": ("provenance-v0.2", p.GENERATOR_V02, p.GENERIC),
    "GitHub: builders behind the generator's delegator (Maven, Gradle, your own)": (
        "provenance",
        p.DELEGATED,
        p.DELEGATOR,
    ),
    "GitHub: the container-based builder": ("provenance", p.CONTAINER_BASED, p.CONTAINER),
    "GitHub: artifact attestations (attest-build-provenance)": ("provenance", p.ATTEST, p.WORKFLOW),
    "GitLab": ("provenance", p.GITLAB_SERVER, GITLAB),
    "Google Cloud Build": ("provenance", p.CLOUD_BUILD, None),
    "A builder of your own, with a key": ("provenance", OWN, None),
    "Layouts with links (in-toto)": ("layout", None, None),
    "Source review": ("review", None, None),
}


def examples(title):
    """Return the party and the requirement that stand under a title."""
    below = PAGE.partition(f" {title}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
    party, requirement = (yaml.safe_load(each)[0] for each in re.findall(r"```yaml\n(.*?)```", below, re.DOTALL))
    return party, requirement


def test_every_section_with_an_example_is_tried():
    titles = {line.lstrip("# ") for line in PAGE.splitlines() if line.startswith("##")}
    assert set(CASES) <= titles
    assert PAGE.count("```yaml") == 2 * len(CASES)


def world_of(title):
    kind, said, identity = CASES[title]
    party, requirement = examples(title)
    if "keys" in party:
        party["keys"] = [pem(party["name"])]

    def believe(trust):
        named = [each for each in trust["spec"]["parties"] if each["name"] != party["name"]]
        trust["spec"]["parties"] = [party, *named]
        if "sigstore" in party:
            trust["spec"]["sigstore"] = {"trusted_root": "keys/trusted_root.json", "sha256": sha256(private_root())}

    def expect(policy):
        index = 1 if kind == "review" else 0
        policy["spec"]["requirements"][index] = requirement

    texts = {"keys/trusted_root.json": private_root()} if "sigstore" in party else {}
    world = World(texts=texts, signing_off=()).with_document("trust", believe).with_document("policy", expect)
    if kind == "layout":
        return world.adding(LAYOUT, LayoutPiece("provenance", lambda _: {}, (), raw=layouts.chain()))
    if said is None:
        return world
    if identity is None:
        return world.adding(PROVENANCE, Piece(kind, lambda _: said, ("ci-builder",)))
    issuer, claims = party["sigstore"]["issuer"], GITLAB_CLAIMS if identity == GITLAB else p.CERTIFICATE
    signed = KeylessPiece(kind, lambda _: said, ("ci-builder",), identity=identity, issuer=issuer, claims=claims)
    return world.adding(PROVENANCE, signed)


@pytest.mark.parametrize("title", CASES)
def test_an_honest_build_is_accepted_under_the_example_of_its_family(title):
    world = world_of(title)
    wanted = examples(title)[1]["id"]
    result = next(each for each in world.judge().decision.results if each.id == wanted)
    assert (result.outcome.value, [finding.found for finding in result.findings if finding.outcome.value != "met"]) == (
        "met",
        [],
    )
