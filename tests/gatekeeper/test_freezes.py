"""Freezes and halts: what they cover, from when to when, and that nothing lifts them unseen."""

from dataclasses import replace

import pytest
from world.documents import NOW
from world.gate import Gate
from world.keys import digest, signer
from world.pieces import Bindings, freeze, halt
from world.registry import World

from attestations.digest import sha256
from attestations.envelope import read_envelope
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.gate import decide
from gatekeeper.record import record_order

ELSEWHERE = {"name": "example-staging", "digest": digest("staging")}
EARLIER = {"name": "example-production", "digest": digest("version 6 of the inventory")}
NEXT_DAY = "2026-04-11T12:00:00Z"


def verdict(world):
    return world.judge().decision.verdict.value


def with_order(piece, **members):
    return World().adding("order.json", piece.change(lambda said: said.update(members)))


def rollback(world):
    """The world with a request to roll back, under a policy for that."""

    def policy(document):
        document["spec"]["applies_to"]["changes"] = ["rollback"]

    world = world.with_document("policy", policy)
    return world.with_document("request", lambda request: request["spec"].update(change="rollback"))


def test_without_an_order_the_world_is_approved():
    assert verdict(World()) == "approve"


@pytest.mark.parametrize(("change", "ending"), [("signer-release", "frozen"), ("zsk-rollover", "approve")])
def test_a_freeze_covers_the_changes_that_it_names(change, ending):
    assert verdict(World().adding("order.json", freeze(change))) == ending


def test_a_freeze_says_until_when_why_and_how_it_ends():
    (finding,) = World().adding("order.json", freeze("signer-release")).judge().decision.freezes
    assert finding.code == "FROZEN"
    assert "2026-05-01T00:00:00Z" in finding.found
    assert "post-mortem" in finding.found
    assert finding.next == "it ends when: external validation before publication is in place"
    assert len(finding.evidence) == 1


def test_several_exit_conditions_are_all_told_and_without_one_whoever_set_it_is_asked():
    def told(conditions):
        world = with_order(freeze("signer-release"), exitConditions=conditions)
        return world.judge().decision.freezes[0].next

    assert told(["one", "two"]) == "it ends when: one; two"
    assert told([]) == "ask whoever set it"


@pytest.mark.parametrize(
    ("begin", "end", "ending"),
    [
        (NOW, "2026-05-01T00:00:00Z", "frozen"),
        ("2026-04-10T12:00:01Z", "2026-05-01T00:00:00Z", "approve"),
        ("2026-04-01T00:00:00Z", "2026-04-10T12:00:01Z", "frozen"),
        ("2026-04-01T00:00:00Z", NOW, "approve"),
        ("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z", "approve"),
    ],
)
def test_a_freeze_holds_from_its_first_second_until_its_last(begin, end, ending):
    assert verdict(with_order(freeze("signer-release"), notBefore=begin, notAfter=end)) == ending


@pytest.mark.parametrize(
    ("since", "ending"), [(NOW, "frozen"), ("2026-04-10T12:00:01Z", "approve"), ("2026-06-01T00:00:00Z", "approve")]
)
def test_a_halt_holds_from_the_second_it_names(since, ending):
    assert verdict(with_order(halt(), effectiveOn=since)) == ending


def test_a_halt_says_since_when_and_why():
    (finding,) = World().adding("order.json", halt()).judge().decision.freezes
    assert finding.code == "HALT"
    assert "halt h-1 since 2026-04-10T11:30:00Z: two thirds" in finding.found
    assert finding.next.startswith("it ends when: a green external validation")
    assert len(finding.evidence) == 1


def test_a_halt_does_not_stop_the_way_back_and_a_freeze_of_it_does():
    assert verdict(rollback(World().adding("order.json", halt()))) != "frozen"
    assert verdict(rollback(World().adding("order.json", freeze("rollback")))) == "frozen"


@pytest.mark.parametrize("order", [halt(), freeze("signer-release")], ids=["halt", "freeze"])
def test_an_order_for_another_environment_stops_nothing_here(order):
    assert (
        verdict(World().adding("order.json", order.change(lambda said: said.update(environment=ELSEWHERE))))
        == "approve"
    )


@pytest.mark.parametrize("order", [halt(), freeze("signer-release")], ids=["halt", "freeze"])
def test_a_new_version_of_the_inventory_does_not_lift_an_order(order):
    assert (
        verdict(World().adding("order.json", order.change(lambda said: said.update(environment=EARLIER)))) == "frozen"
    )


@pytest.mark.parametrize("signers", [("operations-1",), ("hsm-lab",), ("mallory",)])
@pytest.mark.parametrize("order", [halt(), freeze("signer-release")], ids=["halt", "freeze"])
def test_an_order_by_nobody_entitled_stops_nothing(order, signers):
    assert verdict(World().adding("order.json", replace(order, signers=signers))) == "approve"


def test_a_person_may_set_a_halt():
    assert verdict(World().adding("order.json", replace(halt(), signers=("dave",)))) == "frozen"


def test_two_orders_are_both_told():
    world = World().adding("freeze.json", freeze("signer-release")).adding("halt-order.json", halt())
    assert world.judge().decision.reason_codes == ("FROZEN", "HALT")


def test_the_end_of_an_office_does_not_lift_what_it_set():
    def ended(trust):
        party = next(party for party in trust["spec"]["parties"] if party["name"] == "operations")
        party["valid_until"] = "2026-04-10T11:45:00Z"

    decision = World().adding("order.json", halt()).with_document("trust", ended).judge().decision
    assert decision.verdict.value == "frozen"


def test_a_halt_in_the_ledger_counts_though_nobody_offers_it(tmp_path):
    gate, files = Gate.make(tmp_path), World().files()
    bindings = Bindings(request_digest="0" * 64, environment=EARLIER)
    assert gate.issue(files).approval is not None
    with gate.ledger() as ledger:
        record_order(ledger, halt().make(bindings), signer("ledger"))
    issued = gate.issue(files)
    assert issued.judgement.decision.verdict.value == "frozen"
    assert issued.approval is None


def test_evidence_that_is_no_order_freezes_nothing():
    judgement = decide(World().inputs(), Instant.parse(NOW))
    assert judgement.decision.freezes == ()


@pytest.mark.parametrize("order", [halt(), freeze("signer-release")], ids=["halt", "freeze"])
def test_an_order_is_not_lifted_by_taking_its_statement_back(order):
    """Two who are entitled end a halt, and a freeze has its day: the owners of the trust root do not let go alone."""
    world = World().adding("order.json", order)
    statement = read_envelope(read_json(world.files()["evidence/order.json"], "order")).payload
    gone = [{"sha256": sha256(statement), "reason": "it is in the way"}]
    taken_back = world.with_document("trust", lambda trust: trust["spec"].update(revoked={"attestations": gone}))
    assert verdict(world) == verdict(taken_back) == "frozen"
