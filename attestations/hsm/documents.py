"""What the probe reads of environment, request and exercises. It believes none of it; the gate holds it to its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from attestations.envelope import looks_like_envelope, read_envelope
from attestations.errors import InputError
from attestations.predicates.hsm_key_coverage import Exercise
from attestations.records import Hex, Name, Sha256, ZoneName, decode, value_at
from attestations.statement import Subject
from attestations.strict import read_file, read_json, read_yaml
from attestations.strict.document import Document
from attestations.strict.document import Path as Place
from attestations.strict.limits import EVIDENCE

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One HSM of the environment."""

    serial: str
    site: str


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What the environment says about HSMs."""

    name: str
    digest: str
    zones: tuple[ZoneName, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a deployment request says about the statement that it wants."""

    digest: str
    nonce: str
    components: tuple[Subject, ...]


def read_inventory(path: Path) -> Inventory:
    """Return the HSMs and zones of an environment document; raise InputError where it is none or has no HSM."""
    document = _document(path)
    serials = [_at(document, ("spec", "hsms", index, "serial"), Name) for index in _entries(document, "spec", "hsms")]
    if len(set(serials)) != len(serials):
        raise _refused(document, ("spec", "hsms"), "one HSM serial number twice", "each HSM once")
    sites = [_at(document, ("spec", "hsms", index, "site"), Name) for index in range(len(serials))]
    zones = [_at(document, ("spec", "zones", index, "name"), ZoneName) for index in _entries(document, "spec", "zones")]
    return Inventory(
        name=_at(document, ("metadata", "name"), Name),
        digest=document.sha256,
        zones=tuple(zones),
        units=tuple(Unit(serial=serial, site=site) for serial, site in zip(serials, sites, strict=True)),
    )


def read_request(path: Path) -> Request:
    """Return nonce and components of a deployment request; raise InputError where it is none."""
    document = _document(path)
    members = ("spec", "release", "components")
    components = tuple(
        Subject(
            name=_at(document, (*members, index, "name"), Name),
            digest={"sha256": _at(document, (*members, index, "digest", "sha256"), Sha256)},
        )
        for index in _entries(document, *members)
    )
    return Request(digest=document.sha256, nonce=_at(document, ("spec", "nonce"), Hex), components=components)


def read_exercises(path: Path) -> tuple[Exercise, ...]:
    """Return the rollover exercises in a JSON list; raise InputError where it is none."""
    document = read_json(read_file(path, EVIDENCE.max_bytes), str(path))
    return decode(document, tuple[Exercise, ...])


def _document(path: Path) -> Document:
    """Return the YAML document, out of its envelope where it has one; who signed that is the gate's question."""
    raw = read_file(path, EVIDENCE.max_bytes)
    if raw.lstrip().startswith(b"{"):
        signed = read_json(raw, str(path))
        raw = read_envelope(signed).payload if looks_like_envelope(signed) else raw
    return read_yaml(raw, str(path))


def _entries(document: Document, *place: str) -> range:
    entries = _value(document, place)
    if not isinstance(entries, list) or not entries:
        raise _refused(document, place, "no entries", f"at least one entry in {'.'.join(place)}")
    return range(len(entries))


def _at(document: Document, place: Place, kind: type[T]) -> T:
    _value(document, place)
    return decode(document, kind, place)


def _value(document: Document, place: Place) -> object:
    try:
        return value_at(document, place)
    except (KeyError, TypeError, IndexError):
        name = ".".join(map(str, place))
        raise _refused(document, place, f"no {name}", f"a document with {name}") from None


def _refused(document: Document, place: Place, found: str, wanted: str) -> InputError:
    fix = "give the environment and the request that the gate is given"
    return InputError("SCHEMA", found=found, wanted=wanted, fix=fix, where=document.where(place))
