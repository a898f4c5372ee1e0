"""One release in the laboratory's folder: its components, its request, and the evidence that is made for it."""

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attestations.durable import write_durably
from attestations.times import Instant
from gatekeeper.demo import keyless, world
from gatekeeper.demo.runner import Runner

ENVIRONMENT = "practice-laboratory"
ENVIRONMENT_FILE, ZONE = "environment.yaml", "example."
STAGE = "hidden-primary"
DEFECT = ("--defect", "one-key-pair-per-hsm")

_CODE_BASES = re.compile(r"code_bases: \[[^]]*\]")


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release, in a folder of its version's name."""

    runner: Runner
    number: int
    version: str
    agent: Sequence[str] = ()
    """options of its rollover agent"""

    @property
    def request(self) -> str:
        """The deployment request."""
        return f"{self.version}/request.yaml"

    @property
    def rollover_agent(self) -> str:
        """The program that makes the keys."""
        return f"{self.version}/release/rollover-agent"

    def statement(self, name: str) -> str:
        """Return where a piece of evidence for this release lies."""
        return f"{self.version}/statements/{name}.json"

    @property
    def about(self) -> tuple[str, ...]:
        """What binds a statement to this release."""
        return ("--request", self.request, "--environment", ENVIRONMENT_FILE, "--zone", ZONE)

    def prepare(self, now: Instant) -> None:
        """Write the components and the request."""
        folder = self.runner.folder / self.version
        (folder / "statements").mkdir(parents=True)
        world.make_release(folder / "release", self.version)
        agent = folder / "release" / "rollover-agent"
        agent.write_text(_agent(self.agent), encoding="utf-8")
        agent.chmod(0o755)
        wish = world.Wish(number=self.number, version=self.version, stage=STAGE)
        text = world.request(folder / "release", wish, now, ENVIRONMENT)
        write_durably(folder / "request.yaml", text.encode("utf-8"))

    def bring(self, sigstore: keyless.Instance, now: Instant) -> None:
        """Sign what builder, source verifier and tests bring along: made up, as other teams would bring it."""
        folder = self.runner.folder / self.version
        statement = world.provenance(folder / "release", self.version)
        signed = keyless.sign(sigstore, statement, self.version, now)
        write_durably(self.runner.folder / self.statement("provenance"), signed)
        review = ("--subject-digest", f"signer=gitCommit:{world.COMMIT}")
        self._sign("source-review", "source-verifier", world.source_review(now), review)
        subjects = [part for name in world.COMPONENTS for part in ("--subject", f"{self.version}/release/{name}")]
        self._sign("test-result", "ci-tests", world.test_result(), subjects)

    def _sign(self, kind: str, signer: str, predicate: object, subjects: Sequence[str]) -> None:
        file = f"{self.version}/brought/{kind}.json"
        world.write_json(self.runner.folder / file, predicate)
        what = ("--type", kind, "--predicate", file, *subjects)
        self.runner.quietly("attest", "sign", *what, *signs(signer), "--out", self.statement(kind))


def signs(name: str) -> tuple[str, str]:
    """Return the option that signs with a key of the laboratory."""
    return "--sign-with", f"file:keys/{name}.key"


def write_environment(folder: Path) -> None:
    """Write the inventory of the laboratory, whose signer is Knot and the agent."""
    text = (folder / "lab/environment.yaml").read_text(encoding="utf-8")
    changed = _CODE_BASES.sub("code_bases: [knot, rollover-agent]", text)
    write_durably(folder / ENVIRONMENT_FILE, changed.encode("utf-8"))


def _agent(options: Sequence[str]) -> str:
    """Return the program. Steps that only a signer is told of are none of the practice agent's."""
    call = shlex.join([sys.executable, "-m", "attestations.laboratory.rollover_agent", *options])
    return f'#!/bin/sh\ncase "$1" in publish | activate | retire) exit 0 ;; esac\nexec {call} "$@"\n'
