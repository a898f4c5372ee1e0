"""Ways around the gate that look like something else; beside them what only looks like a way is accepted."""

from pathlib import Path

import pytest
import yaml

TABLE = yaml.safe_load(Path(__file__).with_name("disguised.yaml").read_text(encoding="utf-8"))


def rows(kind):
    return [
        pytest.param(system, name, id=f"{system}-{name}") for system, table in TABLE[kind].items() for name in table
    ]


def edits(row):
    return [(edit["file"], edit["old"], edit["new"]) for edit in row["edits"]]


@pytest.mark.parametrize(("system", "name"), rows("found"))
def test_a_way_in_disguise_is_found_and_named(system, name, rules_of):
    row = TABLE["found"][system][name]
    assert row["rule"] in rules_of(system, *edits(row))


@pytest.mark.parametrize(("system", "name"), rows("harmless"))
def test_what_only_looks_like_a_way_is_accepted(system, name, rules_of):
    assert rules_of(system, *edits(TABLE["harmless"][system][name])) == set()
