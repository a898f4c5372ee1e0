"""Where each value of a JSON text stands. Slow and needed only for messages: the C scanner of `json` decides."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from attestations.strict.document import Marks, Path

_TOKEN = re.compile(
    r"""(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")(?P<colon>\s*:)?|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<other>[^\s,:\[\]{}"]+)"""
)
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_NOT_EMPTY = re.compile(r"[\[{](?!\s*[\]}])")


@dataclass(frozen=True, slots=True)
class Place:
    """One value: its path, its first token, and the offsets of that token and of its key (-1 without one)."""

    path: Path
    token: str
    offset: int
    key_offset: int


def places(text: str) -> Iterator[Place]:
    """Yield every value of `text` in its order, a container before its members.

    `text` is JSON at least up to the last place that is asked for.
    """
    steps: list[str | int] = []
    key_offset = -1
    for match in _TOKEN.finditer(text):
        token, offset = match[0], match.start()
        if match["colon"]:
            steps[-1], key_offset = string_of(match["string"]), offset
        elif match["comma"]:
            steps[-1] = steps[-1] + 1 if isinstance(steps[-1], int) else ""
        elif match["close"]:
            steps.pop()
        else:
            yield Place(tuple(steps), token, offset, key_offset)
            key_offset = -1
            if match["open"]:
                steps.append(0 if token == "[" else "")


def values_in(text: str, enough: int) -> int:
    """Return how many values `text` has if it is JSON, or any number up to `enough` if they are no more.

    Counted before anything is made of them: 4 MiB of brackets would become 200 MB of lists.
    """
    if text.count(",") + text.count("[") + text.count("{") < enough:
        return 0
    bare = _STRING.sub("", text)
    return 1 + bare.count(",") + len(_NOT_EMPTY.findall(bare))


def string_of(token: str) -> str:
    """Return the string that a JSON token in quotes stands for."""
    text: str = json.loads(token) if "\\" in token else token[1:-1]
    return text


def marks(text: str) -> Marks:
    """Return line and column of every value of `text`, by path."""
    line_ends = [match.start() for match in re.finditer("\n", text)]
    found = {}
    for place in places(text):
        line = bisect_left(line_ends, place.offset)
        line_start = line_ends[line - 1] + 1 if line else 0
        found[place.path] = (line + 1, place.offset - line_start + 1)
    return found
