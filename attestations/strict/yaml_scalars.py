"""What a plain YAML scalar means here: null, true, false, a plain number, or a string (threat B5)."""

import re

from attestations.strict.numbers import exact_float, exact_integer

_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(\.[0-9]*)?")
_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")


def plain_scalar(text: str) -> bool | int | float | str | None:
    """Return the value of an unquoted scalar.

    Words and spellings that some YAML reader converts and ours does not (`yes`, `0x1F`, `1_000`, `1:30`, `.inf`, dates)
    are strings, so that a schema refuses them where a number or a boolean is wanted.
    Raises ValueError for `010` (8, 10 or a string), `1e3` (1000 or a string) and numbers that not all readers can hold.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return exact_integer(text)
    if _LEADING_ZERO.fullmatch(text):
        raise ValueError("a number with a leading zero, which some readers take as octal")
    if _EXPONENT.fullmatch(text):
        raise ValueError("a number with an exponent, which some readers take as text")
    return exact_float(text) if _FLOAT.fullmatch(text) else text
