"""docs/zone-findings.md shows the table of codes, word for word, and each code can really be given."""

import re
from pathlib import Path

from attestations.zone.codes import CODES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "zone-findings.md").read_text(encoding="utf-8")


def test_the_table_in_the_docs_is_the_table_in_the_code():
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, code.severity, code.meaning, code.todo) for name, code in CODES.items()]


def test_every_code_is_given_somewhere_and_no_other():
    sources = [path for path in (ROOT / "attestations" / "zone").rglob("*.py") if path.parent.name != "codes"]
    used = set(re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"', "".join(path.read_text("utf-8") for path in sources)))
    assert used - {"LC_ALL"} == set(CODES)


def test_the_page_names_every_warning_that_leaves_the_verdict_open():
    assert all(f"`{name}`" in PAGE.split("| code |")[0] for name, code in CODES.items() if code.open)
    assert all(name.startswith("VALIDATOR_") for name, code in CODES.items() if code.no_vote)
