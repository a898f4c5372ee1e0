"""JSON with one reading only: what two parsers could understand differently is refused (threats B3, B4, E1).

The C scanner of `json` says whether a text is accepted. Only when it is not, the places are searched for the reason.
"""

import json
from functools import partial
from typing import Any

from attestations.strict.document import Document
from attestations.strict.json_faults import first_fault, syntax_fault, too_many_values
from attestations.strict.json_places import marks, values_in
from attestations.strict.limits import EVIDENCE, Limits
from attestations.strict.numbers import exact_float, exact_integer
from attestations.strict.text import decode_utf8, folded, hidden_character


def read_json(raw: bytes, name: str, limits: Limits = EVIDENCE) -> Document:
    """Return the document that `raw` is.

    Raises InputError: PARSE-JSON (RFC 8259, RFC 7493), PARSE-DUPKEY, LIMIT, INJECT.
    """
    text = decode_utf8(raw, name, "PARSE-JSON", limits.max_bytes)
    if (count := values_in(text, limits.max_nodes)) > limits.max_nodes:
        raise too_many_values(count, limits, name)
    try:
        value = _DECODER.decode(text)
        _check(value, limits)
    except json.JSONDecodeError as error:
        raise syntax_fault(error, name) from None
    except (ValueError, RecursionError):
        raise first_fault(text, name, limits) from None
    return Document(name=name, raw=raw, value=value, find_marks=partial(marks, text))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(set(map(folded, members))) != len(pairs):
        raise ValueError("two keys that are the same")
    return members


def _constant(token: str) -> None:
    raise ValueError(token)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=exact_integer, parse_float=exact_float, parse_constant=_constant
)


def _check(value: Any, limits: Limits) -> None:
    """Raise ValueError for depth or a hidden character; level by level, so that depth costs no stack."""
    strings = [value] if isinstance(value, str) else []
    level = [value] if isinstance(value, dict | list) else []
    depth = 0
    while level:
        depth += 1
        below = []
        for container in level:
            if type(container) is dict:
                strings += container
            for member in container.values() if type(container) is dict else container:
                kind = type(member)
                if kind is str:
                    strings.append(member)
                elif kind is dict or kind is list:
                    below.append(member)
        if depth > limits.max_depth:
            raise ValueError("too deep")
        level = below
    if hidden_character(" ".join(strings)):
        raise ValueError("a hidden character")
