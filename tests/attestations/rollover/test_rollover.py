"""`attest rollover` with agents that are commands, on stand-ins and on real SoftHSM tokens."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attestations.cli.rollover import command
from attestations.errors import InputError
from attestations.hsm.documents import read_exercises, read_inventory
from attestations.servers.process import session_members
from gatekeeper.hsm_observations import contradictions

DEFECTIVE = f"{shlex.quote(sys.executable)} -m attestations.laboratory.rollover_agent --defect one-key-pair-per-hsm"
ZSK, LOSS = ("--scenario", "zsk-rollover"), ("--scenario", "hsm-loss-during-rollover")
SOFTHSM = pytest.mark.needs("softhsm2-util", "setpriv")
STAND_INS = pytest.mark.needs("setpriv")


class Laboratory:
    """A laboratory that stays as it was, and the call that it leaves for its agent; results go to `folder`."""

    def __init__(self, place: Path, call: str, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.exercises = folder / "exercises.json"
        before, _, after = call.partition("attest rollover ")
        self.settings, self.arguments = shlex.split(before), shlex.split(after)
        self.give("--exercises", str(self.exercises))

    def give(self, option: str, value: str) -> None:
        self.arguments[self.arguments.index(option) + 1] = value

    def leave_out(self, *options: str) -> None:
        for option in options:
            at = self.arguments.index(option)
            del self.arguments[at : at + 2]

    def script(self, text: str) -> str:
        file = self.folder / "agent"
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
        return str(file)

    def run(self, *more: str) -> Result:
        return CliRunner().invoke(command, [*self.arguments, *more])

    def run_for_real(self, *more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **dict(setting.split("=", 1) for setting in self.settings)}
        call = [sys.executable, "-m", "attestations", "rollover", *self.arguments, *more]
        return subprocess.run(call, capture_output=True, text=True, check=False, timeout=110, env=environment)


def made(folder: Path, *options: str) -> str:
    """Make a laboratory in a process of its own; return the call that it leaves."""
    call = [sys.executable, "-m", "attestations", "laboratory", str(folder), "--output", "json", *options]
    done = subprocess.run(call, capture_output=True, text=True, check=True, timeout=110)
    return json.loads(done.stdout)["rollover"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("stand-ins") / "lab"
    return folder, made(folder)


@pytest.fixture
def laboratory(place: tuple[Path, str], tmp_path: Path) -> Laboratory:
    return Laboratory(*place, tmp_path)


@pytest.fixture(scope="module")
def real_place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("softhsm") / "lab"
    return folder, made(folder, "--tokens", "softhsm")


@pytest.fixture
def tokens(real_place: tuple[Path, str], tmp_path: Path) -> Laboratory:
    return Laboratory(*real_place, tmp_path)


def report(result: Result) -> dict:
    return json.loads(result.stdout)


@STAND_INS
def test_a_correct_agent_is_0_and_the_table_shows_every_step_in_every_hsm(laboratory: Laboratory) -> None:
    result = laboratory.run(*ZSK)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("COMPLETED   example.  3 HSMs")
    row = next(line for line in result.stdout.splitlines() if line.startswith("    activate successor zsk"))
    assert re.findall(r"✓ same key, 35/35 verify", row) == ["✓ same key, 35/35 verify"] * 3
    assert "hsm-loss-during-rollover: NOT RUN" in result.stdout


@STAND_INS
def test_the_defect_of_5_may_2026_is_10_and_told_by_hsm(laboratory: Laboratory) -> None:
    laboratory.give("--agent", DEFECTIVE)
    result = laboratory.run(*ZSK, "--output", "json")
    assert result.exit_code == 10
    seen = report(result)
    [scenario] = [one for one in seen["scenarios"] if one["state"] == "not completed"]
    used = next(step for step in scenario["steps"] if step["step"] == "activate successor zsk")
    assert (seen["verdict"], used["claimed"]) == ("invalid", True)
    assert [hsm["answer"] for hsm in used["hsms"]] == ["same key", "other key", "other key"]
    assert [hsm["verified"] for hsm in used["hsms"]] == [35, 0, 0]
    assert [hsm["zone"] for hsm in used["hsms"]] == ["valid", "invalid", "invalid"]


@STAND_INS
def test_in_one_hsm_the_defect_completes_and_the_evidence_names_one_hsm(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    alone = Laboratory(folder, made(folder, "--hsms", "A1=fra"), tmp_path)
    alone.give("--agent", DEFECTIVE)
    result = alone.run()
    assert result.exit_code == 0, result.output
    assert "needs --hsm-away, --hsm-back and two HSMs" in result.stdout
    exercises = read_exercises(alone.exercises)
    assert [(one.scenario, one.serials) for one in exercises] == [("zsk-rollover", ("A1",)), ("ksk-rollover", ("A1",))]
    assert all(list(contradictions(one, "example.", frozenset({"A1", "B7", "C2"}))) for one in exercises)
    assert alone.run(*LOSS).exit_code == 2


@STAND_INS
def test_an_hsm_is_lost_and_comes_back(laboratory: Laboratory) -> None:
    result = laboratory.run(*LOSS)
    assert result.exit_code == 0, result.output
    [loss] = read_exercises(laboratory.exercises)
    assert (loss.completed, loss.serials, loss.serials_down) == (True, ("A1", "B7", "C2"), ("C2",))
    assert list(contradictions(loss, "example.", frozenset(loss.serials))) == []


@STAND_INS
def test_without_the_two_commands_no_hsm_is_lost_and_that_is_said(laboratory: Laboratory) -> None:
    laboratory.leave_out("--hsm-away", "--hsm-back")
    result = laboratory.run(*ZSK)
    assert result.exit_code == 0
    assert "hsm-loss-during-rollover: NOT RUN" in result.stdout
    assert laboratory.run(*LOSS).exit_code == 2


@STAND_INS
def test_an_hsm_that_cannot_be_asked_is_11_and_nothing_is_rolled(laboratory: Laboratory) -> None:
    inventory = (laboratory.place / "environment.yaml").read_text()
    (laboratory.folder / "environment.yaml").write_text(inventory.replace('"C2"', '"D4"'))
    laboratory.give("--environment", str(laboratory.folder / "environment.yaml"))
    laboratory.give("--agent", laboratory.script(f"touch {laboratory.folder}/called"))
    result = laboratory.run()
    assert result.exit_code == 11
    assert "D4: could not be asked" in result.stdout
    assert not (laboratory.folder / "called").exists()
    assert [one.completed for one in read_exercises(laboratory.exercises)] == [False] * 3


@STAND_INS
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 0", "no HSM shows a public key of ECDSAP256SHA256 with its CKA_ID"),
        ("echo out of paper >&2; exit 7", "the agent did not do it: exit 7: out of paper"),
        ("sleep 300", "the agent did not do it: it did not end within 2 seconds"),
        ("kill -ABRT $$", "the agent did not do it: it was ended by SIGABRT"),
        ("head -c 1000000 /dev/zero", "the agent did not do it: it printed more than 65536 octets"),
        ("sleep 300 & exit 0", "the agent did not do it: it left 1 processes behind, which were ended"),
    ],
)
def test_an_agent_that_misbehaves_is_10_and_told(laboratory: Laboratory, script: str, told: str) -> None:
    laboratory.give("--agent", laboratory.script(script))
    limit = ("--agent-seconds", "2") if "within 2" in told else ()
    result = laboratory.run(*ZSK, *limit)
    assert result.exit_code == 10
    assert told in result.stdout


@STAND_INS
def test_an_agent_of_ten_lines_finds_in_its_environment_what_it_needs(laboratory: Laboratory) -> None:
    seen = laboratory.folder / "seen"
    text = f'printf "%s|%s|%s|%s\\n" "$ROLLOVER_ZONE" "$(echo $ROLLOVER_SERIALS)" "$ROLLOVER_ALGORITHM" "$*" >>{seen}'
    laboratory.give("--agent", laboratory.script(f"{text}\nexit 1"))
    laboratory.run(*ZSK)
    first, *_ = seen.read_text().splitlines()
    assert re.fullmatch(r"example\.\|A1 B7 C2\|13\|generate ksk [0-9a-f]{16} rollover-partner-ksk-[0-9a-f]{16}", first)


@pytest.mark.parametrize(
    "more",
    [
        ["--module", "/usr/lib/module.so"],
        ["--scenario", "algorithm-rollover"],
        ["--algorithm", "RSAMD5"],
        ["--agent-seconds", "0"],
        ["--zone", "EXAMPLE."],
        ["--request", "request.yaml"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(laboratory: Laboratory, more: list[str]) -> None:
    assert laboratory.run(*more).exit_code == 2


def test_one_half_of_losing_an_hsm_is_wrong_usage(laboratory: Laboratory) -> None:
    laboratory.leave_out("--hsm-back")
    assert laboratory.run().exit_code == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--agent", "/nowhere/agent"], "ROLLOVER-COMMAND"),
        (["--hsm-away", "/nowhere/away"], "ROLLOVER-COMMAND"),
        (["--zone", "other."], "ENVIRONMENT"),
        (["--exercises", "{lab}/environment.yaml"], "USAGE"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_bad_input_is_refused_before_anything_is_rolled(laboratory: Laboratory, change: list[str], code: str) -> None:
    result = laboratory.run(*(part.format(lab=laboratory.place) for part in change))
    assert isinstance(result.exception, InputError)
    assert result.exception.code == code


@STAND_INS
def test_an_interrupted_run_brings_the_hsm_back_and_leaves_nothing_running(laboratory: Laboratory) -> None:
    started, token = laboratory.folder / "started", laboratory.place / "tokens" / "C2"
    hangs = f"[ -e {token}/token.json ] || {{ touch {started}; exec sleep 300; }}"
    laboratory.give("--agent", laboratory.script(f'{hangs}\nexec {laboratory.place}/rollover-agent "$@"'))
    call = [sys.executable, "-m", "attestations", "rollover", *laboratory.arguments, *LOSS]
    with subprocess.Popen(call, start_new_session=True, stderr=subprocess.PIPE) as process:
        wait_for(started, process)
        process.terminate()
        _, said = process.communicate(timeout=100)
    assert process.returncode == 1, said
    assert list(session_members(process.pid)) == []
    assert (token / "token.json").exists()


def wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    while not file.exists():
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)


@SOFTHSM
def test_with_real_tokens_an_hsm_is_lost_and_comes_back(tokens: Laboratory) -> None:
    done = tokens.run_for_real(*LOSS)
    assert done.returncode == 0, done.stdout + done.stderr
    [loss] = read_exercises(tokens.exercises)
    serials = tuple(unit.serial for unit in read_inventory(tokens.place / "environment.yaml").units)
    assert (loss.serials, loss.serials_down) == (serials, serials[2:])
    assert list(contradictions(loss, "example.", frozenset(serials))) == []
    assert [event.step for event in loss.events if len(event.possession) == 2] == [
        f"lose {serials[2]}",
        "generate successor zsk",
    ]


def pin_of(laboratory: Laboratory) -> str:
    return (laboratory.place / "softhsm" / "pin").read_text()


@SOFTHSM
def test_with_real_tokens_the_defective_agent_is_told_and_no_pin(tokens: Laboratory) -> None:
    tokens.give("--agent", DEFECTIVE)
    done = tokens.run_for_real(*ZSK)
    assert done.returncode == 10, done.stderr
    assert done.stdout.count("✗ other key, 0/18 verify") >= 2
    assert pin_of(tokens) not in done.stdout + done.stderr + tokens.exercises.read_text()


TWO_KEYS = """
import os, sys
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.rollover_agent import agent_for
from attestations.rollover.agent import Order
from attestations.rollover.keys import KeyName
action, role, key_id, label = sys.argv[1:]
name = KeyName(key_id=key_id, label=label)
agent = agent_for(os.environ, RolloverAgent())
agent.perform(Order(action=action, role=role, name=name))
if action == "generate":
    agent.hsms[1].generate(name, replicable=False)
print("login with", open(os.environ["PKCS11_PIN_FILE"]).read())
sys.exit(action == "publish")
"""


@SOFTHSM
def test_with_real_tokens_two_keys_under_one_id_are_seen_and_a_printed_pin_is_not_shown(tokens: Laboratory) -> None:
    program = tokens.folder / "agent.py"
    program.write_text(TWO_KEYS)
    tokens.give("--agent", shlex.join([sys.executable, str(program)]))
    done = tokens.run_for_real(*ZSK)
    assert done.returncode == 10, done.stderr
    assert "✗ several keys" in done.stdout
    assert "exit 1: login with (the PIN)" in done.stdout
    assert pin_of(tokens) not in done.stdout + done.stderr


@SOFTHSM
def test_a_wrong_pin_is_tried_once_at_each_hsm(tokens: Laboratory) -> None:
    pin = tokens.folder / "pin"
    pin.touch(mode=0o600)
    pin.write_text("0000")
    tokens.give("--pin-file", str(pin))
    done = tokens.run_for_real(*ZSK)
    assert done.returncode == 11, done.stdout
    assert done.stdout.count("could not be asked: the token answers PinIncorrect") == 3
    assert "generate" not in done.stdout
