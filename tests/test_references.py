"""Every short id that the code names is explained in docs/references.md."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ID = re.compile(r"\b(?:INC-\d\d|[RS]\d\d|[A-E](?:10|[1-9]))\b")
PAGE = (ROOT / "docs" / "references.md").read_text(encoding="utf-8")
EXPLAINED = set(re.findall(r"^\| ([A-Z]+-?\d+) \|", PAGE, re.MULTILINE))
TOKENS = {"A1", "B7", "C2"}  # serial numbers of HSMs in examples


def named_in(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        yield from ((name, path.relative_to(ROOT)) for name in ID.findall(path.read_text(encoding="utf-8")))


def test_every_id_in_the_code_is_explained():
    missing = {name: path for package in ("attestations", "gatekeeper") for name, path in named_in(package)}
    assert {name: path for name, path in missing.items() if name not in EXPLAINED | TOKENS} == {}


def test_every_family_of_case_folders_is_explained():
    families = {folder.name for folder in (ROOT / "tests" / "cases").iterdir() if ID.fullmatch(folder.name)}
    assert families
    assert families <= EXPLAINED
