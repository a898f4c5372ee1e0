"""docs/reports.md shows what the code prints."""

import re
from pathlib import Path

from attestations.inert import LIMIT
from gatekeeper.report import FORMATS, render, render_error
from tests.gatekeeper.report import samples
from tests.gatekeeper.report.test_json import ADDED

PAGE = (Path(__file__).parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\| `.*\|$", PAGE, re.MULTILINE)]


def test_the_table_has_every_format_in_the_order_of_the_code():
    assert [row[0].strip("`") for row in ROWS] == list(FORMATS)


def test_each_format_shows_an_outcome_as_the_table_says():
    shown = {row[0].strip("`"): [re.findall("`([^`]+)`", cell) for cell in row[2:]] for row in ROWS}
    for name, (unmet, unclear, waived) in shown.items():
        refused, left = render(name, samples.DENIED), render(name, samples.WAIVED)
        for words, made in ((unmet, refused), (unclear, refused), (waived, left)):
            plain = re.sub(r"\*\*", "", made)
            assert all(word.rstrip(">") in plain for word in words)


def test_the_samples_are_what_the_code_prints():
    blocks = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert blocks == [render("text", samples.DENIED), render_error("text", samples.UNREADABLE)]


def test_the_bound_and_the_members_that_a_report_adds_are_those_of_the_code():
    assert f"{LIMIT:,} characters" in PAGE
    assert all(f"`{name}`" in PAGE for name in ADDED)
