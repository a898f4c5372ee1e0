"""The JSON Schema of a record type, as docs/schemas publishes it."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from attestations.strict import read_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_GENERIC = re.compile(r"(?<=[a-z])(_|\[)[a-z_]+(\.[a-z_]+)+\.[A-Z].*")
"""the types a generic record was made for, as msgspec spells them in the names of definitions and in titles"""

# By name of the type: ZoneName stands in `records`, above this module.
# `(?!\n)`: in Python a line feed may follow what `$` matches.
FORMS: Mapping[str, dict[str, Any]] = {
    "Instant": {
        "format": "utc-time",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z(?!\n)$",
        "maxLength": 27,
        "description": "a UTC time such as 2026-05-05T19:30:00Z",
    },
    "Duration": {
        "format": "time-span",
        "pattern": r"^[0-9]{1,6}[smhd](?!\n)$",
        "maxLength": 7,
        "description": "a duration such as 90s, 15m, 72h or 30d",
    },
    "ZoneName": {
        "format": "zone-name",
        "pattern": r"^(\.|([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+)(?!\n)$",
        "maxLength": 254,
        "description": "a canonical zone name: lower-case A-labels ending in a dot, as in `de.`",
    },
}
"""How our own kinds of text are written, by name of the type."""


def schema_of(kind: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record type."""
    with_tuples = msgspec.json.schema(kind, schema_hook=_text_form)
    made: Any = _plainly_named(read_json(msgspec.json.encode(with_tuples), kind.__name__).value)
    name = made["$ref"].rpartition("/")[2]
    return {"$schema": DIALECT, "$id": f"urn:signer-gatekeeper:schema:{_dashed(name)}", **made}


def _plainly_named(value: Any) -> Any:
    """A generic record is named after itself, not after every type that it was made for."""
    if isinstance(value, dict):
        return {_GENERIC.sub("", key): _plainly_named(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plainly_named(item) for item in value]
    return _GENERIC.sub("", value) if isinstance(value, str) else value


def _text_form(kind: type) -> dict[str, Any]:
    return {"type": "string", **FORMS[kind.__name__]}


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", "-", name).strip("-").lower()
