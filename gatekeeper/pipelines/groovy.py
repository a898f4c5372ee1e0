"""As much of Groovy as a declarative pipeline needs: blocks, the statements in them, and strings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<string>'''(?:\\.|[^\\])*?(?:'''|\Z)|\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<end>[;\n])|(?P<slash>/)""",
    re.DOTALL,
)
_WORD = re.compile(r"\s*([A-Za-z_][\w.]*)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "\n": ""}
STRING = (
    r"""'''(?:\\.|(?!''')[^\\])*'''|\"\"\"(?:\\.|(?!\"\"\")[^\\])*\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\""""
)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement: its first word, what stands after that, and the block at its end, if it has one."""

    word: str
    rest: str
    """what follows the word, without the block"""
    block: str | None
    line: int
    """of the file"""
    block_line: int
    """line of the file on which the block begins"""


def without_comments(text: str) -> str:
    """Return the text with comments left out and lines kept."""
    return _TOKEN.sub(lambda found: "\n" * found[0].count("\n") if found["comment"] else found[0], text)


def has_slash(text: str) -> bool:
    """Return whether a slash stands outside strings and comments: it may begin a string that is not read here."""
    return any(found["slash"] for found in _TOKEN.finditer(text))


def statements(text: str, line: int = 1) -> Iterator[Statement]:
    """Yield the statements of a text without comments, whose first line is the given one of the file."""
    begin, depth, block = 0, 0, None
    for found in _TOKEN.finditer(text):
        if found["open"]:
            if depth == 0 and found[0] == "{":
                block = found.end()
            depth += 1
        elif found["close"]:
            depth -= 1
            if depth == 0 and found[0] == "}" and block is not None:
                yield from _statement(text, begin, block, found.start(), line)
                begin, block = found.end(), None
        elif found["end"] and depth == 0:
            yield from _statement(text, begin, None, found.start(), line)
            begin = found.end()
    yield from _statement(text, begin, None, len(text), line)


def text_of(literal: str) -> str:
    """Return the text that a string literal stands for."""
    quotes = 3 if literal[:3] in ("'''", '"""') else 1
    inside = literal[quotes:-quotes]
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inside, flags=re.DOTALL)


def _statement(text: str, begin: int, block: int | None, end: int, line: int) -> Iterator[Statement]:
    head = text[begin : end if block is None else block - 1]
    if not head.strip() and block is None:
        return
    word = _WORD.match(head)
    yield Statement(
        word=word[1] if word else head.strip()[:20],
        rest=head[word.end() :].strip() if word else head,
        block=None if block is None else text[block:end],
        line=line + text.count("\n", 0, begin + len(head) - len(head.lstrip())),
        block_line=line + text.count("\n", 0, begin if block is None else block),
    )
