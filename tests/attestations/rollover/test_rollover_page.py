"""docs/rollover.md says what the code does."""

import re
from pathlib import Path
from typing import get_args

import click
import pytest

from attestations.cli.hsm import command as hsm_command
from attestations.cli.laboratory import command as laboratory_command
from attestations.cli.rollover import command
from attestations.hsm.isolation import HSM_SECONDS
from attestations.laboratory.places import AGENT_FILE, AWAY_FILE, BACK_FILE
from attestations.predicates.hsm_key_coverage import Action
from attestations.rollover import agent
from attestations.rollover.command_agent import MAX_OUTPUT
from attestations.rollover.report import EXIT_CODES
from attestations.rollover.scenarios import Scenario

PAGE = (Path(__file__).parents[3] / "docs" / "rollover.md").read_text(encoding="utf-8")
THE_OPERATORS_OWN = re.compile(r"/opt/agent/.*")


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


def first_cells(heading: str) -> list[str]:
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [word for row in table.splitlines()[2:] for word in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_every_option_on_the_page_exists() -> None:
    named = set(re.findall(r"--[a-z][a-z-]+", THE_OPERATORS_OWN.sub("", PAGE)))
    assert len(named) > 10
    assert named <= options_of(command) | options_of(hsm_command) | options_of(laboratory_command)


def test_the_exit_codes_are_the_verdicts_and_wrong_usage() -> None:
    assert set(re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)) == {str(code) for code in EXIT_CODES.values()} | {"2"}


def test_the_scenarios_steps_and_variables_are_those_of_the_code() -> None:
    assert first_cells("`--scenario`") == list(get_args(Scenario))
    assert first_cells("STEP") == list(get_args(Action))
    told = {agent.ZONE, agent.SERIALS, agent.ALGORITHM, agent.MODULE, agent.PIN_FILE, agent.STAND_INS}
    assert set(first_cells("variable")) == told


@pytest.mark.parametrize("word", [AGENT_FILE, AWAY_FILE, BACK_FILE, f"{MAX_OUTPUT // 1024} KiB", f"({HSM_SECONDS})"])
def test_the_page_names_what_the_code_uses(word: str) -> None:
    assert word in PAGE
