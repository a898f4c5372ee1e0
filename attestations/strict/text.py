"""Text from outside: its encoding, the characters it may hold, and how it is compared, located and shown."""

import re
import unicodedata

from attestations.errors import InputError, Location

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but for tab and line feed
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff"  # halves of a surrogate pair: no characters at all
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
"""Controls, format characters, line separators and other characters that show nothing (CVE-2021-42574)."""


def decode_utf8(raw: bytes, name: str, code: str, max_bytes: int) -> str:
    """Return the text of `raw`.

    Raises InputError: LIMIT over `max_bytes`; `code` for anything but UTF-8 without a byte-order mark.
    """
    if len(raw) > max_bytes:
        raise too_large(name, max_bytes, f"{len(raw)} bytes")
    if b"\x00" in raw or raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        found = "a byte-order mark or NUL bytes, as in UTF-16"
        raise _encoding_error(code, found, Location(file=name, line=1, column=1))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        found = f"the byte 0x{raw[error.start]:02x}, which is not UTF-8"
        raise _encoding_error(code, found, location(name, before, len(before))) from None


def too_large(name: str, max_bytes: int, found: str) -> InputError:
    """Return the error for a file that is larger than its limit."""
    return InputError(
        "LIMIT",
        found=found,
        wanted=f"at most {max_bytes} bytes",
        fix="check that this is the right file; split it, or leave bulk data out and refer to it by digest",
        where=Location(file=name),
    )


def hidden_character(text: str) -> re.Match[str] | None:
    """Return the first character of `text` that shows nothing or steers how text is shown, if there is one."""
    if text.isascii() and text.isprintable():
        return None
    return _HIDDEN.search(text)


def hidden_error(character: str, where: Location) -> InputError:
    """Return the error for a hidden character at a place."""
    return InputError(
        "INJECT",
        found=f"the invisible character U+{ord(character):04X} {unicodedata.name(character, 'control').lower()}",
        wanted="text that reads as it is stored: no control, bidirectional or other invisible characters",
        fix="delete the character and write the text again by hand",
        where=where,
    )


def folded(key: str) -> str:
    """Return the form under which two keys of one mapping count as the same: composed and without case."""
    if key.isascii():
        return key.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", key).casefold())


def twin_error(key: str, first: Location, second: Location) -> InputError:
    """Return the error for a key that its mapping already has, in this or another spelling."""
    return InputError(
        "PARSE-DUPKEY",
        found=f"the key {quoted(key)} a second time; the first is in line {first.line}",
        wanted="each key once in a mapping, whatever its case and Unicode form",
        fix=f"keep one of the two and delete the other (lines {first.line} and {second.line})",
        where=second,
    )


def location(name: str, text: str, offset: int) -> Location:
    """Return the place of the character at `offset` of `text`."""
    return Location(file=name, line=text.count("\n", 0, offset) + 1, column=offset - text.rfind("\n", 0, offset))


def quoted(text: str, length: int = 60) -> str:
    """Return `text` in quotes for a message: printable ASCII only, and not longer than `length` and an ellipsis."""
    return ascii(text) if len(text) <= length else f"{text[:length]!a}..."


def _encoding_error(code: str, found: str, where: Location) -> InputError:
    return InputError(
        code,
        found=found,
        wanted="UTF-8 without a byte-order mark",
        fix="save it as UTF-8 without a byte-order mark; from UTF-16:  iconv -f UTF-16 -t UTF-8 old > new",
        where=where,
    )
