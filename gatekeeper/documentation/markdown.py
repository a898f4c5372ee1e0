"""The little Markdown that the pages are made of."""

import re
from collections.abc import Iterable, Sequence

_EXAMPLE = re.compile(r"\s*\b(PASS|FAIL|INCONCLUSIVE): ")


def page(*parts: str) -> str:
    """Return a page of these parts, one empty line between them."""
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


def fenced(language: str, text: str) -> str:
    """Return a code block."""
    return f"```{language}\n{text.rstrip()}\n```"


def linked(names: Iterable[str], folder: str) -> str:
    """Return links to the pages of these names in a folder beside this page's."""
    return ", ".join(f"[`{name}`](../{folder}/{name}.md)" for name in names)


def prose(docstring: str) -> str:
    """Return a docstring as Markdown, with its PASS and FAIL examples as a list."""
    text, *examples = _EXAMPLE.split(docstring)
    pairs = zip(examples[::2], examples[1::2], strict=True)
    listed = "\n".join(f"- **{word}**: {' '.join(example.split())}" for word, example in pairs)
    return page(text.strip(), listed).rstrip()
