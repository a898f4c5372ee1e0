"""The documents that commands print as JSON: each names its schema, and docs/schemas publishes that."""

from typing import Annotated

from msgspec import Meta

from attestations.errors import InputError
from attestations.inert import json_text
from attestations.records import JsonRecord, plain

SCHEMAS = "https://signer-gatekeeper.github.io/schemas"


def schema_uri(name: str) -> str:
    """Return what the member `schema` of the printed document `name` says."""
    return f"{SCHEMAS}/{name}/v1"


def schema_name(kind: type[JsonRecord]) -> str:
    """Return the name of a printed document's schema."""
    return str(kind.__struct_config__.tag).removeprefix(f"{SCHEMAS}/").removesuffix("/v1")


class Fault(JsonRecord, frozen=True, kw_only=True):
    """One reason why there is no result, with its place where it stands in a file."""

    code: str
    file: str | None
    line: int | None
    column: int | None
    found: str
    wanted: str
    next: str


class ErrorDocument(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("error")):
    """What every command prints where it has no result."""

    exit_code: Annotated[int, Meta(ge=1, le=2)]
    errors: tuple[Fault, ...]


def fault_of(error: InputError) -> Fault:
    """Return the error as a record, without those that came `also`."""
    where = error.where
    return Fault(
        code=error.code,
        file=where.file if where else None,
        line=where.line if where else None,
        column=where.column if where else None,
        found=error.found,
        wanted=error.wanted,
        next=error.fix,
    )


def error_document(error: InputError, exit_code: int) -> ErrorDocument:
    """Return the document that says why a command has no result."""
    return ErrorDocument(exit_code=exit_code, errors=tuple(map(fault_of, (error, *error.also))))


def text_of(document: JsonRecord) -> str:
    """Return the document as JSON of printable ASCII."""
    return json_text(plain(document))
