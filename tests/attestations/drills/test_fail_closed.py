"""The wrapper around NSD's verifier: it ends with 0 only where the verifier did."""

import os
import signal
import subprocess
import time
from importlib.resources import files
from pathlib import Path

import pytest

WRAPPER = files("attestations.drills") / "fail_closed.sh"
SIGNALS = ("HUP", "INT", "QUIT", "ILL", "ABRT", "BUS", "FPE", "KILL", "SEGV", "PIPE", "ALRM", "TERM", "XCPU", "SYS")


def wrapped(*command, seconds=20, **more):
    call = ["sh", WRAPPER, str(seconds), *map(str, command)]
    return subprocess.run(call, capture_output=True, check=False, timeout=60, **more)


def notified(sink, *command, **more):
    return subprocess.run(
        ["sh", WRAPPER, "--notify", sink, "20", *command], capture_output=True, check=False, timeout=60, **more
    )


def test_a_verifier_that_says_yes_is_believed():
    assert wrapped("true").returncode == 0


@pytest.mark.parametrize("code", [1, 2, 10, 11, 35, 124, 126, 137, 255])
def test_every_other_exit_code_is_a_no(script, code):
    assert wrapped(script(f"exit {code}")).returncode == 1


@pytest.mark.parametrize("name", SIGNALS)
def test_a_verifier_that_is_ended_by_a_signal_is_a_no(script, name):
    assert wrapped(script(f"ulimit -c 0; kill -{name} $$; sleep 60")).returncode == 1


def test_a_verifier_that_hangs_is_a_no_and_does_not_stay(script, tmp_path):
    hanging = script(f"echo $$ >{tmp_path}/pid; exec sleep 600")
    assert wrapped(hanging, seconds=1).returncode == 1
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_verifier_that_does_not_hear_the_time_limit_is_killed(script):
    assert wrapped(script('trap "" TERM; while :; do sleep 0.1; done'), seconds=1).returncode == 1


@pytest.mark.parametrize("command", [["no-such-program"], ["/"], []], ids=["missing", "no program", "not named"])
def test_without_a_verifier_it_is_a_no(command):
    assert wrapped(*command).returncode == 1


@pytest.mark.parametrize("seconds", ["", "soon", "-1"])
def test_without_a_time_limit_it_is_a_no(seconds):
    assert wrapped("true", seconds=seconds).returncode == 1


@pytest.mark.parametrize(("folder", "code"), [("/usr/bin", 0), ("/nowhere", 1)])
def test_without_the_programs_that_it_needs_itself_it_is_a_no(folder, code):
    run = subprocess.run(["/bin/sh", WRAPPER, "9", "true"], env={"PATH": folder}, capture_output=True, check=False)
    assert run.returncode == code


def test_the_verifier_reads_the_zone_that_is_fed():
    assert wrapped("grep", "-q", "the zone", input=b"the zone\n").returncode == 0
    assert wrapped("grep", "-q", "the zone", input=b"another\n").returncode == 1


@pytest.mark.parametrize(("program", "code"), [("true", 0), ("false", 1)])
def test_nsd_closes_standard_input_where_it_feeds_nothing(program, code):
    run = subprocess.run(["sh", "-c", f'exec <&-; exec sh "{WRAPPER}" 9 {program}'], capture_output=True, check=False)
    assert run.returncode == code


def test_why_a_zone_was_refused_is_said_with_the_zone(script):
    run = wrapped(script("exit 10"), env={**os.environ, "VERIFY_ZONE": "example."})
    assert run.stderr == b"verifier ended with 10: zone example. refused\n"


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "USR1", "SEGV", "TERM", "XCPU"])
def test_a_signal_to_the_wrapper_itself_is_a_no_and_ends_the_verifier(script, tmp_path, name):
    verifier = script(f"echo $$ >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 600")
    # Under nohup a signal is ignored from the beginning, and a shell cannot trap such a one.
    call = ["env", f"--default-signal={name}", "sh", WRAPPER, "600", verifier]
    process = subprocess.Popen(call, stdin=subprocess.DEVNULL)
    wait_for((tmp_path / "pid").exists)
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert process.wait(30) == 1
    wait_for(lambda: not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists())


def test_a_refusal_is_notified_with_the_zone_and_how_the_verifier_ended(script, tmp_path):
    told = script(f'echo "$1 $2" >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/told', "tell")
    assert notified(told, script("exit 10"), env={**os.environ, "VERIFY_ZONE": "example."}).returncode == 1
    wait_for((tmp_path / "told").exists)
    assert (tmp_path / "told").read_text() == "example. 10\n"


def test_what_is_published_is_not_notified(script, tmp_path):
    assert notified(script(f"touch {tmp_path}/told", "tell"), "true").returncode == 0
    assert not (tmp_path / "told").exists()


@pytest.mark.parametrize("sink", ["exit 1", "kill -KILL $$", "exec sleep 600"], ids=["fails", "crashes", "hangs"])
def test_a_sink_that_is_down_changes_no_decision_and_keeps_nobody_waiting(script, sink):
    assert notified(script(sink, "tell"), "false").returncode == 1
    assert notified(script(sink, "tell"), "true").returncode == 0


@pytest.mark.parametrize("sink", ["/no/such/program", "/", ""], ids=["missing", "a folder", "not named"])
def test_a_sink_that_is_not_there_changes_no_decision(sink):
    assert notified(sink, "false").returncode == 1
    assert notified(sink, "true").returncode == 0


@pytest.mark.parametrize("words", [[], ["9"], ["--notify"], ["--notify", "true"], ["--notify", "true", "9"]])
def test_a_call_without_the_words_it_needs_is_a_no(words):
    assert subprocess.run(["sh", WRAPPER, *words], capture_output=True, check=False, timeout=60).returncode == 1


def test_when_memory_is_short_the_verifier_goes_first():
    assert wrapped("grep", "-q", "^1000$", "/proc/self/oom_score_adj").returncode == 0


def wait_for(state):
    deadline = time.monotonic() + 30
    while not state():
        assert time.monotonic() < deadline
        time.sleep(0.01)
