"""Text from outside made inert: it is shown, and nothing that shows it obeys it (threat E5)."""

import json
import re
from typing import Any

LIMIT = 4096
"""characters of one piece of text; the JSON forms have all of them"""

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Unicode counts as printable and that show nothing."""

# Runners look for `##[command]` (GitHub, actions/runner ActionCommand.cs), `##vso[` (Azure) and `##teamcity[`
# anywhere in a line, so a second number sign in a row is never printed.
_HASH_AFTER_HASH = re.compile("(?<=#)#")


def visible(text: str) -> str:
    """Return `text` on one line, at most LIMIT characters of it, with all that hides or steers shown as symbols.

    C0 controls become their pictures (␛, ␊); other characters without a shape, the escapes that Python writes.
    """
    shown = text if len(text) <= LIMIT else f"{text[:LIMIT]}… ({len(text) - LIMIT} more characters)"
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(map(_symbol, shown))
    return _HASH_AFTER_HASH.sub(r"\\u0023", shown)


def _symbol(character: str) -> str:
    if character.isprintable() and not _BLANK.match(character):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def json_text(value: Any) -> str:
    """Return `value` as JSON of printable ASCII that no runner obeys; it parses to the very same value."""
    text = json.dumps(value, indent=2).replace("\x7f", "\\u007f")
    return _HASH_AFTER_HASH.sub(r"\\u0023", text) + "\n"
