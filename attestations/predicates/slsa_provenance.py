"""SLSA provenance: v1 (slsa.dev/spec/v1.1/provenance) and, read-only, v0.2. Unknown members are legal there."""

import re
from typing import Any

import msgspec

from attestations.records import Text

TYPE = "https://slsa.dev/provenance/v1"
TYPE_V02 = "https://slsa.dev/provenance/v0.2"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)


class _Slsa(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The specification obliges consumers to ignore members they do not know."""


class Dependency(_Slsa, frozen=True, kw_only=True):
    """A resolved dependency (in-toto ResourceDescriptor)."""

    uri: str | None = None
    digest: dict[str, str] = {}
    name: str | None = None


class BuildDefinition(_Slsa, frozen=True, kw_only=True):
    """What the build was asked to do."""

    build_type: Text
    external_parameters: dict[str, Any]
    internal_parameters: dict[str, Any] = {}
    resolved_dependencies: tuple[Dependency, ...] = ()


class Builder(_Slsa, frozen=True, kw_only=True):
    """Who ran it."""

    id: Text


class RunDetails(_Slsa, frozen=True, kw_only=True):
    """This run of the builder."""

    builder: Builder
    metadata: dict[str, Any] = {}


class Provenance(_Slsa, frozen=True, kw_only=True):
    """The v1 predicate."""

    build_definition: BuildDefinition
    run_details: RunDetails


class ConfigSource(_Slsa, frozen=True, kw_only=True):
    """v0.2: where the build definition came from."""

    uri: str | None = None
    digest: dict[str, str] = {}
    entry_point: str | None = None


class Invocation(_Slsa, frozen=True, kw_only=True):
    """v0.2: how the build was called."""

    config_source: ConfigSource = ConfigSource()
    parameters: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None


class ProvenanceV02(_Slsa, frozen=True, kw_only=True):
    """The v0.2 predicate."""

    builder: Builder
    build_type: Text
    invocation: Invocation = Invocation()
    build_config: Any = None
    metadata: dict[str, Any] | None = None
    materials: tuple[Dependency, ...] = ()


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """What a verifier asks of provenance, whichever version says it."""

    builder_id: str
    build_type: str
    source: str | None
    """repository URI without its revision"""
    ref: str | None
    other_parameters: tuple[str, ...]
    """names of external parameters that do not say source or ref"""
    commits: frozenset[str]
    """commits that resolved dependencies pin the source to, in full: a short or marked one (`…-dirty`) pins nothing"""


def build_of(predicate: Provenance | ProvenanceV02) -> Build:
    """Return what `predicate` says about its build; what it does not say is None or empty, never guessed."""
    if isinstance(predicate, ProvenanceV02):
        config = predicate.invocation.config_source
        source, ref = _split(config.uri)
        return Build(
            builder_id=predicate.builder.id,
            build_type=predicate.build_type,
            source=source,
            ref=ref,
            other_parameters=tuple(predicate.invocation.parameters or {}),
            commits=_commits(source, (*predicate.materials, Dependency(uri=config.uri, digest=config.digest))),
        )
    definition = predicate.build_definition
    source, ref, used = _source_parameters(definition.external_parameters)
    return Build(
        builder_id=predicate.run_details.builder.id,
        build_type=definition.build_type,
        source=source,
        ref=ref,
        other_parameters=tuple(name for name in definition.external_parameters if name not in used),
        commits=_commits(source, definition.resolved_dependencies),
    )


def _source_parameters(parameters: dict[str, Any]) -> tuple[str | None, str | None, frozenset[str]]:
    """GitHub build types name a workflow; plain builders a `source`, with its revision behind `@` or in `ref`."""
    workflow = parameters.get("workflow")
    if isinstance(workflow, dict) and set(workflow) <= {"repository", "ref", "path"}:
        repository, ref = workflow.get("repository"), workflow.get("ref")
        if isinstance(repository, str) and isinstance(ref, str):
            return f"git+{repository}", ref, frozenset({"workflow"})
    source, ref = parameters.get("source"), parameters.get("ref")
    if not isinstance(source, str):
        return None, None, frozenset()
    if isinstance(ref, str):
        return source, ref, frozenset({"source", "ref"})
    return *_split(source), frozenset({"source"})


def _split(uri: str | None) -> tuple[str | None, str | None]:
    if uri is None:
        return None, None
    head, at, ref = uri.rpartition("@")
    return (head, ref) if at and "/" in head else (uri, None)


def _commits(source: str | None, dependencies: tuple[Dependency, ...]) -> frozenset[str]:
    pinned = (dependency for dependency in dependencies if source and _split(dependency.uri)[0] == source)
    digests = (dependency.digest for dependency in pinned)
    commits = (digest.get("gitCommit") or digest.get("sha1", "") for digest in digests)
    return frozenset(commit for commit in commits if _COMMIT.fullmatch(commit))
