"""D9 Commissioning approval misuse, with a real ledger: after a halt, never recorded, and a restart that is none."""

import json

import pytest
from world.documents import dump
from world.gate import Gate
from world.host import Host, approve, lasting, prove
from world.keys import digest, signer
from world.pieces import Bindings, freeze, halt

from attestations.digest import sha256
from gatekeeper.record import record_approval

BINDINGS = Bindings(
    request_digest=digest("request"), environment={"name": "example-production", "digest": digest("environment")}
)


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host beside the ledger that holds its approval."""
    gate = Gate.make(tmp_path)
    approval = approve()
    with gate.ledger() as ledger:
        record_approval(ledger, approval, signer("ledger"), only_at=0)
    (tmp_path / "components").mkdir()
    for name, raw in Host(approval=approval).files().items():
        (tmp_path / name).write_bytes(raw)
    monkeypatch.chdir(tmp_path)
    return Host(approval=approval)


VERIFY = ["--ledger=sqlite:ledger.db"]


def record(gatekeeper, tmp_path, order, trust="trust.yaml"):
    (tmp_path / "order.json").write_bytes(order.make(BINDINGS))
    command = ["log", "record", "--ledger=sqlite:ledger.db", "--sign-with=file:ledger.pem", f"--trust={trust}"]
    return gatekeeper(*command, "order.json")


def test_a_recorded_approval_starts_the_host_and_starts_it_again(host, gatekeeper):
    assert [gatekeeper(*host.command(), *VERIFY) for _ in range(2)] == [0, 0]


def test_after_a_halt_the_host_does_not_start(host, gatekeeper, tmp_path, capsys):
    assert record(gatekeeper, tmp_path, halt()) == 0
    capsys.readouterr()
    assert gatekeeper(*host.command(), *VERIFY, "--output=json") == 12
    assert json.loads(capsys.readouterr().out)["code"] == "HALT"


def test_a_halt_that_begins_later_does_not_stop_the_host_yet(host, gatekeeper, tmp_path):
    assert (
        record(gatekeeper, tmp_path, halt().change(lambda said: said.update(effectiveOn="9998-01-01T00:00:00Z"))) == 0
    )
    assert gatekeeper(*host.command(), *VERIFY) == 0


def test_a_halt_of_another_environment_does_not_stop_the_host(host, gatekeeper, tmp_path):
    elsewhere = {"name": "example-staging", "digest": digest("staging")}
    assert record(gatekeeper, tmp_path, halt().change(lambda said: said.update(environment=elsewhere))) == 0
    assert gatekeeper(*host.command(), *VERIFY) == 0


def test_a_halt_set_under_another_version_of_the_inventory_stops_the_host(host, gatekeeper, tmp_path):
    older = {"name": "example-production", "digest": digest("environment, version 6")}
    assert record(gatekeeper, tmp_path, halt().change(lambda said: said.update(environment=older))) == 0
    assert gatekeeper(*host.command(), *VERIFY) == 12


def test_a_halt_by_nobody_entitled_is_not_recorded(host, gatekeeper, tmp_path):
    from dataclasses import replace

    assert record(gatekeeper, tmp_path, replace(halt(), signers=("operations-1",))) == 2
    assert record(gatekeeper, tmp_path, replace(halt(), signers=("hsm-lab",))) == 2
    assert gatekeeper(*host.command(), *VERIFY) == 0


def test_a_freeze_stops_new_approvals_and_not_what_runs(host, gatekeeper, tmp_path):
    assert record(gatekeeper, tmp_path, freeze("signer-release")) == 0
    assert gatekeeper(*host.command(), *VERIFY) == 0


def test_nothing_but_a_freeze_or_halt_is_recorded_as_an_order(host, gatekeeper, tmp_path):
    from world.pieces import base_pieces

    assert record(gatekeeper, tmp_path, base_pieces()["rollback.json"]) == 2


def test_an_approval_that_the_ledger_does_not_hold_is_refused(host, gatekeeper, tmp_path, capsys):
    other = approve(notAfter="9998-12-30T00:00:00Z")
    (tmp_path / "approval.json").write_bytes(other)
    (tmp_path / "approval.json.tlog-proof").write_text(prove(other))
    assert gatekeeper(*host.command(), *VERIFY, "--output=json") == 11
    assert json.loads(capsys.readouterr().out)["code"] == "TOKEN"


def test_without_the_proof_beside_it_an_approval_is_refused(host, gatekeeper, tmp_path):
    (tmp_path / "approval.json.tlog-proof").unlink()
    assert gatekeeper(*host.command()) == 11


def test_a_host_without_its_trust_root_refuses_as_wrong_usage(host, gatekeeper, tmp_path):
    (tmp_path / "trust.yaml").unlink()
    assert gatekeeper(*host.command()) == 2


def test_a_host_whose_trust_root_ran_out_refuses(host, gatekeeper, tmp_path):
    old = lasting().with_document("trust", lambda trust: trust["metadata"].update(expires="2026-01-01T00:00:00Z"))
    (tmp_path / "trust.yaml").write_bytes(dump(old.trust))
    assert gatekeeper(*host.command()) == 11


def test_a_policy_that_the_host_does_not_accept_is_refused(host, gatekeeper, tmp_path):
    for accepted, ending in ((digest("policy"), 0), (sha256(b"another policy"), 11)):
        trust = lasting().with_document("trust", lambda t, a=accepted: t["spec"]["gate"].update(policies=[a])).trust
        (tmp_path / "trust.yaml").write_bytes(dump(trust))
        assert gatekeeper(*host.command()) == ending
