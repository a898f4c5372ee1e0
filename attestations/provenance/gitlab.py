"""GitLab: what its runner (v0.2 and v1) and its server (v1) say of a job.

gitlab-org/gitlab-runner, PROVENANCE.md; docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1.
"""

import re
from dataclasses import replace

from attestations.predicates.slsa_provenance import Dependency, Provenance, ProvenanceV02
from attestations.provenance.build import Build, commit_claims, dependencies_of, git_uri, grouped, text, told

RUNNER = re.compile(r"https://gitlab\.com/gitlab-org/gitlab-runner/-/blob/[^/]+/PROVENANCE\.md")
SERVER = "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1"
_COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_NAMED = frozenset({"source", "entryPoint"})


def read(predicate: Provenance) -> Build:
    """Return the build of v1. Variables are parameters of the names variables.NAME, the job is entryPoint."""
    definition = predicate.build_definition
    said = definition.external_parameters
    rest = {name: value for name, value in said.items() if name not in _NAMED}
    groups = rest if definition.build_type == SERVER else {"variables": rest}
    return _build(
        Build(
            builder_id=predicate.run_details.builder.id,
            build_type=definition.build_type,
            source=git_uri(text(said, "source")),
            ref=None,
            parameters={
                **({"entryPoint": said["entryPoint"]} if "entryPoint" in said else {}),
                **{name: value for group, each in groups.items() for name, value in grouped(group, each).items()},
            },
            dependencies=tuple(map(_renamed, definition.resolved_dependencies)),
        )
    )


def read_v02(predicate: ProvenanceV02) -> Build:
    """Return the build of v0.2, whose variables have names and no values."""
    config = predicate.invocation.config_source
    job = {"entryPoint": config.entry_point} if config.entry_point else {}
    return _build(
        Build(
            builder_id=predicate.builder.id,
            build_type=predicate.build_type,
            source=git_uri(config.uri),
            ref=None,
            parameters={**job, **grouped("variables", predicate.invocation.parameters)},
            dependencies=tuple(map(_renamed, dependencies_of(predicate))),
        )
    )


def _build(build: Build) -> Build:
    """The reference stands in variables only, which whoever writes the pipeline can set: the certificate tells it."""
    repository = build.source.removeprefix("git+") if build.source else None
    claims = told(source_repository_uri=repository) + commit_claims(build)
    return replace(build, claims=claims, ref_in_certificate=True)


def _renamed(dependency: Dependency) -> Dependency:
    """The runner calls the project's commit a sha256, which its 40 characters cannot be; the server ends it in .git."""
    uri, digest = dependency.uri, dict(dependency.digest)
    if _COMMIT.fullmatch(digest.get("sha256", "")):
        digest["gitCommit"] = digest.pop("sha256")
    return Dependency(uri=uri.removesuffix(".git") if uri else uri, digest=digest, name=dependency.name)
