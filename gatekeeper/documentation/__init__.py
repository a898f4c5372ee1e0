"""The pages of docs/ that say what the code says: made from it, committed, and compared with it by a test."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from gatekeeper.documentation import codes, commands, requirements, runbooks, schemas, statements

FOLDERS = ("reason-codes", "requirements", "runbooks", "schemas", "statements")
"""folders of docs/ in which every file is made here"""


def pages() -> Mapping[str, str]:
    """Return every page by its path below docs/."""
    makers = (codes, commands, requirements, runbooks, schemas, statements)
    return dict(chain.from_iterable(maker.pages().items() for maker in makers))


def write(folder: Path) -> None:
    """Write every page below `folder`."""
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
