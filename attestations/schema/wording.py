"""A mismatch in words: what was found, what was wanted, what to do next."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from attestations.errors import InputError
from attestations.schema.making import FORMS
from attestations.schema.mismatch import Mismatch
from attestations.strict.document import Document, Path
from attestations.strict.text import quoted

_TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "a mapping",
}
_BOUNDS = {
    "type": "{}",
    "pattern": "text that matches {}",
    "minLength": "text of {} or more characters",
    "maxLength": "text of {} or fewer characters",
    "minItems": "a list of {} or more items",
    "maxItems": "a list of {} or fewer items",
    "minimum": "{} or more",
    "maximum": "{} or less",
}
_TYPE_FIXES = {
    "string": "put the value in quotes if it is meant",
    "boolean": "write true or false, without quotes",
    "integer": "write a plain decimal number, without quotes",
    "number": "write a plain decimal number, without quotes",
}


def input_errors(mismatch: Mismatch, document: Document) -> Iterator[InputError]:
    """Yield the errors that a mismatch amounts to, each at its own place in the document."""
    value, path = mismatch.value, mismatch.path
    if isinstance(value, dict) and mismatch.keyword == "additionalProperties":
        known = list(mismatch.schema.get("properties", {}))
        yield from (_unknown_member(name, known, document, path) for name in value if name not in known)
    elif isinstance(value, dict) and mismatch.keyword == "required":
        yield _missing_members([name for name in mismatch.bound if name not in value], document, path)
    elif isinstance(value, dict) and mismatch.kinds and mismatch.tag not in value:
        yield _missing_members([mismatch.tag], document, path)
    elif isinstance(value, dict) and mismatch.kinds:
        yield _not_in_list(value[mismatch.tag], mismatch.kinds, document, (*path, mismatch.tag))
    elif mismatch.keyword == "enum":
        yield _not_in_list(value, mismatch.bound, document, path)
    elif mismatch.schema.get("format") == "zone-name" and isinstance(value, str):
        yield _not_canonical(value, document, path)
    else:
        yield _wrong_value(mismatch, document)


def _unknown_member(name: str, known: list[str], document: Document, path: Path) -> InputError:
    near = get_close_matches(name, known, n=1)
    return InputError(
        "SCHEMA",
        found=f"the unknown property {quoted(name)} in {_name_of(path)}",
        wanted=f"only known properties: {', '.join(known)}",
        fix=f"write `{near[0]}` if that was meant; otherwise delete it" if near else "delete it",
        where=document.where((*path, name)),
    )


def _missing_members(missing: list[str], document: Document, path: Path) -> InputError:
    names = ", ".join(f"`{name}`" for name in missing)
    return InputError(
        "SCHEMA",
        found=f"no {names} in {_name_of(path)}",
        wanted=f"a mapping with {names}",
        fix=f"add {names} to the mapping that begins here",
        where=document.where(path),
    )


def _not_in_list(value: object, allowed: Iterable[object], document: Document, path: Path) -> InputError:
    names = [str(choice) for choice in allowed]
    near = get_close_matches(str(value), names, n=1)
    return InputError(
        "SCHEMA",
        found=f"{_shown(value)} in {_name_of(path)}",
        wanted=f"one of: {', '.join(names)}",
        fix=f"write `{near[0]}` if that was meant" if near else "write one of them",
        where=document.where(path),
    )


def _not_canonical(value: str, document: Document, path: Path) -> InputError:
    form = FORMS["ZoneName"]
    canonical = f"{value.strip(' .').lower()}."
    known = re.search(form["pattern"], canonical) and 1 < len(canonical) <= form["maxLength"]
    return InputError(
        "NAME-ZONE",
        found=f"{quoted(value)} in {_name_of(path)}",
        wanted=form["description"],
        fix=f"write `{canonical}`" if known else "write labels that are not ASCII as A-labels (xn--...)",
        where=document.where(path),
    )


def _wrong_value(mismatch: Mismatch, document: Document) -> InputError:
    scalar = not isinstance(mismatch.value, dict | list)
    fix = _TYPE_FIXES.get(mismatch.bound) if mismatch.keyword == "type" and scalar else None
    return InputError(
        "SCHEMA",
        found=f"{_shown(mismatch.value)} in {_name_of(mismatch.path)}",
        wanted=_wanted(mismatch),
        fix=fix or "correct the value",
        where=document.where(mismatch.path),
    )


def _wanted(mismatch: Mismatch) -> str:
    description = str(mismatch.schema.get("description", ""))
    if "format" in mismatch.schema:
        return description
    if mismatch.keyword == "anyOf":
        return " or ".join(dict.fromkeys(_branch(branch) for branch in mismatch.bound))
    bound = _TYPES[mismatch.bound] if mismatch.keyword == "type" else mismatch.bound
    wanted = _BOUNDS.get(mismatch.keyword, f"{mismatch.keyword} {{}}").format(bound)
    return f"{wanted} ({description})" if description else wanted


def _branch(schema: Mapping[str, Any]) -> str:
    return str(schema["description"]) if "format" in schema else _TYPES[schema.get("type", "object")]


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return quoted(value)
    return "null" if value is None else str(value).lower()


def _name_of(path: Path) -> str:
    return quoted("/".join(map(str, path)), 200) if path else "the document"
