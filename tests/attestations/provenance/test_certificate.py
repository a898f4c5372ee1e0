"""Provenance and certificate must say the same of what both speak about."""

from dataclasses import replace

import provenance_examples as p
import pytest
from provenance_examples import changed, read

from attestations.identity import Identity
from attestations.provenance import completed, contradictions, foreign_signer

GITHUB = "https://token.actions.githubusercontent.com"
FAMILIES = {
    "generator v0.2": (p.GENERATOR_V02, p.GENERIC),
    "delegated v0.2": (p.DELEGATED_V02, p.DELEGATOR),
    "delegated v1": (p.DELEGATED, p.DELEGATOR),
    "container-based": (p.CONTAINER_BASED, p.CONTAINER),
    "attest-build-provenance": (p.ATTEST, p.WORKFLOW),
    "npm v1": (p.NPM, p.WORKFLOW),
    "npm v0.2": (p.NPM_V02, p.WORKFLOW),
}
EVERYWHERE = {"source_repository_uri", "source_repository_ref", "build_config_uri", "build_trigger"}
SAID = {
    "generator v0.2": EVERYWHERE
    | {
        "source_repository_digest",
        "source_repository_identifier",
        "source_repository_owner_identifier",
        "run_invocation_uri",
    },
    "attest-build-provenance": set(p.CERTIFICATE),
    "npm v1": EVERYWHERE | {"source_repository_digest", "run_invocation_uri", "runner_environment"},
    "npm v0.2": set(p.CERTIFICATE),
}
SAID |= dict.fromkeys(("delegated v0.2", "delegated v1", "container-based"), SAID["generator v0.2"])


def signed(subject, **other):
    return Identity(issuer=GITHUB, subject=subject, extensions={**p.CERTIFICATE, **other})


@pytest.mark.parametrize("family", FAMILIES)
def test_a_certificate_of_the_run_itself_contradicts_nothing(family):
    said, subject = FAMILIES[family]
    assert list(contradictions(read(said), signed(subject))) == []
    assert foreign_signer(read(said), signed(subject)) is None


@pytest.mark.parametrize(("family", "name"), [(family, name) for family in FAMILIES for name in sorted(SAID[family])])
def test_a_certificate_that_says_otherwise_is_a_contradiction(family, name):
    said, subject = FAMILIES[family]
    found = list(contradictions(read(said), signed(subject, **{name: "other"})))
    assert found
    assert {each.split(" ")[0] for each in found} == {name}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_certificate_does_not_say_is_not_compared(family):
    said, subject = FAMILIES[family]
    assert list(contradictions(read(said), Identity(issuer=GITHUB, subject=subject, extensions={}))) == []


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        (p.GENERATOR_V02, p.WORKFLOW),
        (p.GENERATOR_V02, f"{p.GENERIC}x"),
        (p.GENERATOR_V02, p.GENERIC.replace("v2.0.0", "v2x0x0")),
        (p.CONTAINER_BASED, p.DELEGATOR),
        (p.ATTEST, f"{p.REPOSITORY}/{p.PATH}@refs/heads/main"),
        (p.DELEGATED, p.WORKFLOW),
        (p.DELEGATED, p.MAVEN),
        (p.DELEGATED, p.DELEGATOR.replace("refs/tags/v2.0.0", "refs/heads/main")),
        (p.DELEGATED, p.DELEGATOR.replace("v2.0.0", "v2")),
        (p.DELEGATED, f"{p.DELEGATOR}-rc.1"),
        (p.DELEGATED, p.DELEGATOR.replace("slsa-framework/", "slsa-framework-x/")),
        (p.DELEGATED, f"{p.DELEGATOR}\n"),
        (p.DELEGATED_V02, p.WORKFLOW),
    ],
)
def test_a_builder_that_another_signed_for_is_told(said, subject):
    assert foreign_signer(read(said), signed(subject)) is not None


def test_builders_on_a_runner_and_plain_ones_are_not_known_by_their_signer():
    assert foreign_signer(read(p.NPM), signed("anybody")) is None
    assert foreign_signer(read(p.GITLAB_SERVER), signed("anybody")) is None


def test_a_runner_that_npm_does_not_name_further_is_a_hosted_one():
    assert list(contradictions(read(p.NPM_V02), signed(p.WORKFLOW, runner_environment="self-hosted")))
    self_hosted = changed(p.NPM, "runDetails", "builder", value={"id": p.RUNNER.replace("github-", "self-")})
    assert list(contradictions(read(self_hosted), signed(p.WORKFLOW)))
    assert not list(contradictions(read(self_hosted), signed(p.WORKFLOW, runner_environment="self-hosted")))


def with_another_commit(said):
    """Return the provenance with one more dependency on the source, at another commit and without a reference."""
    if "buildDefinition" in said:
        path, more = ("buildDefinition", "resolvedDependencies"), {"gitCommit": p.OTHER}
        deps = said["buildDefinition"]["resolvedDependencies"]
    else:
        path, more = ("materials",), {"sha1": p.OTHER}
        deps = said["materials"]
    source = read(said).source
    return changed(said, *path, value=[*deps, {"uri": source, "digest": more}])


@pytest.mark.parametrize("said", [p.ATTEST, p.NPM, p.NPM_V02])
def test_whoever_writes_provenance_for_itself_can_name_no_other_commit(said):
    """A reviewed commit beside the one that was built would lend its review."""
    found = list(contradictions(read(with_another_commit(said)), signed(p.WORKFLOW)))
    assert found == [f"source_repository_digest '{p.OTHER}', in the certificate '{p.COMMIT}'"]


@pytest.mark.parametrize("said", [p.GITLAB_RUNNER, p.GITLAB_SERVER, p.GITLAB_V02])
def test_nor_can_a_pipeline_of_gitlab(said):
    certificate = {"source_repository_uri": p.PROJECT, "source_repository_digest": p.COMMIT}
    identity = Identity(issuer="https://gitlab.example.org", subject="x", extensions=certificate)
    assert list(contradictions(read(with_another_commit(said)), identity)) == [
        f"source_repository_digest '{p.OTHER}', in the certificate '{p.COMMIT}'"
    ]


def test_a_trusted_builder_may_check_out_another_commit_than_the_run_was_started_for():
    other = [{"uri": p.SOURCE, "digest": {"gitCommit": p.OTHER}}]
    build = read(changed(p.DELEGATED, "buildDefinition", "resolvedDependencies", value=other))
    assert list(contradictions(build, signed(p.DELEGATOR))) == []
    assert (build.commits, build.ref) == ({p.OTHER}, None)


@pytest.mark.parametrize("said", [p.GITLAB_RUNNER, p.GITLAB_SERVER, p.GITLAB_V02])
def test_gitlabs_reference_is_that_of_its_certificate(said):
    """Whoever writes the pipeline can set a variable; the token's claims only GitLab can."""
    certificate = {"source_repository_uri": p.PROJECT, "source_repository_ref": p.TAG}
    identity = Identity(issuer="https://gitlab.example.org", subject="x", extensions=certificate)
    assert completed(read(said), identity).ref == p.TAG
    assert completed(read(said), replace(identity, extensions={})).ref is None
    assert list(contradictions(read(said), identity)) == []
    for name in ("source_repository_uri", "source_repository_digest"):
        assert list(contradictions(read(said), replace(identity, extensions={name: "other"})))


def test_no_other_family_takes_a_reference_from_its_certificate():
    without = changed(p.ATTEST, "buildDefinition", "externalParameters", "workflow", "ref", value=None)
    assert completed(read(without), signed(p.WORKFLOW)).ref is None
