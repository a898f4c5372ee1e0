"""Waivers: narrow, signed by the right people, short, and never forgotten."""

from dataclasses import replace

import pytest
from attacks.d3 import DRILL, about, saying, slow_drill, waived
from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import waiver
from world.registry import World

from gatekeeper.finding import Outcome


def drill(world):
    """The result of the requirement that the waiver is for."""
    return next(result for result in world.judge().decision.results if result.id == DRILL)


def reasons(world):
    """Why waivers do not count, as findings say."""
    return [finding.found.split("does not count: ")[1] for finding in drill(world).findings if finding.code == "WAIVER"]


def with_rules(world, **rules):
    return world.with_document("policy", lambda policy: policy["spec"]["waivers"].update(rules))


def test_a_waived_requirement_keeps_its_findings_and_says_who_waived_it_why_and_until_when():
    result = drill(waived())
    assert result.outcome is Outcome.WAIVED
    assert "HALT-DRILL" in result.codes
    assert result.waiver.owner == "carol"
    assert result.waiver.approvers == ("carol", "dave")
    assert result.waiver.reason == "the drill runs on Monday, after the move of the laboratory"
    assert result.waiver.not_after == "2026-04-12T00:00:00Z"
    assert len(result.waiver.evidence) == 64


def test_approvers_are_told_by_name_however_the_trust_root_lists_them():
    world = waived().with_document("trust", lambda trust: trust["spec"]["people"].reverse())
    assert drill(world).waiver.approvers == ("carol", "dave")


def test_what_is_waived_stands_in_no_reason_code():
    decision = waived().judge().decision
    assert decision.verdict.value == "approve"
    assert decision.reason_codes == ()


def test_a_requirement_that_is_met_needs_no_waiver_and_shows_none():
    result = drill(World().adding("waiver.json", waiver(DRILL, "carol", "dave")))
    assert (result.outcome, result.waiver) == (Outcome.MET, None)


def test_a_waiver_of_one_requirement_waives_no_other():
    world = waived().with_predicate("rollback.json", lambda predicate: predicate.update(restoreSeconds=901))
    decision = world.judge().decision
    assert {r.id: r.outcome for r in decision.results}["way-back"] is Outcome.UNMET
    assert decision.verdict.value == "deny"


def test_inconclusive_can_be_waived_as_unmet_can():
    assert drill(waived().without("halt.json")).outcome is Outcome.WAIVED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (saying(notAfter="2026-04-10T12:00:00Z"), "in force from 2026-04-10T00:00:00Z to 2026-04-10T12:00:00Z only"),
        (saying(notBefore="2026-04-10T12:00:01Z"), "in force from 2026-04-10T12:00:01Z to 2026-04-12T00:00:00Z only"),
        (saying(notAfter="2026-04-24T00:00:01Z"), "longer than the 14d that the policy allows"),
        (about((("signer", {"sha256": digest("signer")}),)), "it does not name every component of this release"),
    ],
    ids=["ended", "not begun", "too long", "too few components"],
)
def test_a_waiver_that_does_not_count_is_a_cause_with_its_reason(change, reason):
    assert reasons(waived(change)) == [reason]
    result = drill(waived(change))
    assert result.outcome is Outcome.UNMET
    assert result.codes == ("HALT-DRILL", "WAIVER")
    assert result.waiver is None
    finding = next(finding for finding in result.findings if finding.code == "WAIVER")
    assert finding.outcome is Outcome.UNMET
    assert finding.wanted
    assert "spec.waivers" in finding.next
    assert len(finding.evidence) == 1


def test_where_evidence_is_missing_a_waiver_that_does_not_count_leaves_it_missing():
    result = drill(waived(saying(notAfter="2026-04-10T11:00:00Z")).without("halt.json"))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert {finding.outcome for finding in result.findings} == {Outcome.INCONCLUSIVE}


@pytest.mark.parametrize(
    "change",
    [
        saying(notAfter="2026-04-10T12:00:01Z"),
        saying(notBefore="2026-04-10T12:00:00Z"),
        saying(notAfter="2026-04-24T00:00:00Z"),
        about((*((name, {"sha256": digest(name)}) for name in COMPONENTS), ("notes", {"sha256": digest("notes")}))),
    ],
    ids=["last second", "first second", "longest", "more than the components"],
)
def test_up_to_the_boundary_a_waiver_counts(change):
    assert drill(waived(change)).outcome is Outcome.WAIVED


def test_a_requirement_that_can_never_be_waived_stays_unmet():
    world = waived().with_document(
        "policy", lambda p: next(r for r in p["spec"]["requirements"] if r["id"] == DRILL).update(waivable=False)
    )
    assert reasons(world) == ["this requirement can never be waived"]


def test_without_rules_the_policy_allows_no_waivers():
    world = waived().with_document("policy", lambda policy: policy["spec"].pop("waivers") and None)
    assert reasons(world) == ["the policy allows no waivers"]


@pytest.mark.parametrize(
    ("people", "missing"),
    [
        (("carol",), "1 x security-officer"),
        (("dave",), "1 x release-manager"),
        (("bob", "dave"), "1 x release-manager"),
        (("erin", "dave"), "1 x release-manager"),
    ],
)
def test_the_right_people_must_have_signed(people, missing):
    text = f"not signed by enough people apart from the change: {missing} missing"
    assert reasons(waived(lambda piece: piece, *people)) == [text]


def test_several_places_that_are_empty_are_all_told():
    world = with_rules(waived(), approvers={"release-manager": 3, "security-officer": 2})
    assert reasons(world) == [
        "not signed by enough people apart from the change: 2 x release-manager, 1 x security-officer missing"
    ]


def test_one_person_with_two_roles_is_not_two_approvers():
    world = with_rules(waived(lambda piece: piece, "carol"), approvers={"release-manager": 1, "crypto-officer": 1})
    assert reasons(world)


@pytest.mark.parametrize("author", ["dave", "Dave@registry.example"])
def test_an_author_is_no_approver(author):
    world = waived().with_document("request", lambda r: r["metadata"].update(authors=[author]))
    assert reasons(world) == ["not signed by enough people apart from the change: 1 x security-officer missing"]


def test_the_requester_is_no_approver():
    world = waived().with_document("request", lambda r: r["metadata"].update(requester="dave@registry.example"))
    assert reasons(world) == ["not signed by enough people apart from the change: 1 x security-officer missing"]


@pytest.mark.parametrize(
    ("owner", "requester"),
    [
        ("carol", "carol@registry.example"),
        ("carol@registry.example", "Carol"),
        ("release-bot@registry.example", "Release-Bot@registry.example"),
    ],
)
def test_the_requester_is_no_owner(owner, requester):
    world = waived(saying(owner=owner)).with_document("request", lambda r: r["metadata"].update(requester=requester))
    assert reasons(world) == ["its owner is the requester"]


def test_an_owner_whom_nobody_knows_is_not_the_requester_whom_nobody_knows():
    assert drill(waived(saying(owner="the head of operations"))).outcome is Outcome.WAIVED


def test_of_several_waivers_one_that_counts_is_enough_and_the_others_are_notes():
    expired = saying(notAfter="2026-04-10T11:00:00Z")(waiver(DRILL, "carol", "dave"))
    for first, second in (("a.json", "b.json"), ("b.json", "a.json")):
        good = waiver(DRILL, "carol", "dave")
        result = drill(slow_drill().adding(first, expired).adding(second, good))
        assert result.outcome is Outcome.WAIVED
        assert [f.outcome for f in result.findings if f.code == "WAIVER"] == [Outcome.NOTE]


def test_two_good_waivers_of_one_requirement_do_not_refuse_each_other():
    """conforma/cli#2126."""
    longer = saying(notAfter="2026-04-13T00:00:00Z")(waiver(DRILL, "alice", "dave"))
    world = waived().adding("waiver-2.json", longer).signed_off_by("carol", "bob")
    assert drill(world).outcome is Outcome.WAIVED


def test_two_envelopes_of_one_waiver_count_for_everybody_who_signed_either():
    first, second = waiver(DRILL, "carol"), replace(waiver(DRILL, "carol"), signers=("dave",))
    assert drill(slow_drill().adding("a.json", first).adding("b.json", second)).outcome is Outcome.WAIVED
