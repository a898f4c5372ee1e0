"""A builder of your own, signing with a key or an identity: `source` with `ref`, or `workflow`, among its parameters.

slsa.dev/spec/v1.1/provenance leaves external parameters to each build type; docs/provenance.md tells this convention.
"""

from typing import Any

from attestations.predicates.slsa_provenance import Provenance, ProvenanceV02
from attestations.provenance.build import Build, dependencies_of, split


def read(predicate: Provenance) -> Build:
    """Return the build of v1."""
    definition = predicate.build_definition
    parameters = definition.external_parameters
    source, ref, workflow, used = _source(parameters)
    return Build(
        builder_id=predicate.run_details.builder.id,
        build_type=definition.build_type,
        source=source,
        ref=ref,
        workflow=workflow,
        parameters={name: value for name, value in parameters.items() if name not in used},
        dependencies=definition.resolved_dependencies,
    )


def read_v02(predicate: ProvenanceV02) -> Build:
    """Return the build of v0.2, whose source is that of its definition."""
    config = predicate.invocation.config_source
    source, ref = split(config.uri)
    return Build(
        builder_id=predicate.builder.id,
        build_type=predicate.build_type,
        source=source,
        ref=ref,
        workflow=config.entry_point,
        parameters=predicate.invocation.parameters or {},
        dependencies=dependencies_of(predicate),
    )


def _source(parameters: dict[str, Any]) -> tuple[str | None, str | None, str | None, frozenset[str]]:
    workflow = parameters.get("workflow")
    if isinstance(workflow, dict) and set(workflow) <= {"repository", "ref", "path"}:
        repository, ref, path = workflow.get("repository"), workflow.get("ref"), workflow.get("path")
        if isinstance(repository, str) and isinstance(ref, str):
            return f"git+{repository}", ref, path if isinstance(path, str) else None, frozenset({"workflow"})
    source, ref = parameters.get("source"), parameters.get("ref")
    if not isinstance(source, str):
        return None, None, None, frozenset()
    if isinstance(ref, str):
        return source, ref, None, frozenset({"source", "ref"})
    return *split(source), None, frozenset({"source"})
