"""Tables of a record's members: name, type, whether required, and the docstring under the field."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec.inspect import (
    AnyType,
    BoolType,
    CustomType,
    DictType,
    FloatType,
    IntType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
)

from attestations.schema import FORMS
from attestations.strict.numbers import MAX_INTEGER
from gatekeeper.documentation.markdown import table


def member_tables(kind: type) -> str:
    """Return a table of the members of the record `kind`, and one for each record inside it."""
    records = {info.cls: info for info in _records(msgspec.inspect.type_info(kind))}
    return "\n\n".join(_table(info) if record is kind else _section(info) for record, info in records.items())


def _section(info: StructType) -> str:
    return f"### {info.cls.__name__}\n\n{inspect.getdoc(info.cls) or ''}\n\n{_table(info)}"


def _table(info: StructType) -> str:
    notes = field_notes(info.cls)
    rows = [
        (f"`{field.encode_name}`", words(field.type), _need(field), notes.get(field.name, "")) for field in info.fields
    ]
    return table(("member", "type", "", "meaning"), rows)


def _need(field: msgspec.inspect.Field) -> str:
    if field.required:
        return "required"
    if isinstance(field.default, bool | int | str):
        return f"default `{msgspec.json.encode(field.default).decode()}`"
    return "optional"


def _records(info: Type, around: frozenset[type] = frozenset()) -> Iterator[StructType]:
    """Yield the record types in `info`, from outside in; one that lies inside itself, once."""
    match info:
        case Metadata(type=inner) | VarTupleType(item_type=inner) | DictType(value_type=inner):
            yield from _records(inner, around)
        case UnionType(types=alternatives):
            for alternative in alternatives:
                yield from _records(alternative, around)
        case StructType(cls=record) if record not in around:
            yield info
            for field in info.fields:
                yield from _records(field.type, around | {record})


def words(info: Type) -> str:
    """Return the type of a member in words."""
    match info:
        case Metadata(extra_json_schema={"description": str(text)}):
            return text
        case Metadata(type=inner):
            return words(inner)
        case CustomType(cls=kind):
            return str(FORMS[kind.__name__]["description"])
        case StructType(cls=record):
            return f"[{record.__name__}](#{record.__name__.lower()})"
        case UnionType(types=alternatives):
            return " or ".join(map(words, alternatives))
        case VarTupleType(item_type=item, min_length=least):
            return f"list of {words(item)}" + (f", at least {least}" if least else "")
        case DictType(key_type=key, value_type=value):
            return f"mapping of {words(key)} to {words(value)}"
        case _:
            return _scalar(info)


def _scalar(info: Type) -> str:
    match info:
        case LiteralType(values=values):
            return " or ".join(f"`{msgspec.json.encode(value).decode()}`" for value in values)
        case StrType(pattern=str(pattern)):
            return f"text of the form `{pattern}`"
        case StrType():
            return "text"
        case IntType() | FloatType():
            return _number(info)
        case BoolType():
            return "true or false"
        case NoneType():
            return "null"
        case AnyType():
            return "any value"
    raise TypeError(f"no words for {info}")


def _number(info: IntType | FloatType) -> str:
    signs = (("above", info.gt), ("from", info.ge), ("below", info.lt), ("to", info.le))
    bounds = [f"{sign} {bound:g}" for sign, bound in signs if bound is not None and abs(bound) < MAX_INTEGER]
    return " ".join(("whole number" if isinstance(info, IntType) else "number", *bounds))


def field_notes(record: type) -> dict[str, str]:
    """Return the docstring under each field of a record and of what it inherits from, on one line."""
    notes: dict[str, str] = {}
    for base in reversed(record.__mro__):
        notes |= _notes_in(base.__module__).get(base.__name__, {})
    return notes


@cache
def _notes_in(module: str) -> dict[str, dict[str, str]]:
    """Return, by class, the docstrings under the fields of a module's classes."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):  # a built-in module, of which no field of ours comes
        return {}
    return {node.name: dict(_notes(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _notes(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, after in zip(node.body, node.body[1:], strict=False):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())


def docstring_of(record: type) -> str:
    """Return the docstring of the module in which a record stands."""
    module: Any = sys.modules[record.__module__]
    return inspect.getdoc(module) or ""
