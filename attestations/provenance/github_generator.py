"""slsa-github-generator, provenance v0.2: generic, Go, container and Node.js builders; and the npm command line.

slsa-github-generator/internal/builders; npm/cli, libnpmpublish/lib/provenance.js.
"""

import re
from dataclasses import replace

from attestations.predicates.slsa_provenance import ProvenanceV02
from attestations.provenance.build import Build, commit_claims, commit_in, dependencies_of, grouped, split, told
from attestations.provenance.github import (
    DELEGATOR,
    HOSTED_RUNNER,
    context_claims,
    dispatch_inputs,
    run_claims,
    signed_by,
)

BUILD_TYPES = (
    "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
    "https://github.com/slsa-framework/slsa-github-generator/go@v1",
    "https://github.com/slsa-framework/slsa-github-generator/container@v1",
)
DELEGATED = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"
NPM_BUILD_TYPES = ("https://github.com/npm/cli/gha/v1", "https://github.com/npm/cli/gha/v2")


def read(predicate: ProvenanceV02) -> Build:
    """Return the build of a generator that signs its own provenance."""
    return _build(predicate, signer=signed_by(predicate.builder.id))


def read_delegated(predicate: ProvenanceV02) -> Build:
    """Return the build of a builder that had the generator's delegator sign for it."""
    return _build(predicate, signer=DELEGATOR)


def read_npm(predicate: ProvenanceV02) -> Build:
    """Return the build of `npm publish --provenance`, signed by the publisher's own workflow on a runner."""
    build = _build(predicate, signer=None)
    return replace(build, claims=build.claims + commit_claims(build))


def _build(predicate: ProvenanceV02, signer: re.Pattern[str] | None) -> Build:
    config, context = predicate.invocation.config_source, predicate.invocation.environment or {}
    source, ref = split(config.uri)
    commit = commit_in(config.digest) or None
    groups = dict(predicate.invocation.parameters or {})
    parameters = {name: value for group, said in groups.items() for name, value in grouped(group, said).items()}
    runner = HOSTED_RUNNER.fullmatch(predicate.builder.id)
    environment = (runner["environment"] or "github-hosted") if runner else None
    return Build(
        builder_id=predicate.builder.id,
        build_type=predicate.build_type,
        source=source,
        ref=ref,
        workflow=config.entry_point,
        inputs=dispatch_inputs(context),
        parameters=parameters,
        dependencies=dependencies_of(predicate),
        claims=(
            *run_claims(source, ref, commit, config.entry_point),
            *context_claims(context, source),
            *told(runner_environment=environment),
        ),
        signer=signer,
    )
