"""Which releases the way back leads from and to, as the deployment request names them."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from attestations.document_envelope import document_at
from attestations.records import Name, Sha256, decode

UNNAMED = "unnamed"
"""what a request calls a release that it does not mention"""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release by version, with the digests of its components as far as the request knows them."""

    version: str
    components: dict[str, Sha256]


@dataclass(frozen=True, kw_only=True)
class Releases:
    """From where to where a way back leads."""

    left: Release
    restored: Release


class _Digest(msgspec.Struct, frozen=True):
    sha256: Sha256


class _Component(msgspec.Struct, frozen=True):
    name: Name
    digest: _Digest


class _Asked(msgspec.Struct, frozen=True):
    version: Name
    components: tuple[_Component, ...]


class _Replaced(msgspec.Struct, frozen=True):
    version: Name


class _Spec(msgspec.Struct, frozen=True):
    change: Name
    release: _Asked
    replaces: _Replaced | None = None


class _Request(msgspec.Struct, frozen=True):
    spec: _Spec


def read_releases(path: Path) -> Releases:
    """Return the releases of a deployment request; raise InputError where it is none.

    A request for a rollback asks for the release to go back to; every other one for the release that may be left again.
    """
    spec = decode(document_at(path), _Request).spec
    asked = Release(
        version=spec.release.version, components={one.name: one.digest.sha256 for one in spec.release.components}
    )
    other = Release(version=spec.replaces.version if spec.replaces else UNNAMED, components={})
    if spec.change == "rollback":
        return Releases(left=other, restored=asked)
    return Releases(left=asked, restored=other)
