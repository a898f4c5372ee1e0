"""docs/schemas: the JSON Schema of every statement type and of every document that people write."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from attestations.predicates import NAMES, PREDICATES
from attestations.schema import schema_of
from gatekeeper.anchors import GateConfiguration
from gatekeeper.environment import EnvironmentDocument
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
    }
)
"""Kind, as it stands in the document -> record type. The pages bear the kind's name."""


def pages() -> dict[str, str]:
    """Return one schema for each statement type and each kind of document."""
    statements = {name: PREDICATES[uri] for name, uri in NAMES.items()}
    return {f"schemas/{name}.schema.json": _text(kind) for name, kind in {**statements, **DOCUMENTS}.items()}


def _text(kind: type) -> str:
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"
