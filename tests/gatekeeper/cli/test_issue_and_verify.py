"""From a request to an approval that the host honours, through the real commands; and every way it is refused."""

import json
import time

import pytest
from world.documents import dump
from world.pieces import Bindings, halt
from world.registry import World

from attestations.digest import sha256


def test_an_approvable_request_is_issued_and_the_host_may_start(registry):
    issued = registry.issue("--case-file", "r.case", "--report", "json")
    assert issued.code == 0, issued.out + issued.err
    assert issued.json["decision"] == "approve"
    assert issued.json["ledgerIndex"] == 1, "the decision is entry 0, the approval entry 1"

    started = registry.verify()
    assert (started.code, started.out.split()[1]) == (0, "APPROVED")

    checked = registry.run("log", "verify", "--ledger", "sqlite:ledger.db", "--key", "ledger.pem", "--output", "json")
    assert (checked.code, checked.json["size"]) == (0, 2)


def test_a_denied_request_leaves_a_decision_and_no_approval(registry_of):
    registry = registry_of(World().with_predicate("zone-bind.json", lambda p: p["counts"].update(ok=3310, bogus=1)))
    denied = registry.issue("--case-file", "r.case")
    assert denied.code == 10
    assert not registry.path("approval.json").exists()
    assert registry.run("replay", "r.case").code == 0, "a denial replays like an approval"
    log = registry.run("log", "verify", "--ledger", "sqlite:ledger.db", "--key", "ledger.pem")
    assert "1 decision" in log.out


def test_an_approval_of_an_earlier_run_does_not_survive_a_run_that_fails(registry):
    assert registry.issue().code == 0
    registry.path("evidence/hsm.json").unlink()
    assert registry.issue().code == 11
    assert not registry.path("approval.json").exists()
    assert not registry.path("approval.json.tlog-proof").exists()


@pytest.mark.parametrize("document", ["policy", "environment", "trust"])
def test_a_document_that_nobody_vouches_for_issues_nothing(registry, document):
    pins = {"policy": "policies", "environment": "environments", "trust": "trust_roots"}
    registry.pin(**{pins[document]: ""})
    refused = registry.issue()
    assert refused.code == 2
    assert "POL-TRUST" in refused.err
    assert not registry.path("approval.json").exists()


def test_a_policy_and_an_environment_that_their_owners_signed_count_as_if_pinned(registry):
    for name in ("policy", "environment"):
        signed = registry.run(
            "sign-document", f"{name}.yaml", "--sign-with", "file:owners.key", "--out", f"{name}.signed"
        )
        assert signed.code == 0, signed.err
        registry.path(f"{name}.yaml").write_bytes(registry.path(f"{name}.signed").read_bytes())
    registry.pin(policies="", environments="")
    assert registry.issue().code == 0


def test_a_policy_signed_by_a_stranger_issues_nothing(registry):
    registry.run("sign-document", "policy.yaml", "--sign-with", "file:stranger.key", "--out", "policy.signed")
    registry.path("policy.yaml").write_bytes(registry.path("policy.signed").read_bytes())
    registry.pin(policies="")
    assert registry.issue().code == 2


def test_without_the_gates_configuration_nothing_is_issued(registry):
    registry.path("gate.yaml").unlink()
    assert registry.issue().code == 2


def test_without_a_ledger_nothing_is_issued_and_none_is_made(registry):
    registry.path("ledger.db").unlink()
    refused = registry.issue()
    assert refused.code == 1
    assert not registry.path("ledger.db").exists()
    assert not registry.path("approval.json").exists()


def test_one_key_for_gate_and_ledger_is_refused(registry):
    assert registry.issue(ledger_key="file:gate.key").code == 2


def test_a_key_that_is_not_the_gates_signs_no_approval(registry):
    assert registry.issue(sign_with="file:stranger.key").code == 2
    assert not registry.path("approval.json").exists()


@pytest.mark.parametrize(
    ("what", "code"),
    [("component", 11), ("stage", 11), ("missing-proof", 11), ("altered", 11), ("no-approval", 11)],
)
def test_the_host_starts_nothing_that_was_not_approved(registry, what, code):
    assert registry.issue().code == 0
    assert registry.verify().code == 0, "the twin: nothing altered"
    match what:
        case "component":
            registry.path("installed/rollover-agent").write_bytes(b"another agent")
        case "missing-proof":
            registry.path("approval.json.tlog-proof").unlink()
        case "altered":
            raw = registry.path("approval.json").read_bytes()
            registry.path("approval.json").write_bytes(raw.replace(b"a", b"b", 1))
        case "no-approval":
            registry.path("approval.json").unlink()
    refused = registry.verify(stage="full" if what == "stage" else "canary")
    assert refused.code == code
    assert "NOT APPROVED" in refused.out


def test_a_component_that_is_not_named_is_not_started(registry):
    assert registry.issue().code == 0
    place = ("--environment", "example-production", "--stage", "canary", "--component", "signer=installed/signer")
    assert registry.run("verify", "--approval", "approval.json", "--trust", "trust.yaml", *place).code == 11


def test_an_approval_is_honoured_until_it_expires_and_not_after(registry_of):
    registry = registry_of(World().with_document("policy", lambda d: d["spec"]["approval"].update(valid_for="12s")))
    assert registry.issue().code == 0
    assert registry.verify().code == 0
    time.sleep(12.2)
    assert registry.verify().code == 11


def test_a_halt_in_the_ledger_stops_hosts_that_ask_it_and_every_new_approval(registry):
    assert registry.issue().code == 0
    assert registry.verify("--ledger", "sqlite:ledger.db").code == 0, "the twin: no halt"
    environment = {"name": "example-production", "digest": sha256(registry.path("environment.yaml").read_bytes())}
    registry.path("halt.json").write_bytes(halt().make(Bindings(request_digest="0" * 64, environment=environment)))
    order = ("--ledger", "sqlite:ledger.db", "--sign-with", "file:ledger.key", "--trust", "trust.yaml", "halt.json")
    recorded = registry.run("log", "record", *order)
    assert recorded.code == 0, recorded.err

    assert registry.verify("--ledger", "sqlite:ledger.db").code == 12
    assert registry.issue("--report", "json").code == 12


def test_a_halt_that_two_have_ended_stops_nobody(registry):
    assert registry.issue().code == 0
    environment = {"name": "example-production", "digest": sha256(registry.path("environment.yaml").read_bytes())}
    ended = halt().change(lambda said: said.update(state="ended", effectiveOn="2026-04-10T11:45:00Z"))
    for name, order in (("halt", halt()), ("end", ended)):
        registry.path("order.json").write_bytes(order.make(Bindings(request_digest="0" * 64, environment=environment)))
        to = ("--ledger", "sqlite:ledger.db", "--sign-with", "file:ledger.key", "--trust", "trust.yaml", "order.json")
        assert registry.run("log", "record", *to).code == 0
        assert registry.verify("--ledger", "sqlite:ledger.db").code == (12 if name == "halt" else 0)


def test_an_order_that_nobody_entitled_signed_is_not_recorded(registry):
    environment = {"name": "example-production", "digest": sha256(registry.path("environment.yaml").read_bytes())}
    piece = halt()
    forged = piece.__class__(**{**piece.__dict__, "signers": ("stranger",)})
    registry.path("halt.json").write_bytes(forged.make(Bindings(request_digest="0" * 64, environment=environment)))
    order = ("--ledger", "sqlite:ledger.db", "--sign-with", "file:ledger.key", "--trust", "trust.yaml", "halt.json")
    assert registry.run("log", "record", *order).code == 2


def test_a_lower_version_of_the_policy_than_the_ledger_has_seen_issues_nothing(registry_of):
    registry = registry_of(World().with_document("policy", lambda d: d["metadata"].update(version=5)))
    assert registry.issue().code == 0
    older = World().with_document("policy", lambda d: d["metadata"].update(version=4))
    registry.path("policy.yaml").write_bytes(dump(older.policy))
    registry.pin()
    refused = registry.issue()
    assert refused.code == 2
    assert "POL-TRUST" in refused.err


def test_errors_are_json_too_when_json_is_asked_for(registry):
    registry.path("trust.yaml").write_text("kind: Nothing\n")
    refused = registry.verify("--output", "json")
    assert refused.code == 2
    document = json.loads(refused.out)
    assert document["exitCode"] == 2
    assert document["errors"][0]["file"] == "trust.yaml"


@pytest.mark.parametrize("option", ["--approval", "--case-file", "--report"])
@pytest.mark.parametrize("file", ["request.yaml", "policy.yaml", "gate.key", "ledger.db", "evidence/hsm.json"])
def test_a_result_never_takes_the_place_of_a_file_that_is_read(registry, option, file):
    before = registry.path(file).read_bytes()
    refused = registry.issue("--evidence", "evidence", option, f"json={file}" if option == "--report" else file)
    assert refused.code == 2, refused.out + refused.err
    assert registry.path(file).read_bytes() == before


def test_an_approval_of_an_earlier_run_does_not_survive_a_result_in_the_place_of_an_input(registry):
    assert registry.issue().code == 0
    assert registry.issue("--case-file", "request.yaml").code == 2
    assert not registry.path("approval.json").exists()
