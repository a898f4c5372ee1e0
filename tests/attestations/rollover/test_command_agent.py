"""A rollover agent that is a command: what it claims, how it misbehaves, and that nothing of it is left running."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestations.errors import InputError
from attestations.rollover.agent import Order
from attestations.rollover.command_agent import MAX_OUTPUT, Command, CommandAgent, words_of
from attestations.rollover.keys import KeyName
from attestations.servers.waiting import wait_until

pytestmark = pytest.mark.needs("setpriv", "sh")

ORDER = Order(action="generate", role="zsk", name=KeyName(key_id="a1b2", label="a label; with 'quotes' $HOME"))
LONG = 90


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """A word in the environment of every process that a command starts, by which those left over are found."""
    word = f"MARK-{tmp_path.name}-{os.getpid()}"
    yield word
    assert marked(word) == []


def marked(word: str) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"ROLLOVER_MARK={word}".encode() in file.read_bytes().split(b"\0"):
                found.append(file.parent.name)
        except OSError:
            continue
    return found


def command(script: str, mark: str, seconds: float = LONG, pin: str | None = None) -> Command:
    return Command(
        words=words_of(f"sh -c {shlex.quote(script)} agent"),
        environment={"ROLLOVER_MARK": mark},
        seconds=seconds,
        secret=None if pin is None else lambda: pin,
    )


def test_the_last_arguments_are_step_role_id_and_label_as_they_are(tmp_path: Path, mark: str) -> None:
    script = f'printf "%s\\n" "$@" >{tmp_path}/given; printf "%s" "$ROLLOVER_MARK" >{tmp_path}/environment'
    claim = CommandAgent(command=command(script, mark)).perform(ORDER)
    assert (claim.done, claim.orderly) == (True, True)
    assert (tmp_path / "given").read_text().splitlines() == ["generate", "zsk", "a1b2", ORDER.name.label]
    assert (tmp_path / "environment").read_text() == mark


def test_another_exit_code_says_that_it_is_not_done_and_shows_the_last_line(mark: str) -> None:
    claim = command("echo talk; echo no quorum >&2; exit 3", mark).run()
    assert (claim.done, claim.orderly, claim.said) == (False, True, "exit 3: no quorum")


def test_the_pin_is_not_shown_even_where_the_command_prints_it(mark: str) -> None:
    claim = command("echo login with 4711-0815 refused; exit 1", mark, pin="4711-0815").run()
    assert claim.said == "exit 1: login with (the PIN) refused"


def test_what_it_prints_is_shown_inert_and_cut(mark: str) -> None:
    claim = command("printf '\\033[2J'; printf 'x%.0s' $(seq 1000); exit 1", mark).run()
    assert claim.said.startswith("exit 1: ␛[2Jxxx")
    assert len(claim.said) < 200


def test_one_that_hangs_is_ended_in_time(mark: str) -> None:
    claim = command("sleep 300 & sleep 300", mark, seconds=1).run()
    assert (claim.done, claim.orderly, claim.said) == (False, False, "it did not end within 1 seconds")


def test_one_that_closes_its_output_and_hangs_is_ended_in_time(mark: str) -> None:
    claim = command("exec >&- 2>&-; sleep 300", mark, seconds=1).run()
    assert claim.said == "it did not end within 1 seconds"


def test_one_that_closes_its_output_and_goes_on_is_waited_for(mark: str) -> None:
    assert command("exec >&- 2>&-; sleep 0.1", mark).run().done


def test_one_that_crashes_says_by_which_signal(mark: str) -> None:
    claim = command("kill -SEGV $$", mark).run()
    assert (claim.done, claim.orderly, claim.said) == (False, False, "it was ended by SIGSEGV")


def test_one_that_prints_a_megabyte_is_ended(mark: str) -> None:
    claim = command("head -c 1048576 /dev/zero; sleep 300", mark).run()
    assert (claim.done, claim.orderly, claim.said) == (False, False, f"it printed more than {MAX_OUTPUT} octets")


@pytest.mark.parametrize(("octets", "done"), [(MAX_OUTPUT, True), (MAX_OUTPUT + 1, False)])
def test_it_may_print_so_much_and_no_more(octets: int, done: bool, mark: str) -> None:
    assert command(f"head -c {octets} /dev/zero", mark).run().done is done


def test_one_that_leaves_a_process_behind_is_told_and_that_one_is_ended(mark: str) -> None:
    claim = command("sleep 300 &", mark).run()
    assert (claim.done, claim.orderly) == (False, False)
    assert claim.said == "it left 1 processes behind, which were ended"


def test_one_that_leaves_a_daemon_outside_of_its_session_is_told_and_that_one_is_ended(mark: str) -> None:
    claim = command("setsid sh -c 'sleep 300; :' </dev/null >/dev/null 2>&1 &", mark).run()
    assert (claim.done, claim.orderly) == (False, False)
    assert claim.said.startswith("it left ")


def test_a_process_that_ends_soon_after_it_is_not_left_behind(mark: str) -> None:
    assert command("sleep 0.05 &", mark).run().done


def test_our_own_children_are_not_taken_for_its(mark: str) -> None:
    with subprocess.Popen(["sleep", "300"]) as ours:
        assert command("true", mark).run().done
        assert ours.poll() is None
        ours.terminate()


def test_it_is_gone_when_we_are_killed(tmp_path: Path, mark: str) -> None:
    """Even by SIGKILL, which leaves us no time."""
    program = (
        "from attestations.rollover.command_agent import Command, words_of\n"
        f"Command(words=words_of(\"sh -c 'touch {tmp_path}/started; exec sleep 300'\")).run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "ROLLOVER_MARK": mark}) as process:
        assert wait_until(lambda: (tmp_path / "started").exists() or None, LONG)
        process.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not marked(mark) or None, LONG)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/nowhere/agent --now", "no such program, or not executable"),
        ("", "no such program, or not executable"),
        ("agent 'open", "No closing quotation"),
    ],
)
def test_a_command_that_cannot_be_started_is_bad_input(text: str, found: str) -> None:
    with pytest.raises(InputError) as refused:
        words_of(text)
    assert refused.value.code == "ROLLOVER-COMMAND"
    assert found in refused.value.found


def test_a_file_that_may_not_be_executed_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "agent").write_text("#!/bin/sh\n")
    with pytest.raises(InputError):
        words_of(str(tmp_path / "agent"))
    (tmp_path / "agent").chmod(0o755)
    assert words_of(f"{tmp_path}/agent --for 'the laboratory'") == (
        str(tmp_path / "agent"),
        "--for",
        "the laboratory",
    )
