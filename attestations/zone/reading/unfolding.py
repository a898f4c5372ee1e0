"""Master file text to logical lines (RFC 1035, 5.1): no comments, no parentheses, no blanks in quoted strings.

Everything is done to blocks of text at once: a record that needs none of it costs nothing here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attestations.errors import Location
from attestations.zone.reading.flat import unreadable

MAX_LINE = 128 * 1024
"""of a record as text; RDATA of 65,535 octets takes no more in hex (RFC 3597)"""

_QUOTED = rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'
_COMMENT = re.compile(rb";[^\n]*")
_SPECIAL = re.compile(_QUOTED + rb'|\\(?:[0-9]{3}|[^0-9\n])|;[^\n]*|["\\]')
_STRUCTURE = re.compile(_QUOTED + rb"|\\[^\n]|;[^\n]*|[()\n]")
_TO_ESCAPE = re.compile(rb"\\([0-9]{3}|[^0-9])|[^!#-\[\]-~]|[();]")
_PARENTHESES = re.compile(rb"[()]")
_BOM = b"\xef\xbb\xbf"

_BLANKS = b"\t\n "
_MARKS = b"()" + bytes(octet for octet in range(128) if octet not in _BLANKS and not 0x20 < octet < 0x7F)
_ALL_BUT_MARKS = bytes(octet for octet in range(256) if octet not in _MARKS)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Logical lines, and the text that they were made from."""

    lines: list[bytes]
    text: bytes
    number: int
    """of the first line of the text, from 1"""
    file: str

    def place(self, index: int) -> Location:
        """Return where a logical line begins."""
        return Location(file=self.file, line=self.number + _physical(self.text, index))


def unfolded(blocks: Iterable[bytes], file: str) -> Iterator[Lines]:
    r"""Yield the logical lines of a master file, in pieces; raise InputError (DNS-ZONEFILE) with the line.

    Every escape but `\# ` has the form \DDD there, and quoted strings hold no blanks: lines split at white space.
    """
    rest, number = b"", 1
    for block in blocks:
        if number == 1 and not rest and block.startswith(_BOM):
            raise unreadable("a UTF-8 byte order mark: delete the first three octets", Location(file=file, line=1))
        text, rest = _complete_lines(rest + block)
        lines, unfinished = _unfold(text, number, file)
        text, rest = text[: len(text) - unfinished], text[len(text) - unfinished :] + rest
        yield Lines(lines=lines, text=text, number=number, file=file)
        number += text.count(b"\n")
        if len(rest) > MAX_LINE:
            raise unreadable(f"a record of more than {MAX_LINE} octets", Location(file=file, line=number))
    yield _last_lines(rest, number, file)


def _last_lines(rest: bytes, number: int, file: str) -> Lines:
    text = rest if rest.endswith(b"\n") else rest + b"\n"
    lines, unfinished = _unfold(text, number, file)
    if unfinished:
        raise unreadable("the end of the file within parentheses", Location(file=file, line=number))
    return Lines(lines=lines, text=text, number=number, file=file)


def _complete_lines(text: bytes) -> tuple[bytes, bytes]:
    end = text.rfind(b"\n") + 1
    return text[:end], text[end:]


def _unfold(text: bytes, number: int, file: str) -> tuple[list[bytes], int]:
    """Return the logical lines of whole lines of text, and how many octets at its end await a closing parenthesis."""
    try:
        clean = _without_comments(text)
        marks = clean.translate(None, _ALL_BUT_MARKS)
        if marks.strip(b"()") or not clean.isascii():
            raise _stray(clean)
        unfinished = 0
        if (start := _unclosed(clean, marks)) is not None:
            unfinished = _tail(text, clean.count(b"\n", start))
            clean = clean[:start]
            marks = clean.translate(None, _ALL_BUT_MARKS)
        lines = _joined(clean, marks).split(b"\n")
    except _BrokenError as error:
        raise unreadable(error.found, Location(file=file, line=number + error.line)) from None
    for index, line in enumerate(lines if max(map(len, lines)) > MAX_LINE else ()):
        if len(line) > MAX_LINE:
            where = Location(file=file, line=number + _physical(text, index))
            raise unreadable(f"a record of more than {MAX_LINE} octets", where)
    return lines, unfinished


class _BrokenError(Exception):
    """Text that no reader would take for a master file."""

    def __init__(self, found: str, text: bytes, at: int) -> None:
        super().__init__(found)
        self.found = found
        self.line = text.count(b"\n", 0, at)


def _without_comments(text: bytes) -> bytes:
    """Return text with as many lines, without comments, and with quotes and escapes that hide nothing."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    if b'"' in text or b"\\" in text:
        return _SPECIAL.sub(_plain, text)
    return _COMMENT.sub(b"", text) if b";" in text else text


def _plain(match: re.Match[bytes]) -> bytes:
    special = match[0]
    if special.startswith(b";"):
        return b""
    if len(special) == 1:
        found = "a quote that is never closed" if special == b'"' else "a backslash that escapes nothing"
        raise _BrokenError(found, match.string, match.start())
    try:
        if special.startswith(b'"'):
            return b' "' + _TO_ESCAPE.sub(_escaped, special[1:-1]) + b'" '
        return special if special == b"\\#" else _TO_ESCAPE.sub(_escaped, special)
    except ValueError as error:
        raise _BrokenError(str(error), match.string, match.start()) from None


def _escaped(match: re.Match[bytes]) -> bytes:
    text = match[1] or match[0]
    if text == b"\\" and not match[1]:
        raise ValueError("a backslash that escapes nothing")
    octet = int(text) if len(text) == 3 else text[0]
    if octet > 255:
        raise ValueError(f"the escape \\{octet}, which stands for no octet")
    return b"\\%03d" % octet


def _stray(clean: bytes) -> _BrokenError:
    at = next(at for at, octet in enumerate(clean) if octet > 126 or (octet < 32 and octet not in _BLANKS))
    if clean[at] > 127:
        return _BrokenError("an octet beyond ASCII outside of quotes and comments", clean, at)
    return _BrokenError(f"binary data (the octet {clean[at]})", clean, at)


def _unclosed(clean: bytes, marks: bytes) -> int | None:
    """Return where the line begins that opens a parenthesis without closing it, if there is one."""
    if marks == b"()" * (len(marks) // 2):
        return None
    if marks == b"()" * (len(marks) // 2) + b"(":
        return clean.rfind(b"\n", 0, clean.rfind(b"(")) + 1
    depth = opened = 0
    for match in _PARENTHESES.finditer(clean):
        if not depth:
            opened = match.start()
        depth += 1 if match[0] == b"(" else -1
        if depth < 0:
            raise _BrokenError("a closing parenthesis that was never opened", clean, match.start())
    return clean.rfind(b"\n", 0, opened) + 1 if depth else None


def _tail(text: bytes, lines: int) -> int:
    """Return how many octets the last `lines` lines of the text have."""
    at = len(text) - 1
    for _ in range(lines):
        at = text.rfind(b"\n", 0, at)
    return len(text) - 1 - at


def _joined(clean: bytes, marks: bytes) -> bytes:
    """Return the text with the lines in parentheses joined; every parenthesis has its partner."""
    if not marks:
        return clean
    if marks == b"()" * (len(marks) // 2):
        parts = clean.replace(b")", b"(").split(b"(")
        parts[1::2] = [part.replace(b"\n", b" ") for part in parts[1::2]]
        return b" ".join(parts)
    return _joined_nested(clean)


def _joined_nested(clean: bytes) -> bytes:
    depth, at = 0, 0
    parts = []
    for match in _PARENTHESES.finditer(clean):
        part = clean[at : match.start()]
        parts.append(part.replace(b"\n", b" ") if depth else part)
        depth += 1 if match[0] == b"(" else -1
        at = match.end()
    return b" ".join([*parts, clean[at:]])


def _physical(text: bytes, index: int) -> int:
    """Return the number of lines before the logical line of this index."""
    depth = logical = physical = 0
    for match in _STRUCTURE.finditer(text):
        if logical == index:
            break
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if match[0] == b"\n":
            physical += 1
            logical += not depth
    return physical
