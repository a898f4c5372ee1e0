"""docs/ci: a page for every system: first the file to copy, then how to check it, at the end a screen."""

import re
from pathlib import Path

import pytest

from gatekeeper.pipelines import SYSTEMS
from tests.ci_templates.screens import PAGES, shown
from tests.gatekeeper.pipelines.conftest import FILES

ROOT = Path(__file__).parents[2]
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
NAMES = sorted(set(TEXTS) - {"index"})


def test_every_system_has_a_page_and_the_index_names_all():
    assert set(NAMES) == {*SYSTEMS, "generic", "systemd"}
    assert all(f"({name}.md)" in TEXTS["index"] for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_starts_with_a_file_that_is_shipped_and_ends_with_a_screen(name):
    text = TEXTS[name]
    first = re.search(r"`(ci_templates/[\w./-]+)`", text)
    assert first
    assert text.index(first[0]) < 120
    assert (ROOT / first[1]).exists()
    assert text.rstrip().endswith("```")
    assert shown(name, 0)
    assert shown(name, 1)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_page_names_the_call_of_the_doctor_for_its_system(name):
    call = re.search(r"^ {4}gatekeeper doctor --ci (\w+) (.+)$", TEXTS[name], re.MULTILINE)
    assert (call[1], len(call[2].split())) == (name, len(FILES[name]))


def test_every_rule_is_explained_in_the_index():
    folder = ROOT / "gatekeeper" / "pipelines"
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    used = set(re.findall(r'(?:_bypass\(\s*|rule(?:: str)? ?= ?)"([a-z-]+)"', code))
    assert len(used) > 10
    assert sorted(rule for rule in used if f"`{rule}`" not in TEXTS["index"]) == []
