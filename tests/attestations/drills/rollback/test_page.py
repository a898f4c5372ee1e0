"""docs/rollback-drill.md says what is drilled, in the words of the code."""

import re
from pathlib import Path

from attestations.cli.rollback_drill import command
from attestations.drills.rollback.archive import BIG_STEP
from attestations.drills.rollback.hsms import SUCCESSOR_LABEL
from attestations.drills.rollback.ways import WAYS

PAGE = (Path(__file__).parents[4] / "docs" / "rollback-drill.md").read_text(encoding="utf-8")


def test_every_way_is_explained():
    rows = re.findall(r"^\| `(\S+)` \|", PAGE, re.MULTILINE)
    assert rows == ["--way", *WAYS]


def test_every_option_that_is_named_exists():
    options = {name for option in command.params for name in option.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= options


def test_the_step_and_the_key_of_the_drill_are_those_of_the_code():
    assert f"Why a step of {BIG_STEP}:" in PAGE
    assert f"a serial number {BIG_STEP} above" in PAGE
    assert f"labelled `{SUCCESSOR_LABEL}`" in PAGE
