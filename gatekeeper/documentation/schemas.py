"""docs/schemas: the JSON Schema of every statement, of every document that people write, and of every one printed."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from attestations.command_line import OutputOption
from attestations.predicates import NAMES, PREDICATES
from attestations.printed import ErrorDocument, schema_name, schema_uri
from attestations.records import JsonRecord
from attestations.schema import schema_of
from gatekeeper.anchors import GateConfiguration
from gatekeeper.documentation.commands import every_command
from gatekeeper.environment import EnvironmentDocument
from gatekeeper.guard.configuration import GuardConfiguration
from gatekeeper.ledger.printed import ExportedEntry
from gatekeeper.request import DeploymentRequest
from gatekeeper.requirements import AnyPolicy
from gatekeeper.trust import TrustDocument

DOCUMENTS: Mapping[str, type] = MappingProxyType(
    {
        "DeploymentRequest": DeploymentRequest,
        "Environment": EnvironmentDocument,
        "TrustRoot": TrustDocument,
        "Policy": AnyPolicy,
        "GateConfiguration": GateConfiguration,
        "GuardConfiguration": GuardConfiguration,
    }
)
"""Kind, as it stands in the document -> record type. The pages bear the kind's name."""


def pages() -> dict[str, str]:
    """Return one schema for each statement type, each kind of document, and each document that a command prints."""
    written = {**{name: PREDICATES[uri] for name, uri in NAMES.items()}, **DOCUMENTS}
    schemas = {name: schema_of(kind) for name, kind in written.items()} | {
        schema_name(kind): _printed(kind) for kind in printed_documents()
    }
    made = {f"schemas/{name}.schema.json": _text(schema) for name, schema in schemas.items()}
    return {**made, "schemas/decision.schema.json": _decision()}


def printed_documents() -> Iterator[type[JsonRecord]]:
    """Yield the record of every document that commands print as JSON; the decision's schema is written by hand."""
    yield from (ErrorDocument, ExportedEntry)
    for context in every_command():
        yield from (option.document for option in context.command.params if isinstance(option, OutputOption))


def _printed(kind: type[JsonRecord]) -> dict[str, Any]:
    """A printed document names its schema, so the schema has that name."""
    return schema_of(kind) | {"$id": schema_uri(schema_name(kind))}


def _decision() -> str:
    return files("gatekeeper.report").joinpath("decision.schema.json").read_text(encoding="utf-8")


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
