"""Typed references: `parameters.NAME` in the document, `{release.version}` in an expectation. Never pasted text."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attestations.errors import InputError
from attestations.strict.document import Document, Path
from gatekeeper.request import Request

_PARAMETER = re.compile(r"parameters\.([a-z][a-z0-9_]{0,63})", re.ASCII)
_FIELD = re.compile(r"\{([a-z.]+)\}", re.ASCII)

REQUEST_FIELDS = ("release.name", "release.version", "environment", "stage", "change")


def resolve_parameters(document: Document) -> Document:
    """Return the document with every requirement value `parameters.NAME` replaced by that parameter's default.

    Raises InputError (POL-REF) where a name is not declared. Places in the file stay those of the reference.
    """
    value = document.value
    spec = value.get("spec") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(spec, dict) or "requirements" not in spec:
        return document
    parameters = spec.get("parameters")
    declared = parameters if isinstance(parameters, dict) else {}
    requirements = _resolved(document, declared, spec["requirements"], ("spec", "requirements"))
    return replace(document, value={**value, "spec": {**spec, "requirements": requirements}})


def _resolved(document: Document, declared: Mapping[str, Any], value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(document, declared, item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(document, declared, item, (*path, index)) for index, item in enumerate(value)]
    match = _PARAMETER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    parameter = declared.get(match[1])
    if not isinstance(parameter, dict) or "default" not in parameter:
        raise InputError(
            "POL-REF",
            found=f"{value}, which spec.parameters does not declare",
            wanted=f"one of: {', '.join(sorted(declared)) or 'none declared'}",
            fix="declare the parameter with its type and default",
            where=document.where(path),
        )
    return parameter["default"]


def unknown_fields(template: str) -> tuple[str, ...]:
    """Return the `{...}` references in `template` that name no field of a request."""
    return tuple(name for name in _FIELD.findall(template) if name not in REQUEST_FIELDS)


def fill(template: str, request: Request) -> str:
    """Return `template` with its `{...}` references replaced by the request's own values, once, without re-reading."""
    spec = request.record.spec
    values = {
        "release.name": spec.release.name,
        "release.version": spec.release.version,
        "environment": spec.environment,
        "stage": spec.stage,
        "change": spec.change,
    }
    return _FIELD.sub(lambda match: values[match[1]], template)
