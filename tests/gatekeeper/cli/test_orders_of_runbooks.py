"""The orders that runbooks print, halt and freeze, signed, recorded and obeyed, and the halt ended again."""

import json
import shutil
import sys
from datetime import UTC, datetime

import pytest
from world.documents import COMPONENTS

from attestations import cli as attest
from attestations.digest import sha256
from attestations.records import ZoneName
from attestations.runbooks.ending import runbook as ending
from attestations.runbooks.halting import runbook as halting
from gatekeeper import cli as gatekeeper

ZONE = ZoneName.parse("example.")
FILLED_IN = {
    "file:PERSON.key": "file:alice.key",
    "file:PERSON-1.key": "file:alice.key",
    "file:PERSON-2.key": "file:bob.key",
}
LEDGER = {"sqlite:LEDGER.db": "sqlite:ledger.db", "file:LEDGER.key": "file:ledger.key"}
INSTALLED = [word for name in COMPONENTS for word in ("--component", f"{name}=installed/{name}")]


@pytest.fixture
def place(used_registry, tmp_path, monkeypatch):
    """A registry with an approval that its host may start with."""
    shutil.copytree(used_registry.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line to its end; return its exit code."""

    def ended(*words):
        monkeypatch.setattr(sys, "argv", list(words))
        with pytest.raises(SystemExit) as end:
            {"attest": attest, "gatekeeper": gatekeeper}[words[0]].main()
        capsys.readouterr()
        return end.value.code

    return ended


def starts(run):
    """Return how the host's check ends."""
    asked = ("--approval", "approval.json", "--trust", "trust.yaml", "--environment", "example-production")
    return run("gatekeeper", "verify", *asked, "--stage", "canary", *INSTALLED, "--ledger", "sqlite:ledger.db")


def now():
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def put(place, file, text):
    """Write an order of a page with its capitals filled in."""
    environment = sha256((place / "environment.yaml").read_bytes())
    filled = text.replace("SHA-256-OF-ENVIRONMENT.YAML", environment).replace("ENVIRONMENT-NAME", "example-production")
    (place / file).write_text(filled.replace("YYYY-MM-DDThh:mm:ssZ", now()), encoding="utf-8")


def follow(run, commands):
    for words in commands:
        assert run(*((FILLED_IN | LEDGER).get(word, word) for word in words)) == 0


def action_with(runbook, file):
    return next(one for step in runbook.steps for one in step.actions if any(file in words for words in one.commands))


def test_the_halt_of_the_page_stops_the_host_and_two_people_end_it(place, run):
    assert starts(run) == 0
    halt = action_with(halting(ZONE), "halt.json")
    put(place, "halt.json", halt.paste.text)
    follow(run, halt.commands)
    assert starts(run) == 12

    said = json.loads((place / "halt.json").read_bytes())
    (place / "halt.json").write_text(json.dumps(said | {"state": "ended", "effectiveOn": now()}), encoding="utf-8")
    follow(run, action_with(ending(ZONE), "halt.json").commands)
    assert starts(run) == 0


def test_one_person_alone_does_not_end_it(place, run):
    halt = action_with(halting(ZONE), "halt.json")
    put(place, "halt.json", halt.paste.text)
    follow(run, halt.commands)
    said = json.loads((place / "halt.json").read_bytes())
    (place / "halt.json").write_text(json.dumps(said | {"state": "ended", "effectiveOn": now()}), encoding="utf-8")
    follow(run, halt.commands)
    assert starts(run) == 12


def test_the_freeze_of_the_page_is_recorded(place, run):
    freeze = action_with(halting(ZONE), "freeze.json")
    text = freeze.paste.text.replace('"notAfter": "YYYY-MM-DDThh:mm:ssZ"', '"notAfter": "9998-12-31T00:00:00Z"')
    put(place, "freeze.json", text)
    follow(run, freeze.commands)
