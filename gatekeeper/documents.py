"""The four documents that people write: read once, strictly, and known by the digest of their bytes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import msgspec

from attestations.document_envelope import read_document
from attestations.envelope import Envelope
from attestations.errors import InputError
from attestations.records import Record, decode
from attestations.strict import read_file
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE

T = TypeVar("T")


class Header(Record, frozen=True, kw_only=True):
    """What every document begins with."""

    api_version: Literal["gatekeeper/v1"] = msgspec.field(default="gatekeeper/v1", name="apiVersion")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A document as it was found: its text, and the envelope around it where its owners signed it."""

    document: Document
    raw: bytes = field(repr=False)
    """the file as it was read: the document itself, or the envelope around it"""
    envelope: Envelope | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the document's own bytes, the same whether or not it is signed."""
        return self.document.sha256


@dataclass(frozen=True, kw_only=True)
class Loaded(Generic[T]):
    """A document of a known kind, with where it came from."""

    record: T
    source: Source

    @property
    def digest(self) -> str:
        """SHA-256 of the document's own bytes."""
        return self.source.digest


def read_source(path: Path) -> Source:
    """Return the YAML document at `path`, plain or in a DSSE envelope; raise InputError if it cannot be read."""
    raw = read_file(path, EVIDENCE.max_bytes)
    return parse_source(raw, str(path))


def parse_source(raw: bytes, name: str) -> Source:
    """Return the YAML document in `raw`, plain or in a DSSE envelope; raise InputError if it is neither."""
    document, envelope = read_document(raw, name)
    return Source(document=document, raw=raw, envelope=envelope)


def load(source: Source, kind: type[T], kind_name: str) -> Loaded[T]:
    """Return the document as a `kind`; raise InputError (SCHEMA) where it is another kind or does not fit."""
    value: Any = source.document.value
    found = value.get("kind") if isinstance(value, dict) else None
    if found != kind_name:
        raise InputError(
            "SCHEMA",
            found=f"kind {found!a:.60}",
            wanted=f"kind {kind_name}",
            fix=f"give the file that holds the {kind_name}",
            where=source.document.where(("kind",)),
        )
    return Loaded(record=decode(source.document, kind), source=source)
