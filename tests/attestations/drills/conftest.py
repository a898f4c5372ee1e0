"""A halt drill as people call it, with the documents that a gate is given."""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from once import made_once
from processes import processes_about
from world.host import FOR_EVER
from world.keys import signer
from world.registry import World

from attestations.drills.probing import now
from attestations.envelope import read_envelope
from attestations.predicates.halt_drill import HaltDrill
from attestations.statement import read_statement
from attestations.strict import read_json

KEYS = ("operations-1", "operations-2")


@dataclass(frozen=True)
class Ended:
    """A drill that ran to its end."""

    code: int
    document: dict
    talk: str
    statement: bytes
    """empty where none was written"""

    @property
    def predicate(self) -> HaltDrill:
        envelope = read_envelope(read_json(self.statement, "halt.json"))
        return read_statement(envelope.payload, "halt.json").predicate

    def fault(self, name):
        """What the report says of one fault."""
        return next(one for one in self.document["faults"] if one["fault"] == name)

    def judged(self):
        """What the real gate says of the requirement, right after the drill."""
        world = World(now=str(now())).with_piece("halt.json", lambda piece: replace(piece, raw=self.statement))
        for name in ("policy", "trust"):
            world = world.with_document(name, lambda said: said["metadata"].update(expires=FOR_EVER))
        results = {result.id: result for result in world.signed_off_by().judge().decision.results}
        return results["anomaly-stops-publication"]


@pytest.fixture(scope="session")
def documents(tmp_path_factory):
    """A folder with request, environment and the keys of those who state."""
    folder = World().write(tmp_path_factory.mktemp("documents"))
    for name in KEYS:
        (folder / f"{name}.pem").write_bytes(signer(name).private_pem)
    return folder


@pytest.fixture(scope="session")
def call(documents):
    """Return the call of a drill that signs with two keys."""
    files = [f"--{name}={documents / name}.yaml" for name in ("request", "environment")]
    keys = [f"--sign-with=file:{documents / name}.pem" for name in KEYS]
    words = [sys.executable, "-m", "attestations", "halt-drill", "--output=json", *files, *keys]
    return lambda out, *options: [*words, f"--out={out}", *map(str, options)]


@pytest.fixture(scope="session")
def drill(call, tmp_path_factory):
    """Run a drill to its end, once for all workers of a test run."""

    def ran(name, *options):
        def make(folder):
            run = subprocess.run(call(folder / "halt.json", *options), capture_output=True, check=False, text=True)
            (folder / "report.json").write_text(run.stdout)
            (folder / "talk").write_text(run.stderr)
            (folder / "code").write_text(str(run.returncode))

        folder = made_once(tmp_path_factory, f"halt-drill-{name}", make)
        statement = folder / "halt.json"
        return Ended(
            int((folder / "code").read_text()),
            json.loads((folder / "report.json").read_text()),
            (folder / "talk").read_text(),
            statement.read_bytes() if statement.exists() else b"",
        )

    return ran


@pytest.fixture
def script(tmp_path):
    """Write an executable file."""

    def written(text, name="script"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return written


@pytest.fixture(name="processes_about")
def processes_about_fixture():
    """Return the command lines of the processes that name something in a folder, or work there."""
    return processes_about


@pytest.fixture
def stack():
    """What is ended with the test."""
    with ExitStack() as opened:
        yield opened
