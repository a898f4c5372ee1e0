"""Provenance as each family of builders writes it, cut down to what is read."""

import base64
import copy
import hashlib
from typing import Any

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations.predicates.slsa_provenance import Provenance, ProvenanceV01, ProvenanceV02
from attestations.provenance import Build, build_of

COMMIT = "9f2c" * 10
OTHER = "1b7e" * 10
REPOSITORY = "https://github.com/registry/signer"
SOURCE = f"git+{REPOSITORY}"
TAG = "refs/tags/v3.0.1"
PATH = ".github/workflows/release.yml"
GENERATOR = "https://github.com/slsa-framework/slsa-github-generator"
GENERIC = f"{GENERATOR}/.github/workflows/generator_generic_slsa3.yml@refs/tags/v2.0.0"
MAVEN = f"{GENERATOR}/.github/workflows/builder_maven_slsa3.yml@refs/tags/v2.0.0"
CONTAINER = f"{GENERATOR}/.github/workflows/builder_container-based_slsa3.yml@refs/tags/v2.0.0"
DELEGATOR = f"{GENERATOR}/.github/workflows/delegator_generic_slsa3.yml@refs/tags/v2.0.0"
RUNNER = "https://github.com/actions/runner/github-hosted"
WORKFLOW = f"{REPOSITORY}/{PATH}@{TAG}"
RUN = f"{REPOSITORY}/actions/runs/77/attempts/1"

CONTEXT = {
    "GITHUB_EVENT_NAME": "workflow_dispatch",
    "GITHUB_EVENT_PAYLOAD": {"inputs": {"channel": "stable"}},
    "GITHUB_REF": TAG,
    "GITHUB_REPOSITORY": "registry/signer",
    "GITHUB_REPOSITORY_ID": "4",
    "GITHUB_REPOSITORY_OWNER_ID": "5",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "77",
    "GITHUB_SHA": COMMIT,
    "GITHUB_WORKFLOW_REF": f"registry/signer/{PATH}@{TAG}",
}
DEPENDENCY = {"uri": f"{SOURCE}@{TAG}", "digest": {"gitCommit": COMMIT}}
CERTIFICATE = {
    "source_repository_uri": REPOSITORY,
    "source_repository_ref": TAG,
    "source_repository_digest": COMMIT,
    "source_repository_identifier": "4",
    "source_repository_owner_identifier": "5",
    "build_config_uri": WORKFLOW,
    "build_trigger": "workflow_dispatch",
    "run_invocation_uri": RUN,
    "runner_environment": "github-hosted",
}
"""what Fulcio says of the run that every example here is of"""


def v1(build_type: str, builder: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    definition = {"buildType": build_type, "externalParameters": parameters, "resolvedDependencies": [DEPENDENCY]}
    definition |= {name: value for name, value in more.items() if name != "metadata"}
    details = {"builder": {"id": builder}, "metadata": more.get("metadata", {"invocationId": RUN})}
    return copy.deepcopy({"buildDefinition": definition, "runDetails": details})


def v02(build_type: str, builder: str, environment: dict[str, Any], **more: Any) -> dict[str, Any]:
    config = {"uri": f"{SOURCE}@{TAG}", "digest": {"sha1": COMMIT}, "entryPoint": PATH}
    invocation = {"configSource": config, "environment": environment, **more}
    return copy.deepcopy(
        {
            "buildType": build_type,
            "builder": {"id": builder},
            "invocation": invocation,
            "materials": [{"uri": f"{SOURCE}@{TAG}", "digest": {"sha1": COMMIT}}],
        }
    )


GENERATOR_V02 = v02(f"{GENERATOR}/generic@v1", GENERIC, {name.lower(): value for name, value in CONTEXT.items()})
DELEGATED_V02 = v02(
    f"{GENERATOR}/delegator-generic@v0", MAVEN, CONTEXT, parameters={"inputs": {"jdk-version": 17}, "vars": {}}
)
DELEGATED = v1(
    f"{GENERATOR}/delegator-generic@v0",
    MAVEN,
    {"inputs": {"jdk-version": 17}, "vars": {}},
    internalParameters=CONTEXT,
)
CONTAINER_BASED = v1(
    "https://slsa.dev/container-based-build/v0.1?draft",
    CONTAINER,
    {
        "source": {"uri": f"{SOURCE}@{TAG}", "digest": {"sha1": COMMIT}},
        "builderImage": {"uri": "bash@sha256:9e2b", "digest": {"sha256": "9e2b"}},
        "configPath": "build.toml",
    },
    internalParameters=CONTEXT,
)
ATTEST = v1(
    "https://actions.github.io/buildtypes/workflow/v1",
    WORKFLOW,
    {"workflow": {"repository": REPOSITORY, "ref": TAG, "path": PATH}},
    internalParameters={
        "github": {
            "event_name": "workflow_dispatch",
            "repository_id": "4",
            "repository_owner_id": "5",
            "runner_environment": "github-hosted",
        }
    },
)
NPM = v1(
    "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
    RUNNER,
    {"workflow": {"repository": REPOSITORY, "ref": TAG, "path": PATH}},
    internalParameters={"github": {"event_name": "workflow_dispatch"}},
)
NPM_V02 = v02("https://github.com/npm/cli/gha/v2", "https://github.com/actions/runner", CONTEXT, parameters={})

PROJECT = "https://gitlab.example.org/registry/signer"
GITLAB_RUNNER = v1(
    "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v16.7.0/PROVENANCE.md",
    "https://gitlab.example.org/-/runners/12",
    {"CI": "", "CI_COMMIT_TAG": "", "PATCH": "", "entryPoint": "build-job", "source": PROJECT},
    resolvedDependencies=[{"uri": PROJECT, "digest": {"sha256": COMMIT}}],
)
GITLAB_SERVER = v1(
    "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
    "https://gitlab.example.org/-/runners/12",
    {"source": PROJECT, "entryPoint": "build-job", "variables": {"CI": "true", "CI_COMMIT_TAG": "v3.0.1"}},
    resolvedDependencies=[{"uri": f"{PROJECT}.git", "digest": {"gitCommit": COMMIT}}],
)
GITLAB_V02 = {
    "buildType": "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v15.1.0/PROVENANCE.md",
    "builder": {"id": "https://gitlab.example.org/-/runners/12"},
    "invocation": {
        "configSource": {"uri": PROJECT, "digest": {"sha256": COMMIT}, "entryPoint": "build-job"},
        "parameters": {"CI": "", "PATCH": ""},
    },
    "materials": [],
}

WORKER = "https://cloudbuild.googleapis.com/GoogleHostedWorker"
CLOUD_BUILD = v1(
    "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
    WORKER,
    {
        "buildConfigSource": {"repository": SOURCE, "ref": TAG, "path": "cloudbuild.yaml"},
        "substitutions": {"_CHANNEL": "stable"},
    },
    internalParameters={"systemSubstitutions": {"TAG_NAME": "v3.0.1", "COMMIT_SHA": COMMIT}},
)
CLOUD_BUILD_V03 = {
    "builder": {"id": f"{WORKER}@v0.3"},
    "recipe": {
        "type": "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1",
        "arguments": {
            "substitutions": {
                "_CHANNEL": "stable",
                "COMMIT_SHA": COMMIT,
                "TAG_NAME": "v3.0.1",
                "TRIGGER_BUILD_CONFIG_PATH": "cloudbuild.yaml",
            }
        },
    },
    "materials": [{"uri": REPOSITORY, "digest": {"sha1": COMMIT}}],
}
CLOUD_BUILD_V02 = {
    **CLOUD_BUILD_V03,
    "builder": {"id": f"{WORKER}@v0.2"},
    "materials": [{"uri": f"{REPOSITORY}/commit/{COMMIT}"}],
}


def read(said: dict[str, Any]) -> Build:
    """Return the build that one of these predicates tells of."""
    if "buildDefinition" in said:
        return build_of(msgspec.convert(said, Provenance))
    return build_of(msgspec.convert(said, ProvenanceV01 if "recipe" in said else ProvenanceV02))


def changed(said: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """Return `said` with the member at `path` set, or taken out where the value is None."""
    result = copy.deepcopy(said)
    part: Any = result
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return result


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """Return the digest of a file with this content."""
    return hashlib.new(algorithm, content).hexdigest()


def base64_of(content: bytes) -> str:
    """Return standard base64 as text."""
    return base64.b64encode(content).decode("ascii")


def pem_of(key: Any) -> bytes:
    """Return the public half of a key as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
