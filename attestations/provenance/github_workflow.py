"""GitHub Actions, provenance v1: attest-build-provenance, npm from version 10, and whoever uses the same build type.

actions.github.io/buildtypes/workflow/v1; slsa-framework.github.io/github-actions-buildtypes/workflow/v1.
"""

from dataclasses import replace

from attestations.predicates.slsa_provenance import Provenance
from attestations.provenance.build import Build, Claim, commit_claims, git_uri, grouped, members, text, told
from attestations.provenance.github import HOSTED_RUNNER, invocation_claim, run_claims, signed_by

BUILD_TYPES = (
    "https://actions.github.io/buildtypes/workflow/v1",
    "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
)
_SOURCE = frozenset({"repository", "ref", "path"})


def read(predicate: Provenance) -> Build:
    """Return the build of a workflow; its signer is the builder, except on npm's runners."""
    definition, builder = predicate.build_definition, predicate.run_details.builder.id
    said = definition.external_parameters
    workflow = members(said, "workflow")
    source, ref, path = git_uri(text(workflow, "repository")), text(workflow, "ref"), text(workflow, "path")
    others = {name: value for name, value in said.items() if name != "workflow"}
    others |= {
        f"workflow.{name}": value for name, value in workflow.items() if name not in ("repository", "ref", "path")
    }
    runner = HOSTED_RUNNER.fullmatch(builder)
    build = Build(
        builder_id=builder,
        build_type=definition.build_type,
        source=source,
        ref=ref,
        workflow=path,
        parameters={name: value for group, each in others.items() for name, value in grouped(group, each).items()},
        dependencies=definition.resolved_dependencies,
        claims=(
            *run_claims(source, ref, None, path),
            *_context_claims(predicate),
            *invocation_claim(predicate),
            *told(runner_environment=(runner["environment"] or "github-hosted") if runner else None),
        ),
        signer=None if runner else signed_by(builder),
    )
    return replace(build, claims=build.claims + commit_claims(build))


def _context_claims(predicate: Provenance) -> tuple[Claim, ...]:
    context = members(predicate.build_definition.internal_parameters, "github")
    return told(
        build_trigger=text(context, "event_name"),
        source_repository_identifier=text(context, "repository_id"),
        source_repository_owner_identifier=text(context, "repository_owner_id"),
        runner_environment=text(context, "runner_environment"),
    )
