"""Typed, frozen records from parsed documents: the types decide, the JSON Schema made from them explains."""

import re
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from attestations.errors import InputError
from attestations.strict.document import Document, Path
from attestations.strict.numbers import MAX_INTEGER
from attestations.times import Duration, Instant

T = TypeVar("T")

Sha256 = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", max_length=64, description="SHA-256, lower-case hexadecimal")
]
Name = Annotated[str, Meta(min_length=1, max_length=256)]
Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+(?!\n)$", max_length=8192, description="lower-case hexadecimal")]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen record whose unknown fields are errors. YAML documents use it as it is (snake_case)."""


class JsonRecord(Record, frozen=True, kw_only=True, rename="camel"):
    """The same for predicates, whose members are lowerCamelCase by in-toto's convention."""


class ZoneName(str):
    """A zone in its one canonical form: lower-case A-labels, absolute, ending in a dot (RFC 4034, 6.2)."""

    __slots__ = ()
    _PATTERN = re.compile(r"\.|(?=.{2,254}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+", re.ASCII)

    @classmethod
    def parse(cls, text: object) -> "ZoneName":
        """Return the zone name; raise ValueError that names the canonical form otherwise."""
        if not isinstance(text, str) or cls._PATTERN.fullmatch(text) is None:
            raise ValueError(f"{text!a} is not a canonical zone name: lower-case A-labels ending in a dot, as in `de.`")
        return cls(text)


_PARSERS = {Instant: Instant.parse, Duration: Duration.parse, ZoneName: ZoneName.parse}


def _parse_custom(kind: type, value: Any) -> Any:
    return _PARSERS[kind](value)


def _plain_custom(value: Any) -> str:
    return str(value)


def decode(document: Document, kind: type[T], path: Path = ()) -> T:
    """Return the value at `path` of `document` as a `kind`.

    Raises InputError (SCHEMA, NAME-ZONE) with file, line and column of every fault found.
    """
    value = value_at(document, path)
    try:
        return msgspec.convert(value, kind, dec_hook=_parse_custom)
    except msgspec.ValidationError as error:
        raise _explained(document, kind, path, str(error)) from None


def plain(record: object) -> Any:
    """Return a record as dictionaries, lists and scalars, ready for canonical JSON."""
    return _with_lists(msgspec.to_builtins(record, enc_hook=_plain_custom))


def _with_lists(value: Any) -> Any:
    """JSON has lists only; the records hold tuples."""
    if isinstance(value, dict):
        return {key: _with_lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_lists(item) for item in value]
    return value


def value_at(document: Document, path: Path) -> Any:
    """Return the part of the document's value at `path`; the path must exist."""
    value: Any = document.value
    for step in path:
        value = value[step]
    return value


def _explained(document: Document, kind: type, path: Path, fallback: str) -> InputError:
    from attestations.schema import explain  # jsonschema costs 110 ms to import: only for errors

    errors = explain(document, kind, path)
    if not errors:
        return InputError(
            "SCHEMA",
            found=fallback,
            wanted="a document that fits its schema",
            fix="see the schema in docs/schemas",
            where=document.where(path),
        )
    first, *rest = errors
    return InputError(
        first.code, found=first.found, wanted=first.wanted, fix=first.fix, where=first.where, also=tuple(rest)
    )
