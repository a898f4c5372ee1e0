"""slsa-github-generator, provenance v1: the container-based builder, which runs a named image on the source.

slsa-framework/container-based-build, v0.1.
"""

from attestations.predicates.slsa_provenance import Provenance
from attestations.provenance.build import Build, agreed, commit_in, members, split, text
from attestations.provenance.github import context_claims, dispatch_inputs, run_claims, signed_by, workflow_of

BUILD_TYPES = ("https://slsa.dev/container-based-build/v0.1?draft", "https://slsa.dev/container-based-build/v0.1")


def read(predicate: Provenance) -> Build:
    """Return the build; the image is a parameter of the name builderImage, by its URI with its digest."""
    definition, context = predicate.build_definition, predicate.build_definition.internal_parameters
    said = definition.external_parameters
    source, ref = split(text(said, "source", "uri"))
    commit = commit_in({name: str(value) for name, value in members(said, "source", "digest").items()}) or None
    _, workflow, started_ref = workflow_of(context)
    return Build(
        builder_id=predicate.run_details.builder.id,
        build_type=definition.build_type,
        source=source,
        ref=agreed((ref, started_ref)) if ref else None,
        workflow=workflow,
        inputs=dispatch_inputs(context),
        parameters={name: _plain(name, value) for name, value in said.items() if name != "source"},
        dependencies=definition.resolved_dependencies,
        claims=(*run_claims(source, ref, commit, workflow), *context_claims(context, source)),
        signer=signed_by(predicate.run_details.builder.id),
    )


def _plain(name: str, value: object) -> object:
    return (text(value, "uri") or value) if name == "builderImage" else value
