"""The script that releases a zone file: only the very bytes that the verifier said yes to."""

import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

SCRIPT = files("attestations.drills") / "staged_release.sh"


class Stage:
    """A released file, a candidate, a verifier, and a note of each reload."""

    def __init__(self, folder, script):
        self.folder, self.script = folder, script
        self.candidate, self.released, self.reloads = (folder / name for name in ("candidate", "released", "reloads"))
        self.released.write_text("good\n")
        self.candidate.write_text("better\n")
        self.reload = script(f"echo reload >>{self.reloads}", "reload")

    def run(self, verifier):
        """Run the script; return its exit code."""
        words = ["sh", SCRIPT, self.candidate, self.released, verifier, self.reload]
        return subprocess.run([*map(str, words)], capture_output=True, check=False, timeout=60).returncode


@pytest.fixture
def stage(tmp_path, script):
    return Stage(tmp_path, script)


def test_what_is_verified_is_released_and_loaded(stage):
    assert stage.run(stage.script('grep -q better "$1"')) == 0
    assert (stage.released.read_text(), stage.reloads.read_text()) == ("better\n", "reload\n")


@pytest.mark.parametrize(
    "verifier", ["exit 1", "exit 11", "kill -KILL $$", 'rm "$1"'], ids=["no", "not sure", "killed", "took it away"]
)
def test_without_a_yes_the_released_file_and_the_server_stay_as_they_are(stage, verifier):
    assert stage.run(stage.script(verifier)) != 0
    assert (stage.released.read_text(), stage.reloads.exists()) == ("good\n", False)


def test_without_a_verifier_nothing_is_released(stage):
    assert stage.run("/no/such/verifier") != 0
    assert (stage.released.read_text(), stage.reloads.exists()) == ("good\n", False)


def test_without_a_candidate_nothing_is_released(stage):
    stage.candidate.unlink()
    assert stage.run("/bin/true") != 0
    assert (stage.released.read_text(), stage.reloads.exists()) == ("good\n", False)


def test_a_candidate_that_changes_under_the_verifier_is_not_released(stage):
    assert stage.run(stage.script(f'echo worse >{stage.candidate}; grep -q better "$1"')) == 0
    assert stage.released.read_text() == "better\n"


def test_where_there_is_nothing_released_yet_the_first_one_needs_a_yes_too(stage):
    stage.released.unlink()
    assert (stage.run("/bin/false") != 0, stage.released.exists()) == (True, False)
    assert (stage.run("/bin/true"), stage.released.read_text()) == (0, "better\n")


def test_a_server_that_could_not_load_is_told_again_without_another_verification(stage):
    reload = stage.reload
    stage.reload = Path("/bin/false")
    assert (stage.run("/bin/true"), stage.released.read_text()) == (1, "better\n")
    stage.reload = reload
    assert (stage.run("/bin/false"), stage.reloads.read_text()) == (0, "reload\n")


def test_two_runs_wait_for_each_other(stage):
    slow = stage.script(f"touch {stage.folder}/started; while [ ! -e {stage.folder}/go ]; do sleep 0.05; done", "slow")
    words = [*map(str, ["sh", SCRIPT, stage.candidate, stage.released, slow, stage.reload])]
    first = subprocess.Popen(words)
    while not (stage.folder / "started").exists():
        assert first.poll() is None
    stage.candidate.write_text("worse\n")
    second = subprocess.Popen([*words[:4], "/bin/false", str(stage.reload)])
    (stage.folder / "go").touch()
    assert (first.wait(60), second.wait(60)) == (0, 1)
    assert stage.released.read_text() == "better\n"
