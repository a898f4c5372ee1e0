"""Why a JSON text was refused, and where: the slow twin of the reader, run only for a message."""

import json
from collections.abc import Callable
from functools import partial

from attestations.errors import InputError, Location
from attestations.strict.document import Path
from attestations.strict.json_places import Place, places, string_of
from attestations.strict.limits import Limits
from attestations.strict.numbers import exact_float, exact_integer
from attestations.strict.text import folded, hidden_character, hidden_error, location, quoted, twin_error

_Locate = Callable[[int], Location]


def syntax_fault(error: json.JSONDecodeError, name: str) -> InputError:
    """Return the error for a text that is not JSON at all."""
    if not error.doc.strip():
        found = "nothing: the file is empty"
    elif error.msg == "Extra data":
        found = f"further data after the value: {quoted(error.doc[error.pos :], 20)}"
    else:
        found = f"{error.msg[0].lower()}{error.msg[1:]}: {quoted(error.doc[error.pos :], 20)}"
    where = Location(file=name, line=error.lineno, column=error.colno)
    fix = "correct the file at this place, or write it again with the tool that made it"
    return InputError("PARSE-JSON", found=found, wanted="one JSON value (RFC 8259)", fix=fix, where=where)


def first_fault(text: str, name: str, limits: Limits) -> InputError:
    """Return the error for the first thing in `text` that is JSON and refused all the same."""
    locate = partial(location, name, text)
    keys: dict[tuple[Path, str], int] = {}
    for place in places(text):
        fault = (
            _depth_fault(place, limits, locate)
            or _key_fault(place, keys, locate)
            or _string_fault(place, locate)
            or _number_fault(place, locate)
        )
        if fault:
            return fault
    raise AssertionError("the reader refused a text in which no fault was found")


def too_many_values(count: int, limits: Limits, name: str) -> InputError:
    """Return the error for a text of more values than its limit."""
    return _over(f"{count} values", f"at most {limits.max_nodes} values", Location(file=name, line=1, column=1))


def _depth_fault(place: Place, limits: Limits, locate: _Locate) -> InputError | None:
    if len(place.path) + (place.token in ("[", "{")) <= limits.max_depth:
        return None
    levels = limits.max_depth
    return _over(f"level {levels + 1} of nesting", f"at most {levels} levels", locate(place.offset))


def _over(found: str, wanted: str, where: Location) -> InputError:
    fix = "check that this is the right file; leave bulk data out and refer to it by digest"
    return InputError("LIMIT", found=found, wanted=wanted, fix=fix, where=where)


def _key_fault(place: Place, keys: dict[tuple[Path, str], int], locate: _Locate) -> InputError | None:
    if place.key_offset < 0:
        return None
    key = str(place.path[-1])
    if hidden := hidden_character(key):
        return _character_fault(hidden[0], locate(place.key_offset))
    first = keys.setdefault((place.path[:-1], folded(key)), place.key_offset)
    if first != place.key_offset:
        return twin_error(key, locate(first), locate(place.key_offset))
    return None


def _string_fault(place: Place, locate: _Locate) -> InputError | None:
    hidden = hidden_character(string_of(place.token)) if place.token.startswith('"') else None
    return _character_fault(hidden[0], locate(place.offset)) if hidden else None


def _character_fault(character: str, where: Location) -> InputError:
    if not 0xD800 <= ord(character) <= 0xDFFF:
        return hidden_error(character, where)
    return InputError(
        "PARSE-JSON",
        found=f"half of a surrogate pair, \\u{ord(character):04x}",
        wanted="whole Unicode characters (RFC 7493, 2.1)",
        fix="write the character itself, in UTF-8",
        where=where,
    )


def _number_fault(place: Place, locate: _Locate) -> InputError | None:
    if place.token in ("true", "false", "null") or place.token[0] in '"[{':
        return None
    try:
        _number(place.token)
    except ValueError as error:
        return InputError(
            "PARSE-JSON",
            found=f"{error}: {quoted(place.token, 20)}",
            wanted="integers below 2^53 and finite numbers",
            fix="write the value as a string, or as a number that every reader can hold",
            where=locate(place.offset),
        )
    return None


def _number(token: str) -> int | float:
    if token in ("NaN", "Infinity", "-Infinity"):
        raise ValueError("a number that JSON does not have")
    return exact_integer(token) if token.lstrip("-").isdecimal() else exact_float(token)
