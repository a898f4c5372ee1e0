"""Google Cloud Build: provenance v0.1 of workers v0.2 and v0.3, and v1.

cloud.google.com/build/docs/securing-builds; cloud.google.com/build/gcb-buildtypes/google-worker/v1.
"""

from collections.abc import Mapping
from typing import Any

from attestations.predicates.slsa_provenance import Dependency, Provenance, ProvenanceV01
from attestations.provenance.build import Build, agreed, git_uri, grouped, members, text

BUILD_TYPE = "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1"
WORKER = "https://cloudbuild.googleapis.com/GoogleHostedWorker"
BUILDERS = (WORKER, f"{WORKER}@v0.2", f"{WORKER}@v0.3")


def read(predicate: Provenance) -> Build:
    """Return the build of v1; substitutions of the user are parameters of the names substitutions.NAME."""
    definition = predicate.build_definition
    config = members(definition.external_parameters, "buildConfigSource")
    ref = _ref(members(definition.internal_parameters, "systemSubstitutions"))
    said = text(config, "ref")
    return Build(
        builder_id=predicate.run_details.builder.id,
        build_type=definition.build_type,
        source=git_uri(text(config, "repository")),
        ref=agreed((said, ref)) if said else None,
        workflow=text(config, "path"),
        parameters={
            name: value
            for group, each in definition.external_parameters.items()
            if group != "buildConfigSource"
            for name, value in grouped(group, each).items()
        },
        dependencies=definition.resolved_dependencies,
    )


def read_v01(predicate: ProvenanceV01) -> Build:
    """Return the build of v0.1, whose source is the first material."""
    arguments = predicate.recipe.arguments
    substitutions = members(arguments, "substitutions")
    materials = tuple(map(_with_commit, predicate.materials))
    own = {name: value for name, value in substitutions.items() if name.startswith("_")}
    return Build(
        builder_id=predicate.builder.id,
        build_type=predicate.recipe.type,
        source=git_uri(materials[0].uri) if materials else None,
        ref=_ref(substitutions),
        workflow=text(substitutions, "TRIGGER_BUILD_CONFIG_PATH"),
        parameters=grouped("substitutions", own),
        dependencies=materials,
    )


def _ref(substitutions: Mapping[str, Any]) -> str | None:
    """A build for a tag has TAG_NAME, one for a branch BRANCH_NAME (cloud.google.com, substitute variable values)."""
    tag, branch = text(dict(substitutions), "TAG_NAME"), text(dict(substitutions), "BRANCH_NAME")
    return agreed((f"refs/tags/{tag}" if tag else None, f"refs/heads/{branch}" if branch else None))


def _with_commit(material: Dependency) -> Dependency:
    """Workers v0.2 wrote the commit into the address: https://github.com/OWNER/NAME/commit/COMMIT."""
    head, separator, commit = (material.uri or "").partition("/commit/")
    if not separator:
        return material
    return Dependency(uri=head, digest={**material.digest, "sha1": commit}, name=material.name)
