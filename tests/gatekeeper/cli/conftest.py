"""A registry on disk, as a pipeline finds it: documents, evidence, keys, the gate's configuration and its ledger."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from world.documents import COMPONENTS, dump
from world.foreign import write_foreign_evidence
from world.keys import signer
from world.pieces import Bindings, halt
from world.registry import World

from attestations.digest import sha256
from attestations.times import Instant

CASE = ("--request", "request.yaml", "--environment", "environment.yaml", "--policy", "policy.yaml")
CASE += ("--trust", "trust.yaml")
KEYS = ("gate", "ledger", "alice", "bob", "carol", "owners", "operations-1", "operations-2", "stranger")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class Registry:
    """A folder with everything, and a way to run the real commands in it."""

    folder: Path

    def run(self, *arguments: str, program: str = "gatekeeper", env: dict[str, str] | None = None) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in ended.stdout + ended.stderr
        return Ended(code=ended.returncode, out=ended.stdout, err=ended.stderr)

    def path(self, name: str) -> Path:
        return self.folder / name

    def issue(self, *more: str, **options: str) -> Ended:
        keys = {"sign_with": "file:gate.key", "ledger_key": "file:ledger.key", "gate": "gate.yaml"} | options
        named = [part for name, value in keys.items() for part in (f"--{name.replace('_', '-')}", value)]
        return self.run("issue", *CASE, *named, "--ledger", "sqlite:ledger.db", "--approval", "approval.json", *more)

    def verify(self, *more: str, approval: str = "approval.json", stage: str = "canary") -> Ended:
        files = [part for name in COMPONENTS for part in ("--component", f"{name}=installed/{name}")]
        place = ("--environment", "example-production", "--stage", stage)
        return self.run("verify", "--approval", approval, "--trust", "trust.yaml", *place, *files, *more)

    def pin(self, **changes: str) -> None:
        """Write the gate's configuration: it pins the documents as they are now."""
        pins = {"policies": "policy.yaml", "environments": "environment.yaml", "trust_roots": "trust.yaml"} | changes
        spec = {kind: [sha256(self.path(name).read_bytes())] for kind, name in pins.items() if name}
        document = {
            "apiVersion": "gatekeeper/v1",
            "kind": "GateConfiguration",
            "metadata": {"name": "test"},
            "spec": spec,
        }
        self.path("gate.yaml").write_bytes(dump(document))


def moved_to_now(world: World) -> World:
    """Return the world with every time in its evidence moved so that it is fresh now."""
    shift = datetime.now(UTC).replace(microsecond=0) - Instant.parse(world.now)

    def moved(value):
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        try:
            return str(Instant.of(Instant.parse(value) + shift))
        except ValueError:
            return value

    for name in world.pieces:
        world = world.with_predicate(name, moved)
    world = world.with_document("trust", lambda d: d["metadata"].update(expires=_in_a_year()))
    world = world.with_document("policy", lambda d: d["metadata"].update(expires=_in_a_year()))
    now = str(Instant.of(Instant.parse(world.now) + shift))
    return world.__class__(**{**world.__dict__, "now": now}).signed_off_by(
        *world.signing_off, change=lambda piece: piece.change(moved)
    )


def _in_a_year() -> str:
    return str(Instant.of(datetime.now(UTC).replace(microsecond=0) + timedelta(days=365)))


def written(folder: Path, world: World) -> Registry:
    """Write a world, its keys, installed files, configuration and an empty ledger into a folder."""
    registry = Registry(folder=folder)
    moved_to_now(world).write(folder)
    for name in KEYS:
        registry.path(f"{name}.key").write_bytes(signer(name).private_pem)
        registry.path(f"{name}.pem").write_text(signer(name).public.pem)
    registry.path("installed").mkdir()
    for name in COMPONENTS:
        registry.path(f"installed/{name}").write_bytes(f"file {name}".encode())
    registry.pin()
    ledger = ("--ledger", "sqlite:ledger.db", "--origin", "registry.example/gatekeeper")
    made = registry.run("log", "init", *ledger, "--sign-with", "file:ledger.key")
    assert made.code == 0, made.err
    return registry


@pytest.fixture
def registry_of(tmp_path):
    """Write a world into a folder."""
    return lambda world=None: written(tmp_path, world or World())


@pytest.fixture
def registry(registry_of):
    """The base world on disk."""
    return registry_of()


@pytest.fixture(scope="module")
def used_registry(tmp_path_factory):
    """The base world with an approval, a case file, a halt, a ledger that holds it, laboratories, foreign evidence."""
    registry = written(tmp_path_factory.mktemp("registry"), World())
    write_foreign_evidence(registry.folder)
    assert registry.issue("--case-file", "r.case").code == 0
    environment = {"name": "example-production", "digest": sha256(registry.path("environment.yaml").read_bytes())}
    registry.path("halt.json").write_bytes(halt().make(Bindings(request_digest="0" * 64, environment=environment)))
    shutil.copy(registry.path("ledger.db"), registry.path("halted.db"))
    halted = ("--ledger", "sqlite:halted.db", "--sign-with", "file:ledger.key", "--trust", "trust.yaml", "halt.json")
    assert registry.run("log", "record", *halted).code == 0
    last = registry.run("log", "checkpoint", "--ledger", "sqlite:halted.db", "--key", "ledger.pem")
    registry.path("halted.checkpoint").write_text(last.out)
    chained = registry.path("gate.yaml").read_text().replace("spec:", "spec:\n  trust_chain: versions", 1)
    registry.path("chained.yaml").write_text(chained)
    registry.path("versions").mkdir()
    stricter = registry.path("policy.yaml").read_text().replace("at_least: 10", "at_least: 9000")
    registry.path("stricter.yaml").write_text(stricter)
    for name, more in (("lab", ()), ("lab-5-may", ("--defect", "one-key-pair-per-hsm"))):
        assert registry.run("laboratory", name, *more, program="attestations").code == 0
    return registry
