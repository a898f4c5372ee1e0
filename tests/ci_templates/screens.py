"""The screens that docs/ci shows, compared with what was really printed."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "ci"
CHANGING = (
    (r"\x1b\[[0-9;]*m", ""),
    (r"[0-9a-f]{8,64}(?:…[0-9a-f]{4})?|…?[0-9a-f]{4}…[0-9a-f]{4}", "HEX"),
    (r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME"),
    (r"(?:/[\w.-]+)+/(?=installed/|approval\.json|trust\.yaml)", "/"),
    (r"\s+", " "),
)


def shown(page, index):
    """The lines of a screen of the page: 0 is the refused one, 1 the approved one."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return blocks[index].splitlines()


def plain(line):
    """The line without what is another in every run: digests, times, folders, colours."""
    for pattern, name in CHANGING:
        line = re.sub(pattern, name, line)
    return line.strip()


def missing(page, index, said):
    """The first line of the screen that was not printed after the one before it; empty where all were."""
    printed = iter([plain(line) for line in said.splitlines()])
    wanted = (plain(line) for line in shown(page, index) if line.strip() != "…")
    return next((line for line in wanted if line not in printed), "")
