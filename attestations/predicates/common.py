"""What every statement of ours says about itself: where, by whom, with what, when, for which request."""

from attestations.records import Count, Hex, JsonRecord, Name, Sha256
from attestations.times import Instant

BASE = "https://signer-gatekeeper.github.io/attestations"
"""The one place where the types' address is written."""


def predicate_type(name: str) -> str:
    """Return the predicate type URI of our own statement type `name`."""
    return f"{BASE}/{name}/v1"


class EnvironmentReference(JsonRecord, frozen=True, kw_only=True):
    """The production inventory that the statement is about."""

    name: Name
    digest: Sha256


class Observer(JsonRecord, frozen=True, kw_only=True):
    """Who looked, and which lineages of code did the looking. Independence is computed from these."""

    name: Name
    code_bases: tuple[Name, ...]


class Tool(JsonRecord, frozen=True, kw_only=True):
    """The program that made the statement."""

    name: Name
    version: Name
    digest: Sha256 | None = None


class Common(JsonRecord, frozen=True, kw_only=True):
    """The members that all our own observations share."""

    environment: EnvironmentReference
    observer: Observer
    started_on: Instant
    finished_on: Instant
    tool: Tool
    request_digest: Sha256 | None = None
    nonce: Hex | None = None


class Component(JsonRecord, frozen=True, kw_only=True):
    """One part of a release, by digest."""

    name: Name
    digest: Sha256


class Instance(JsonRecord, frozen=True, kw_only=True):
    """A document by name, version and digest."""

    name: Name
    version: Count
    digest: Sha256
