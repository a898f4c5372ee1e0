"""What each family of builders says, in one form; and what it does not say is not guessed."""

import provenance_examples as p
import pytest
from provenance_examples import changed, read

GITHUB = (p.SOURCE, p.TAG, p.PATH)
INPUTS = {"channel": "stable"}
FAMILIES = [
    pytest.param(p.GENERATOR_V02, p.GENERIC, *GITHUB, {}, INPUTS, id="generator v0.2"),
    pytest.param(p.DELEGATED_V02, p.MAVEN, *GITHUB, {"inputs.jdk-version": 17}, INPUTS, id="delegated v0.2"),
    pytest.param(p.DELEGATED, p.MAVEN, *GITHUB, {"inputs.jdk-version": 17}, INPUTS, id="delegated v1"),
    pytest.param(
        p.CONTAINER_BASED,
        p.CONTAINER,
        *GITHUB,
        {"builderImage": "bash@sha256:9e2b", "configPath": "build.toml"},
        INPUTS,
        id="container-based",
    ),
    pytest.param(p.ATTEST, p.WORKFLOW, *GITHUB, {}, {}, id="attest-build-provenance"),
    pytest.param(p.NPM, p.RUNNER, *GITHUB, {}, {}, id="npm v1"),
    pytest.param(p.NPM_V02, "https://github.com/actions/runner", *GITHUB, {}, INPUTS, id="npm v0.2"),
    pytest.param(
        p.GITLAB_RUNNER,
        "https://gitlab.example.org/-/runners/12",
        f"git+{p.PROJECT}",
        None,
        None,
        {"entryPoint": "build-job", "variables.CI": "", "variables.CI_COMMIT_TAG": "", "variables.PATCH": ""},
        {},
        id="GitLab runner v1",
    ),
    pytest.param(
        p.GITLAB_SERVER,
        "https://gitlab.example.org/-/runners/12",
        f"git+{p.PROJECT}",
        None,
        None,
        {"entryPoint": "build-job", "variables.CI": "true", "variables.CI_COMMIT_TAG": "v3.0.1"},
        {},
        id="GitLab server",
    ),
    pytest.param(
        p.GITLAB_V02,
        "https://gitlab.example.org/-/runners/12",
        f"git+{p.PROJECT}",
        None,
        None,
        {"entryPoint": "build-job", "variables.CI": "", "variables.PATCH": ""},
        {},
        id="GitLab runner v0.2",
    ),
    pytest.param(
        p.CLOUD_BUILD,
        p.WORKER,
        p.SOURCE,
        p.TAG,
        "cloudbuild.yaml",
        {"substitutions._CHANNEL": "stable"},
        {},
        id="Cloud Build v1",
    ),
    pytest.param(
        p.CLOUD_BUILD_V03,
        f"{p.WORKER}@v0.3",
        p.SOURCE,
        p.TAG,
        "cloudbuild.yaml",
        {"substitutions._CHANNEL": "stable"},
        {},
        id="Cloud Build v0.3",
    ),
    pytest.param(
        p.CLOUD_BUILD_V02,
        f"{p.WORKER}@v0.2",
        p.SOURCE,
        p.TAG,
        "cloudbuild.yaml",
        {"substitutions._CHANNEL": "stable"},
        {},
        id="Cloud Build v0.2",
    ),
]


@pytest.mark.parametrize(("said", "builder", "source", "ref", "workflow", "parameters", "inputs"), FAMILIES)
def test_a_family_says_builder_source_and_parameters_in_one_form(
    said, builder, source, ref, workflow, parameters, inputs
):
    build = read(said)
    assert (build.builder_id, build.source, build.ref, build.workflow) == (builder, source, ref, workflow)
    assert (build.parameters, build.inputs) == (parameters, inputs)
    assert build.commits == {p.COMMIT}
    assert build.unpinned == ()


@pytest.mark.parametrize(
    "said",
    [
        changed(p.DELEGATED, "buildDefinition", "internalParameters", "GITHUB_WORKFLOW_REF", value=None),
        changed(p.DELEGATED, "buildDefinition", "internalParameters", "GITHUB_WORKFLOW_REF", value="signer@x"),
        changed(
            p.DELEGATED,
            "buildDefinition",
            "internalParameters",
            "GITHUB_WORKFLOW_REF",
            value=f"registry/fork/{p.PATH}@{p.TAG}",
        ),
        changed(p.DELEGATED, "buildDefinition", "resolvedDependencies", value=[]),
        changed(p.CONTAINER_BASED, "buildDefinition", "externalParameters", "source", value=f"{p.SOURCE}@{p.TAG}"),
        changed(p.ATTEST, "buildDefinition", "externalParameters", "workflow", "repository", value=7),
        changed(p.ATTEST, "buildDefinition", "externalParameters", "workflow", value="x"),
        changed(p.GITLAB_SERVER, "buildDefinition", "externalParameters", "source", value=None),
        changed(p.GITLAB_V02, "invocation", "configSource", value={}),
        changed(p.CLOUD_BUILD, "buildDefinition", "externalParameters", "buildConfigSource", value="x"),
        changed(p.CLOUD_BUILD_V03, "materials", value=[]),
        changed(p.GENERATOR_V02, "invocation", "configSource", value={}),
    ],
)
def test_a_source_that_is_not_said_or_said_twice_is_none(said):
    assert read(said).source is None
    assert read(said).commits == frozenset()


@pytest.mark.parametrize(
    "said",
    [
        changed(p.DELEGATED, "buildDefinition", "internalParameters", "GITHUB_REF", value="refs/heads/main"),
        changed(p.DELEGATED, "buildDefinition", "resolvedDependencies", 0, "uri", value=p.SOURCE),
        changed(
            p.CONTAINER_BASED,
            "buildDefinition",
            "internalParameters",
            "GITHUB_WORKFLOW_REF",
            value=f"registry/signer/{p.PATH}@refs/heads/main",
        ),
        changed(p.CONTAINER_BASED, "buildDefinition", "externalParameters", "source", "uri", value=p.SOURCE),
        changed(p.ATTEST, "buildDefinition", "externalParameters", "workflow", "ref", value=None),
        changed(
            p.CLOUD_BUILD,
            "buildDefinition",
            "internalParameters",
            "systemSubstitutions",
            value={"BRANCH_NAME": "v3.0.1"},
        ),
        changed(p.CLOUD_BUILD, "buildDefinition", "externalParameters", "buildConfigSource", "ref", value=None),
        changed(p.CLOUD_BUILD_V03, "recipe", "arguments", "substitutions", "TAG_NAME", value=None),
        changed(p.CLOUD_BUILD_V03, "recipe", "arguments", "substitutions", "BRANCH_NAME", value="main"),
    ],
)
def test_a_reference_that_is_not_said_or_said_in_two_ways_is_none(said):
    assert read(said).ref is None


def test_a_branch_of_cloud_build_is_a_branch():
    said = changed(p.CLOUD_BUILD_V03, "recipe", "arguments", "substitutions", value={"BRANCH_NAME": "main"})
    assert read(said).ref == "refs/heads/main"


@pytest.mark.parametrize(
    ("said", "path", "name"),
    [
        (p.ATTEST, ("buildDefinition", "externalParameters"), "patch"),
        (p.ATTEST, ("buildDefinition", "externalParameters", "workflow"), "workflow.patch"),
        (p.NPM, ("buildDefinition", "externalParameters"), "patch"),
        (p.DELEGATED, ("buildDefinition", "externalParameters"), "patch"),
        (p.DELEGATED, ("buildDefinition", "externalParameters", "vars"), "vars.patch"),
        (p.CONTAINER_BASED, ("buildDefinition", "externalParameters"), "patch"),
        (p.GITLAB_SERVER, ("buildDefinition", "externalParameters"), "patch"),
        (p.GITLAB_SERVER, ("buildDefinition", "externalParameters", "variables"), "variables.patch"),
        (p.GITLAB_RUNNER, ("buildDefinition", "externalParameters"), "variables.patch"),
        (p.CLOUD_BUILD, ("buildDefinition", "externalParameters"), "patch"),
        (p.CLOUD_BUILD, ("buildDefinition", "externalParameters", "substitutions"), "substitutions.patch"),
        (p.DELEGATED_V02, ("invocation", "parameters"), "patch"),
        (p.GITLAB_V02, ("invocation", "parameters"), "variables.patch"),
    ],
)
def test_no_family_drops_a_parameter_that_it_does_not_know(said, path, name):
    assert name in read(changed(said, *path, "patch", value="x")).parameters


def test_nothing_given_is_no_parameter():
    assert read(changed(p.DELEGATED, "buildDefinition", "externalParameters", value={"vars": {}})).parameters == {}


def test_a_commit_that_gitlab_calls_a_sha256_is_one_only_by_its_length():
    deps = [{"uri": p.PROJECT, "digest": {"sha256": "ab" * 32}}]
    assert read(changed(p.GITLAB_RUNNER, "buildDefinition", "resolvedDependencies", value=deps)).commits == frozenset()


def test_a_dependency_without_a_digest_is_unpinned():
    materials = [{"uri": "https://runner.example/image"}, {"uri": p.SOURCE, "digest": {"sha1": ""}}]
    assert read(changed(p.GENERATOR_V02, "materials", value=materials)).unpinned == (
        "https://runner.example/image",
        p.SOURCE,
    )
    named = [{"name": "libsofthsm"}]
    assert read(changed(p.ATTEST, "buildDefinition", "resolvedDependencies", value=named)).unpinned == ("libsofthsm",)
