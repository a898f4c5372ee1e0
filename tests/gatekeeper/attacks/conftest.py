"""A gate in a folder of its own, the noon of the base world, and the command as its entry point runs it."""

import pytest
from world.documents import NOW
from world.gate import Gate

from attestations.command_line import run
from attestations.times import Instant
from gatekeeper.cli import main_group


@pytest.fixture
def gate(tmp_path):
    return Gate.make(tmp_path)


@pytest.fixture
def noon(monkeypatch):
    """Stop the clock that `evaluate`, `issue` and `verify` read at the base world's time."""
    for command in ("evaluate", "issue", "verify"):
        monkeypatch.setattr(f"gatekeeper.cli.{command}.clock", lambda: Instant.parse(NOW))


@pytest.fixture
def gatekeeper(monkeypatch, tmp_path):
    """Run `gatekeeper` in process, through the same function as the installed command; return the exit code."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["gatekeeper", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run(main_group)
        return ended.value.code

    return call
