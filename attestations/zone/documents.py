"""What the validator reads of environment and request: only what binds its statement to them."""

from pathlib import Path
from typing import Literal

import msgspec

from attestations.document_envelope import document_at
from attestations.predicates.common import EnvironmentReference
from attestations.records import Hex, Name, decode
from attestations.zone.observation import RequestReference


class _Metadata(msgspec.Struct, frozen=True):
    name: Name


class _Environment(msgspec.Struct, frozen=True):
    kind: Literal["Environment"]
    metadata: _Metadata


class _RequestSpec(msgspec.Struct, frozen=True):
    nonce: Hex


class _Request(msgspec.Struct, frozen=True):
    kind: Literal["DeploymentRequest"]
    spec: _RequestSpec


def read_environment(path: Path) -> EnvironmentReference:
    """Return name and digest of an environment document; raise InputError where it is none."""
    document = document_at(path)
    return EnvironmentReference(name=decode(document, _Environment).metadata.name, digest=document.sha256)


def read_request(path: Path) -> RequestReference:
    """Return digest and nonce of a deployment request; raise InputError where it is none."""
    document = document_at(path)
    return RequestReference(digest=document.sha256, nonce=decode(document, _Request).spec.nonce)
