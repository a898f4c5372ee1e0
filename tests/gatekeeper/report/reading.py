"""Reads each format back the way its consumers do: which requirement ended how, and the figures."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from markdown_it import MarkdownIt

CHILDREN = {"failure": "unmet", "error": "inconclusive", "skipped": "waived"}


class Page(HTMLParser):
    """Tags with their attributes, the texts between tags, and the text of each table cell."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.texts, self.cells, self.rows = [], [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cells.append("")
            self.rows[-1].append([])

    def handle_data(self, data):
        self.texts.append(data)
        if self.rows and self.rows[-1]:
            self.cells[-1] += data
            self.rows[-1][-1].append(data)


def markdown_tokens(source):
    """Every token, flat, as GitHub's dialect has them."""
    for token in MarkdownIt("gfm-like").parse(source):
        yield token
        yield from token.children or ()


def xml(source):
    """Return the root element of a report, which is our own output."""
    return ET.fromstring(source)  # noqa: S314


def workflow_commands(source):
    """Return what a GitHub runner would obey, as actions/runner parses it (ActionCommand.cs: both notations)."""
    found = []
    for line in source.split("\n"):
        match = re.match(r"::(\w[\w-]*)( .*?)?::(.*)", line.lstrip())
        if match:
            properties = dict(pair.split("=", 1) for pair in (match[2] or " ").strip().split(",") if pair)
            found.append((match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])))
        if "##[" in line:
            found.append(("##[", {}, line))
    return found


def unescaped(value):
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(escape, character)
    return value


def outcomes(name, source):
    """Return requirement id -> outcome, read from a report in the format `name`."""
    return dict(READERS[name](source))


def _text(source):
    return [match[::-1] for match in re.findall(r"^  [✗◷~✓] (\w+) +([^:\s]+)", source, re.MULTILINE)]


def _json(source):
    return [(entry["id"], entry["outcome"]) for entry in json.loads(source)["requirements"]]


def _markdown(source):
    return [match[::-1] for match in re.findall(r"^- . \*\*(\w+)\*\* `(.+)`$", source, re.MULTILINE)]


def _junit(source):
    for case in xml(source).iter("testcase"):
        if case.get("name") != "gate.halt":
            yield case.get("name"), next((CHILDREN[child.tag] for child in case), "met")


def _sarif(source):
    (run,) = json.loads(source)["runs"]
    return [(entry["id"], entry["outcome"]) for entry in run["properties"]["requirements"]]


def _gitlab(source):
    *_, overview = json.loads(source)
    return [
        part.split(" ", 1)[::-1]
        for part in overview["description"].split(" · ")
        if re.match(r"(met|unmet|inconclusive|waived) \S+$", part)
    ]


def _dotenv(source):
    values = dict(line.removeprefix("GATEKEEPER_").split("=", 1) for line in source.splitlines())
    for outcome in ("unmet", "inconclusive", "waived", "met"):
        yield from ((name, outcome) for name in values[outcome.upper()].split(",") if name)


def _html(source):
    rows = [row for row in Page(source).rows if len(row) == 3 and row[0][0] != "Result"]
    return [(row[1][0], row[0][0].split()[1]) for row in rows]


READERS = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _text,
    "junit": _junit,
    "sarif": _sarif,
    "gitlab-codequality": _gitlab,
    "dotenv": _dotenv,
    "html": _html,
}
