"""What the gate writes into its ledger, and what it remembers from it."""

from dataclasses import replace

import pytest
from world.documents import NOW
from world.gate import Gate
from world.keys import digest, signer
from world.pieces import Bindings, freeze, halt
from world.registry import World

from attestations.digest import canonical_json, sha256
from attestations.errors import InputError
from attestations.times import Instant
from gatekeeper.decision import Input
from gatekeeper.record import (
    check_clock,
    check_not_older,
    record_approval,
    record_decision,
    record_order,
    standing_orders,
)

BINDINGS = Bindings(request_digest="0" * 64, environment={"name": "example-production", "digest": digest("e")})
DECISION = World().judge().decision


@pytest.fixture
def ledger(tmp_path):
    with Gate.make(tmp_path).ledger() as opened:
        yield opened


def test_a_decision_is_recorded_in_its_canonical_form(ledger):
    receipt = record_decision(ledger, DECISION, signer("ledger"), only_at=0)
    (entry,) = ledger.entries()
    assert (receipt.index, entry.index, entry.kind) == (0, 0, "decision")
    assert entry.content == canonical_json(DECISION.to_json())
    assert sha256(entry.content) == DECISION.digest


def test_an_approval_is_recorded_as_it_is(ledger):
    record_approval(ledger, b"approval", signer("ledger"), only_at=0)
    (entry,) = ledger.entries()
    assert (entry.kind, entry.content) == ("approval", b"approval")


@pytest.mark.parametrize("record", [record_decision, record_approval])
def test_nothing_is_recorded_where_something_came_in_between(ledger, record):
    record_order(ledger, b"order", signer("ledger"))
    with pytest.raises(InputError) as caught:
        record(ledger, DECISION if record is record_decision else b"approval", signer("ledger"), only_at=0)
    assert caught.value.code == "RACE"
    assert ledger.size() == 1


def test_standing_orders_are_the_orders_alone_by_their_place(ledger):
    orders = [freeze("signer-release").make(BINDINGS), halt().make(BINDINGS)]
    record_order(ledger, orders[0], signer("ledger"))
    record_decision(ledger, DECISION, signer("ledger"), only_at=1)
    record_order(ledger, orders[1], signer("ledger"))
    standing = standing_orders(ledger)
    assert [(order.name, order.raw) for order in standing] == [("ledger/0", orders[0]), ("ledger/2", orders[1])]
    assert [order.sha256 for order in standing] == [sha256(raw) for raw in orders]


def test_an_empty_ledger_has_no_orders_and_has_seen_nothing(ledger):
    assert standing_orders(ledger) == ()
    check_not_older(ledger, DECISION)


def with_document(member, **changes):
    document = getattr(DECISION, member)
    return replace(DECISION, **{member: replace(document, **changes)})


MEMBERS = ("policy", "environment", "trust")


@pytest.mark.parametrize("member", MEMBERS)
def test_a_lower_version_than_was_seen_is_refused(ledger, member):
    seen = with_document(member, version="20")
    record_decision(ledger, seen, signer("ledger"), only_at=0)
    for version in ("19", "3"):
        with pytest.raises(InputError) as caught:
            check_not_older(ledger, with_document(member, version=version))
        assert caught.value.code == "POL-TRUST"
        assert member in caught.value.found
        assert f"version {version}" in caught.value.found
        assert caught.value.wanted.startswith("version 20 or later")
        assert member in caught.value.fix


@pytest.mark.parametrize("member", MEMBERS)
def test_the_same_version_with_the_same_bytes_and_a_higher_one_are_used(ledger, member):
    record_decision(ledger, with_document(member, version="20"), signer("ledger"), only_at=0)
    check_not_older(ledger, with_document(member, version="20"))
    check_not_older(ledger, with_document(member, version="21", digest="0" * 64))
    check_not_older(ledger, with_document(member, version="100"))


@pytest.mark.parametrize("member", MEMBERS)
def test_other_bytes_under_a_version_that_was_seen_are_refused(ledger, member):
    record_decision(ledger, with_document(member, version="20"), signer("ledger"), only_at=0)
    with pytest.raises(InputError) as caught:
        check_not_older(ledger, with_document(member, version="20", digest="0" * 64))
    assert "0" * 64 in caught.value.found
    assert "already seen under this version" in caught.value.wanted


def test_the_highest_version_that_was_seen_counts_wherever_it_stands(ledger):
    for index, version in enumerate(("20", "22", "21")):
        record_decision(ledger, with_document("policy", version=version), signer("ledger"), only_at=index)
    check_not_older(ledger, with_document("policy", version="22"))
    with pytest.raises(InputError) as caught:
        check_not_older(ledger, with_document("policy", version="21"))
    assert caught.value.wanted.startswith("version 22")


def test_each_name_has_versions_of_its_own_and_each_kind_too(ledger):
    record_decision(ledger, with_document("policy", version="20"), signer("ledger"), only_at=0)
    check_not_older(ledger, with_document("policy", name="another", version="2", digest="0" * 64))
    other = replace(DECISION, environment=Input(name=DECISION.policy.name, version="2", digest="0" * 64))
    check_not_older(ledger, replace(other, policy=replace(DECISION.policy, version="20")))


def test_what_is_no_decision_is_not_asked_for_versions(ledger):
    record_approval(ledger, b"approval", signer("ledger"), only_at=0)
    record_order(ledger, halt().make(BINDINGS), signer("ledger"))
    check_not_older(ledger, DECISION)


@pytest.mark.parametrize(("clock", "refused"), [("2026-04-10T11:55:00Z", False), ("2026-04-10T11:54:59Z", True)])
@pytest.mark.parametrize("moments", [(NOW,), (NOW, "2026-04-10T11:00:00Z"), ("2026-04-10T11:00:00Z", NOW)])
def test_a_clock_behind_the_newest_decision_is_refused_beyond_the_tolerated_skew(ledger, moments, clock, refused):
    for index, moment in enumerate(moments):
        decision = replace(DECISION, evaluated_on=moment)
        record_decision(ledger, decision, signer("ledger"), only_at=index)
    if not refused:
        check_clock(ledger, Instant.parse(clock))
        return
    with pytest.raises(InputError) as told:
        check_clock(ledger, Instant.parse(clock))
    assert told.value.code == "TIME-EFFECTIVE"
    assert clock in told.value.found
    assert NOW in told.value.found


def test_before_the_first_decision_any_clock_will_do(ledger):
    record_order(ledger, halt().make(BINDINGS), signer("ledger"))
    check_clock(ledger, Instant.parse("2020-01-01T00:00:00Z"))


def test_the_two_keys_of_the_gate_are_never_one():
    from gatekeeper.gate import Keys

    assert Keys(gate=signer("gate"), ledger=signer("ledger"))
    with pytest.raises(InputError) as caught:
        Keys(gate=signer("gate"), ledger=signer("gate"))
    assert caught.value.code == "SIGNER"


def test_a_decision_is_recorded_before_its_approval_and_the_approval_before_anybody_has_it(tmp_path):
    gate = Gate.make(tmp_path)
    issued = gate.issue(World().files(), at=NOW)
    with gate.ledger() as ledger:
        decision, approval = ledger.entries()
    assert (decision.kind, approval.kind, approval.content) == ("decision", "approval", issued.approval)
    assert issued.index == 1


@pytest.mark.parametrize("world", [World().without("hsm.json"), World().adding("f.json", freeze("signer-release"))])
def test_a_decision_that_does_not_approve_is_recorded_too(tmp_path, world):
    gate = Gate.make(tmp_path)
    issued = gate.issue(world.files())
    assert (issued.approval, issued.not_after, issued.index) == (None, None, 0)
    assert gate.recorded() == ["decision"]
