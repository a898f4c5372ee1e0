"""`gatekeeper guard resume` with an approval that the real gate issued, and with its ledger."""

import json

import pytest
from world.documents import COMPONENTS, dump

from attestations.records import ZoneName
from attestations.times import Instant
from gatekeeper.guard.latch import Halt, latch, standing

ZONE = ZoneName("example.")
LONG_AGO = Halt(id="1f", zone=ZONE, reason="wrong key", halted_on=Instant.parse("2020-05-05T19:30:00Z"))
INSTALLED = [f"--component={name}=installed/{name}" for name in COMPONENTS]


@pytest.fixture
def resumed(used_registry, tmp_path):
    """End a halt of long ago at a server that is down: how far that came is told by the refusal."""
    server = {"name": "ns1", "software": "knot", "address": "127.0.0.1", "port": 1, "control": ["-s", "nowhere"]}
    spec = {"environment": "example-production", "stage": "canary", "zones": [{"name": str(ZONE), "servers": [server]}]}
    header = {"apiVersion": "gatekeeper/v1", "kind": "GuardConfiguration", "metadata": {"name": "guard"}}
    (tmp_path / "guard.yaml").write_bytes(dump({**header, "spec": spec}))
    latch(tmp_path / "halts", LONG_AGO)

    def run(*more):
        own = ["--zone", ZONE, "--halt", "1f", "--latch", tmp_path / "halts", "--config", tmp_path / "guard.yaml"]
        approval = ["--approval", "approval.json", "--trust", "trust.yaml", *INSTALLED]
        ended = used_registry.run("guard", "resume", *map(str, own), *approval, *more, "--output=json")
        return ended.code, json.loads(ended.out)["refusal"]

    yield run
    assert standing(tmp_path / "halts", ZONE) == LONG_AGO


def test_an_approval_in_the_ledger_comes_as_far_as_the_servers(resumed):
    code, refusal = resumed("--ledger", "sqlite:ledger.db")
    assert (code, refusal["found"].startswith("ns1: knotc ended with")) == (12, True)
    assert resumed() == (code, refusal)  # the proof beside the approval does as well


def test_a_halt_in_the_ledger_goes_before(resumed):
    code, refusal = resumed("--ledger", "sqlite:halted.db")
    assert (code, refusal["code"], refusal["found"].startswith("halt 'h-1' in the ledger")) == (12, "HALT", True)


def test_a_ledger_without_the_approval_ends_nothing(resumed, used_registry, tmp_path):
    empty = f"sqlite:{tmp_path}/empty.db"
    made = used_registry.run(
        "log", "init", "--ledger", empty, "--origin", "registry.example/gatekeeper", "--sign-with", "file:ledger.key"
    )
    assert made.code == 0
    code, refusal = resumed("--ledger", empty)
    assert (code, refusal["code"]) == (11, "TOKEN")
