"""The runner of stories: commands side by side, told with what they printed where they end otherwise, none left."""

import time

import pytest
from processes import processes_about

from attestations.errors import InputError
from gatekeeper.demo.runner import Runner, everything


@pytest.fixture
def told():
    """What the runner says."""
    return []


@pytest.fixture
def runner(tmp_path, told):
    """A runner in a folder with two programs: one that ends, and one that does not."""
    for name, text in {"speaks": 'echo "$GREETING $1"; exit 3', "sleeps": "echo $$ >pid; exec sleep 600"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    return Runner(folder=tmp_path, say=told.append, variables={"GREETING": "hello"}, time_limit=60)


def until(path):
    while not path.exists():
        time.sleep(0.01)


def test_a_command_is_shown_with_its_own_variables_its_output_and_its_exit_code(runner, told):
    ran = runner.run("speaks", "you", ends=(3,), show=everything, variables={"LINES_OF": "a\nb"})
    assert (ran.exit_code, ran.output) == (3, "hello you\n")
    assert told == ["  $ LINES_OF=$'a\\nb' speaks you", "    hello you", "    exit code 3\n"]


def test_another_exit_code_than_the_story_needs_is_told_with_what_was_printed(runner):
    with pytest.raises(InputError) as refusal:
        runner.quietly("speaks", "you")
    assert refusal.value.code == "DEMO"
    assert refusal.value.found == "exit code 3 from:  speaks you\nhello you\n"
    assert refusal.value.wanted == "exit code 0"


def test_commands_run_side_by_side(runner):
    first, second = runner.start("speaks", "first"), runner.start("speaks", "second")
    assert runner.finish(second, ends=(3,)).output == "hello second\n"
    assert runner.finish(first, ends=(3,)).output == "hello first\n"


def test_a_command_that_does_not_end_in_time_is_ended_and_told(tmp_path, runner):
    impatient = Runner(folder=tmp_path, say=runner.say, variables={}, time_limit=0.2)
    with pytest.raises(InputError) as refusal:
        impatient.quietly("sleeps")
    assert "no end within 0.2 s" in refusal.value.found
    assert processes_about(tmp_path) == []


def test_whatever_happens_no_command_is_left(tmp_path, runner):
    def story():
        with runner:
            runner.start("sleeps")
            until(tmp_path / "pid")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        story()
    assert processes_about(tmp_path) == []


def test_what_was_shown_can_be_run_again_as_the_runner_says(runner, tmp_path):
    assert runner.invitation().startswith(f'cd {tmp_path} && export PATH="')
    assert runner.invitation().endswith(' GREETING="hello"')
