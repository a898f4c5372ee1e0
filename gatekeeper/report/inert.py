"""Text from outside in the notations of the reports: each is what attestations/inert.py makes, and escapes on top."""

import html
import re

from attestations.inert import visible

_BACKTICKS = re.compile("`+")


def html_text(text: str) -> str:
    """Return `text` for an HTML element or quoted attribute."""
    return html.escape(visible(text))


def markdown_code(text: str) -> str:
    """Return `text` as a code span: nothing in one is a link, an image, HTML or a mention (CommonMark 0.31, 6.1)."""
    shown = visible(text) or "-"
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def github_data(text: str) -> str:
    """Return `text` for the message of a workflow command, whose own lines are separated by %0A."""
    return visible(text).replace("%", "%25")


def github_property(text: str) -> str:
    """Return `text` for a property of a workflow command."""
    return github_data(text).replace(":", "%3A").replace(",", "%2C")


def sarif_text(text: str) -> str:
    """Return `text` for a SARIF message: no placeholder (2.1.0, 3.11.5) and no embedded link (3.11.6)."""
    shown = visible(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\\\[\]])", r"\\\1", shown)
