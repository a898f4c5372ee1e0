"""The requirement `approved-before`: what is to run was commissioned before, by the gate, for this very place."""

from dataclasses import replace

import pytest
from world.keys import digest
from world.policy_changes import approval
from world.registry import World

ID, FILE = "commissioned", "approval.json"
REQUIREMENT = {"id": ID, "title": "The gate approved it before", "kind": "approved-before"}


def world(**pieces):
    asking = World().with_document("policy", lambda said: said["spec"]["requirements"].append(REQUIREMENT))
    for name, piece in pieces.items():
        asking = asking.adding(f"{name}.json", piece)
    return asking


def saying(*changes):
    return approval().change(*changes)


def test_an_expired_approval_under_an_older_inventory_still_shows_what_was_approved(judge, digest_of):
    approved = world(approval=approval())
    judged = judge(ID, approved)
    assert judged.outcome == "met"
    assert [f.found for f in judged.for_it] == [
        "signer 2.9.4 was approved on 2025-11-03T09:00:00Z for stage canary",
    ]
    assert {(f.code, f.evidence) for f in judged.for_it} == {("APPROVED-BEFORE", (digest_of(FILE, approved),))}


OTHERS = "evidence/approval.json: an approval of signer 2.9.4 with other components"


@pytest.mark.parametrize(
    ("piece", "found"),
    [
        (approval(swapped="rollover-agent"), f"{OTHERS} ('rollover-agent, rollover-agent')"),
        (replace(approval(), subjects=approval().subjects[1:]), f"{OTHERS} ('signer')"),
        (
            replace(approval(), subjects=(*approval().subjects, ("extra", {"sha256": "0" * 64}))),
            f"{OTHERS} ('extra')",
        ),
        (
            approval(stage="laboratory"),
            "evidence/approval.json: an approval for 'example-production', stage 'laboratory'",
        ),
        (
            saying(lambda said: said["environment"].update(name="elsewhere")),
            "evidence/approval.json: an approval for 'elsewhere', stage 'canary'",
        ),
        (
            saying(lambda said: said.update(development=True)),
            "evidence/approval.json: an approval made under a development trust root",
        ),
    ],
    ids=["another file", "one fewer", "one more", "another stage", "another environment", "a development root"],
)
def test_an_approval_of_something_else_denies(judge, piece, found):
    assert judge(ID, world(approval=piece)).against == [("APPROVED-BEFORE", "unmet", found)]


def test_a_development_approval_counts_under_a_development_root(judge):
    piece = saying(lambda said: said.update(development=True))
    development = world(approval=piece).with_document("trust", lambda said: said["metadata"].update(development=True))
    assert judge(ID, development).outcome == "met"


def test_one_fitting_approval_is_enough_and_the_others_are_noted(judge):
    judged = judge(ID, world(approval=approval(), earlier=approval(stage="laboratory")))
    assert judged.outcome == "met"
    assert [note.found for note in judged.notes] == [
        "evidence/earlier.json: an approval for 'example-production', stage 'laboratory'"
    ]


def test_without_an_approval_nothing_can_be_concluded(judge):
    judged = judge(ID, world())
    assert judged.against == [
        ("EVID-MISSING", "inconclusive", "none of 8 pieces of evidence is a commissioning approval")
    ]
    assert "from the gate" in judged.result.findings[0].wanted


@pytest.mark.parametrize("signers", [("owners",), ("ledger",), ("operations-1", "operations-2")])
def test_an_approval_that_the_gate_did_not_sign_is_no_approval(judge, signers):
    judged = judge(ID, world(approval=replace(approval(), signers=signers)))
    found = "evidence/approval.json: a commissioning approval that the gate did not sign"
    assert judged.against == [("SIG-ROLE", "inconclusive", found)]


def test_a_party_that_may_say_so_still_does_not_approve(judge):
    def grant(trust):
        trust["spec"]["parties"][3]["may"].append("commissioning-approval")

    forged = world(approval=replace(approval(), signers=("hsm-lab",))).with_document("trust", grant)
    assert [code for code, _, _ in judge(ID, forged).against] == ["SIG-ROLE"]


def test_an_approval_from_the_future_is_no_history(judge):
    later = saying(lambda said: said.update(issuedOn="2026-04-10T12:05:01Z"))
    assert [code for code, _, _ in judge(ID, world(approval=later)).against] == ["EVID-STALE"]
    skewed = saying(lambda said: said.update(issuedOn="2026-04-10T12:05:00Z"))
    assert judge(ID, world(approval=skewed)).outcome == "met"


def test_the_decision_names_the_gate_as_the_speaker():
    evidence = world(approval=approval()).judge().decision.evidence
    assert [item.said_by for item in evidence if item.name == "evidence/approval.json"] == [("the gate",)]


def test_the_way_back_does_not_lead_to_what_rested_on_evidence_that_was_taken_back(judge):
    piece = saying(lambda said: said.update(evidence=[digest("rollback"), digest("probe")]))
    for revoked, outcome in (("probe", "inconclusive"), ("something else", "met")):
        gone = [{"sha256": digest(revoked), "reason": "the probe ran against the laboratory"}]
        taken_back = world(approval=piece).with_document(
            "trust", lambda said, gone=gone: said["spec"].update(revoked={"attestations": gone})
        )
        judged = judge(ID, taken_back)
        assert judged.outcome == outcome
        assert [code for code, _, _ in judged.against] == ["EVID-REVOKED"] * (outcome != "met")
