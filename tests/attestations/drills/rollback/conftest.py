"""Rollback drills as people call them, with HSMs that the environment names, and what the real gate says."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from world.host import FOR_EVER
from world.keys import signer
from world.registry import World

from attestations.drills.probing import now
from attestations.envelope import read_envelope
from attestations.statement import read_statement
from attestations.strict import read_json

KEYS = ("operations-1", "operations-2")
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
KSK, ZSK = "b2", "a1"
TOKENS = """
import sys
from pathlib import Path
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.softhsm import softhsm_units
from attestations.rollover.keys import KeyName
folder, lost = Path(sys.argv[1]), sys.argv[2:]
hsms = softhsm_units(folder, ["one", "two", "three"])
for key_id in ("b2", "a1"):
    RolloverAgent().make_key(KeyName(key_id=key_id, label=key_id), hsms)
for key_id in lost:
    hsms[-1].destroy(KeyName(key_id=key_id, label=key_id))
print(*(hsm.serial for hsm in hsms))
"""


@dataclass(frozen=True)
class Hsms:
    """Three SoftHSM tokens, and the environment that names them."""

    folder: Path
    serials: tuple[str, ...]

    @property
    def world(self):
        """A registry with these HSMs."""

        def named(said):
            for hsm, serial in zip(said["spec"]["hsms"], self.serials, strict=True):
                hsm["serial"] = serial

        return World().with_document("environment", named)

    @property
    def options(self):
        """How a drill reaches them."""
        return (f"--module={MODULE}", f"--pin-file={self.folder / 'pin'}")

    @property
    def settings(self):
        """What SoftHSM reads of its environment."""
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}


@dataclass(frozen=True)
class Ended:
    """A drill that ran to its end."""

    world: World = field(repr=False)
    code: int
    document: dict
    talk: str
    statement: bytes
    validation: bytes

    @property
    def predicate(self):
        """The rollback-drill predicate."""
        return _predicate(self.statement)

    @property
    def validated(self):
        """The zone-validation predicate that lies beside it."""
        return _predicate(self.validation)

    def way(self, name):
        """What the report says of one way."""
        return next(one for one in self.document["ways"] if one["way"] == name)

    def judged(self, *changes):
        """What the real gate says of the requirement, right after the drill."""
        world = replace(self.world, now=str(now()))
        world = world.with_piece("rollback.json", lambda piece: replace(piece, raw=self.statement))
        for name in ("policy", "trust"):
            world = world.with_document(name, lambda said: said["metadata"].update(expires=FOR_EVER))
        for change in changes:
            world = world.with_document("policy", change)
        results = {result.id: result for result in world.signed_off_by().judge().decision.results}
        return results["way-back"]


def _predicate(raw):
    return read_statement(read_envelope(read_json(raw, "statement.json")).payload, "statement.json").predicate


@pytest.fixture(scope="session")
def make_hsms(tmp_path_factory):
    """Make three tokens that hold KSK and old ZSK; the last of them lacks the keys that are named."""

    def made(*lost):
        folder = tmp_path_factory.mktemp("hsms")
        call = [sys.executable, "-c", TOKENS, folder, *lost]
        run = subprocess.run(call, capture_output=True, check=True, text=True)
        return Hsms(folder=folder, serials=tuple(run.stdout.split()))

    return made


@pytest.fixture(scope="session")
def hsms(make_hsms):
    """Three tokens in order."""
    return make_hsms()


@pytest.fixture(scope="session")
def call(tmp_path_factory):
    """Return the call of a drill in a world, which signs with two keys and does not wait for resolvers."""

    def called(world, out, *options):
        folder = world.write(tmp_path_factory.mktemp("documents"))
        for name in KEYS:
            (folder / f"{name}.pem").write_bytes(signer(name).private_pem)
        files = [f"--{name}={folder / name}.yaml" for name in ("request", "environment")]
        keys = [f"--sign-with=file:{folder / name}.pem" for name in KEYS]
        words = [sys.executable, "-m", "attestations", "rollback-drill", "--output=json", "--resolver-seconds=0"]
        return [*words, *files, *keys, f"--out={out}", *map(str, options)]

    return called


@pytest.fixture(scope="session")
def drill(call, ended, tmp_path_factory):
    """Run a drill to its end: with HSMs that the environment names, or with None for tokens of its own."""

    def ran(hsms, *options, world=None):
        out = tmp_path_factory.mktemp("drill") / "rollback.json"
        world = world or (hsms.world if hsms else World())
        settings = hsms.settings if hsms else {}
        words = call(world, out, *(hsms.options if hsms else ()), *options)
        run = subprocess.run(words, capture_output=True, check=False, text=True, env=os.environ | settings)
        return ended(world, run, out)

    return ran


@pytest.fixture(scope="session")
def ended():
    """Return what a drill that ran in a world left, with its statements in `out` and beside it."""

    def read(world, run, out):
        files = [file.read_bytes() if file.exists() else b"" for file in (out, out.with_stem("rollback-validation"))]
        return Ended(world, run.returncode, json.loads(run.stdout), run.stderr, *files)

    return read


@pytest.fixture(scope="session")
def sound(hsms, drill):
    """The drill of every way, with everything in order."""
    return drill(hsms)
