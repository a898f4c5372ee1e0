"""What the probe reads of environment, request and exercises. It believes none of it; the gate holds it to its own.

Members that the probe has no use for are left to the gate, which refuses unknown ones.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from attestations.document_envelope import document_at
from attestations.errors import InputError
from attestations.predicates.hsm_key_coverage import Exercise
from attestations.records import Hex, Name, Sha256, ZoneName, decode
from attestations.statement import Subject
from attestations.strict import read_file, read_json
from attestations.strict.document import Document
from attestations.strict.document import Path as Place
from attestations.strict.limits import EVIDENCE


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One HSM of the environment."""

    serial: Name
    site: Name


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says about HSMs."""

    name: str
    digest: str
    zones: tuple[ZoneName, ...]
    units: tuple[Unit, ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment request says about the statement that it wants."""

    digest: str
    nonce: str
    components: tuple[Subject, ...]


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    name: Name


class _Zone(msgspec.Struct, frozen=True, kw_only=True):
    name: ZoneName


class _EnvironmentSpec(msgspec.Struct, frozen=True, kw_only=True):
    zones: Annotated[tuple[_Zone, ...], Meta(min_length=1)]
    hsms: Annotated[tuple[Unit, ...], Meta(min_length=1)]


class _Environment(msgspec.Struct, frozen=True, kw_only=True):
    metadata: _Named
    spec: _EnvironmentSpec


class _Digest(msgspec.Struct, frozen=True, kw_only=True):
    sha256: Sha256


class _Component(msgspec.Struct, frozen=True, kw_only=True):
    name: Name
    digest: _Digest


class _Release(msgspec.Struct, frozen=True, kw_only=True):
    components: Annotated[tuple[_Component, ...], Meta(min_length=1)]


class _RequestSpec(msgspec.Struct, frozen=True, kw_only=True):
    release: _Release
    nonce: Hex


class _Request(msgspec.Struct, frozen=True, kw_only=True):
    spec: _RequestSpec


def read_inventory(path: Path) -> Inventory:
    """Return the HSMs and zones of an environment document; raise InputError where it is none or has no HSM."""
    document = document_at(path)
    environment = decode(document, _Environment)
    spec = environment.spec
    if len({unit.serial for unit in spec.hsms}) != len(spec.hsms):
        raise _refused(document, ("spec", "hsms"), "one HSM serial number twice", "each HSM once")
    zones = tuple(zone.name for zone in spec.zones)
    return Inventory(name=environment.metadata.name, digest=document.sha256, zones=zones, units=spec.hsms)


def read_request(path: Path) -> Request:
    """Return nonce and components of a deployment request; raise InputError where it is none."""
    document = document_at(path)
    spec = decode(document, _Request).spec
    components = (Subject(name=one.name, digest={"sha256": one.digest.sha256}) for one in spec.release.components)
    return Request(digest=document.sha256, nonce=spec.nonce, components=tuple(components))


def read_exercises(path: Path) -> tuple[Exercise, ...]:
    """Return the rollover exercises in a JSON list; raise InputError where it is none."""
    document = read_json(read_file(path, EVIDENCE.max_bytes), str(path))
    if not isinstance(document.value, list):
        raise _refused(document, (), "something that is not a list", "a list of exercises")
    return tuple(decode(document, Exercise, (index,)) for index in range(len(document.value)))


def _refused(document: Document, place: Place, found: str, wanted: str) -> InputError:
    fix = "give the documents that the gate is given"
    return InputError("SCHEMA", found=found, wanted=wanted, fix=fix, where=document.where(place))
