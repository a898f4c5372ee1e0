"""docs/laboratory.md says what there is: options that exist, classes of questions and stages as they are shown."""

import re
from pathlib import Path

import pytest

from attestations import cli as attest
from attestations.replay.publication import NAME_SERVERS, RESOLVERS
from attestations.replay.report import CLASSES

PAGE = (Path(__file__).parents[3] / "docs" / "laboratory.md").read_text(encoding="utf-8")
OTHER_HSMS = PAGE.partition("## With other HSMs")[2]


def options(command):
    return {option for parameter in attest.main_group.get_command(None, command).params for option in parameter.opts}


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("hsm", {"--module", "--pin-file", "--keys", "--environment"}),
        ("rollover", {"--module", "--pin-file", "--agent", "--hsm-away", "--hsm-back", "--environment"}),
        ("replay", {"--module", "--module-setting", "--pin-file", "--zsk", "--ksk", "--ds", "--environment"}),
        ("rollback-drill", {"--module", "--module-setting", "--pin-file", "--zsk", "--ksk", "--environment"}),
    ],
)
def test_what_changes_with_other_hsms_are_options_of_the_commands(command, wanted):
    assert wanted <= options(command)
    assert wanted - {"--environment"} <= set(re.findall(r"--[a-z-]+", OTHER_HSMS))


def test_the_screen_names_every_server_resolver_and_class_of_question():
    for text in (*NAME_SERVERS, *RESOLVERS, *CLASSES.values()):
        assert text in PAGE
