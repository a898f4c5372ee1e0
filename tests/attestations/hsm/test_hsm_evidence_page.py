"""docs/hsm-evidence.md says what the code does."""

import re
from pathlib import Path

import click
import pytest

from attestations.cli.hsm import command as hsm_command
from attestations.cli.laboratory import command as laboratory_command
from attestations.dnskey import NAMES, RSASHA256
from attestations.hsm.pin import VARIABLE
from attestations.hsm.software import MODEL
from attestations.hsm.verdict import Verdict
from attestations.possession import PREFIX

PAGE = (Path(__file__).parents[3] / "docs" / "hsm-evidence.md").read_text(encoding="utf-8")


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


def test_every_option_on_the_page_exists() -> None:
    named = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    assert len(named) > 10
    assert named <= options_of(hsm_command) | options_of(laboratory_command)


def test_the_exit_codes_are_the_verdicts_and_wrong_usage() -> None:
    assert set(re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)) == {str(v.value) for v in Verdict} | {"2"}


@pytest.mark.parametrize("word", [PREFIX.decode().strip(), VARIABLE, MODEL, *list(NAMES.values())[:-1]])
def test_the_page_names_what_the_code_uses(word: str) -> None:
    assert word in PAGE


def test_the_algorithms_on_the_page_are_known() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("Algorithms:"))
    assert set(re.findall(r"[A-Z0-9]{5,}", line)) - {"PKCS"} <= set(NAMES.values())
    assert NAMES[RSASHA256] in line
