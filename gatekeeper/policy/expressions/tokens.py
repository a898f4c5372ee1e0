"""The words of a CEL expression (CEL language definition, "Syntax"), for the lint."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<blank>  [ \t\n]+ )
  | (?P<comment> // )
  | (?P<text>   [bB]? (?: [rR] (?: \"{3}.*?\"{3} | '{3}.*?'{3} | "[^"\n]*" | '[^'\n]*' )
                  | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
                  | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' ) )
  | (?P<number> 0[xX][0-9a-fA-F]+[uU]? | \d*\.\d+(?:[eE][+-]?\d+)? | \d+[eE][+-]?\d+ | \d+[uU]? )
  | (?P<name>   [A-Za-z_][A-Za-z0-9_]* | `[A-Za-z0-9_.\-/ ]+` )
  | (?P<mark>   && | \|\| | [=!<>]= | [-+*/%!<>?:.,()\[\]{}] )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class Token:
    """One word: its kind (`text`, `number`, `name`, `mark`), how it is written and where it starts."""

    kind: str
    text: str
    offset: int


def tokens(source: str) -> Iterator[Token]:
    """Yield the words of `source`; raise ValueError for a comment or anything unknown.

    A comment is refused because a folded YAML text joins lines: whatever follows it would fall silent.
    """
    offset = 0
    while offset < len(source):
        match = _TOKEN.match(source, offset)
        if match is None or match.lastgroup == "comment":
            raise ValueError(f"{'a comment' if match else 'something unknown'} at character {offset + 1}")
        if match.lastgroup != "blank":
            yield Token(kind=str(match.lastgroup), text=match[0], offset=offset)
        offset = match.end()
