"""Which module reads a build type. One that no table names is read as that of a plain builder."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from attestations.predicates.slsa_provenance import Provenance, ProvenanceV01, ProvenanceV02
from attestations.provenance import (
    cloud_build,
    container_based,
    github_delegated,
    github_generator,
    github_workflow,
    gitlab,
    plain,
)
from attestations.provenance.build import Build

_V1: Mapping[str, Callable[[Provenance], Build]] = MappingProxyType(
    {
        **dict.fromkeys(github_workflow.BUILD_TYPES, github_workflow.read),
        **dict.fromkeys(container_based.BUILD_TYPES, container_based.read),
        github_delegated.BUILD_TYPE: github_delegated.read,
        gitlab.SERVER: gitlab.read,
        cloud_build.BUILD_TYPE: cloud_build.read,
    }
)
_V02: Mapping[str, Callable[[ProvenanceV02], Build]] = MappingProxyType(
    {
        **dict.fromkeys(github_generator.BUILD_TYPES, github_generator.read),
        **dict.fromkeys(github_generator.NPM_BUILD_TYPES, github_generator.read_npm),
        github_generator.DELEGATED: github_generator.read_delegated,
    }
)


def build_of(predicate: Provenance | ProvenanceV01 | ProvenanceV02) -> Build:
    """Return what `predicate` says about its build; what it does not say is None or empty, never guessed."""
    if isinstance(predicate, ProvenanceV01):
        return cloud_build.read_v01(predicate)
    if isinstance(predicate, ProvenanceV02):
        from_runner = gitlab.RUNNER.fullmatch(predicate.build_type)
        return _V02.get(predicate.build_type, gitlab.read_v02 if from_runner else plain.read_v02)(predicate)
    build_type = predicate.build_definition.build_type
    return _V1.get(build_type, gitlab.read if gitlab.RUNNER.fullmatch(build_type) else plain.read)(predicate)
