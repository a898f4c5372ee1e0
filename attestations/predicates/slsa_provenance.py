"""SLSA provenance: v1 (slsa.dev/spec/v1.1/provenance) and, read-only, v0.2. Unknown members are legal there."""

from typing import Any

import msgspec

from attestations.records import Text

TYPE = "https://slsa.dev/provenance/v1"
TYPE_V02 = "https://slsa.dev/provenance/v0.2"
TYPE_V01 = "https://slsa.dev/provenance/v0.1"


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


class Recipe(_Slsa, frozen=True, kw_only=True):
    """v0.1: how the build was called."""

    type: Text
    arguments: dict[str, Any] = {}


class ProvenanceV01(_Slsa, frozen=True, kw_only=True):
    """The v0.1 predicate, as Google Cloud Build still writes it: read where its own form of signature is, only."""

    builder: Builder
    recipe: Recipe
    materials: tuple[Dependency, ...] = ()
