"""slsa-github-generator, provenance v1: builders that have its delegator sign for them (Maven, Gradle, your own).

slsa-github-generator, BYOB.md; actions/delegator/generate-attestations-v1.
"""

from attestations.predicates.slsa_provenance import Provenance
from attestations.provenance.build import Build, agreed, grouped, split, text
from attestations.provenance.github import (
    DELEGATOR,
    context_claims,
    dispatch_inputs,
    invocation_claim,
    run_claims,
    workflow_of,
)

BUILD_TYPE = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"


def read(predicate: Provenance) -> Build:
    """Return the build. Its source is the first dependency, which must be the repository that the run belongs to."""
    definition, context = predicate.build_definition, predicate.build_definition.internal_parameters
    first = definition.resolved_dependencies[0].uri if definition.resolved_dependencies else None
    built, built_ref = split(first)
    started, workflow, started_ref = workflow_of(context)
    return Build(
        builder_id=predicate.run_details.builder.id,
        build_type=definition.build_type,
        source=agreed((built, started)) if built and started else None,
        ref=agreed((built_ref, started_ref, text(context, "GITHUB_REF"))) if built_ref else None,
        workflow=workflow,
        inputs=dispatch_inputs(context),
        parameters={
            name: value
            for group, said in definition.external_parameters.items()
            for name, value in grouped(group, said).items()
        },
        dependencies=definition.resolved_dependencies,
        claims=(
            *run_claims(started, started_ref, None, workflow),
            *context_claims(context, started),
            *invocation_claim(predicate),
        ),
        signer=DELEGATOR,
    )
