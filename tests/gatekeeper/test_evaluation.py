"""The decision: approve only from a complete set of results, from nothing but its inputs, always in the same bytes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world.documents import COMPONENTS, NOW
from world.pieces import freeze, halt, sign_off
from world.registry import World

from attestations.times import Instant
from gatekeeper import evaluation
from gatekeeper.decision import Verdict
from gatekeeper.evaluation import conclude, evaluate
from gatekeeper.finding import Outcome, Result, inconclusive, met, note, unmet
from gatekeeper.gate import decide
from gatekeeper.requirements import hsm_key_coverage

MET, UNMET, INCONCLUSIVE, WAIVED = Outcome.MET, Outcome.UNMET, Outcome.INCONCLUSIVE, Outcome.WAIVED
FREEZE = (unmet("FROZEN", "found", "wanted", "next"),)
ROOT = Path(__file__).resolve().parents[2]


def result(number, outcome):
    return Result(id=f"r{number}", kind="test-result", title="t", outcome=outcome, findings=())


def results(*outcomes):
    return tuple(result(number, outcome) for number, outcome in enumerate(outcomes))


def ids(*outcomes):
    return [f"r{number}" for number in range(len(outcomes))]


@pytest.mark.parametrize(
    ("outcomes", "frozen", "verdict"),
    [
        ((MET,), (), "approve"),
        ((WAIVED,), (), "approve"),
        ((MET, WAIVED), (), "approve"),
        ((UNMET,), (), "deny"),
        ((MET, UNMET), (), "deny"),
        ((UNMET, INCONCLUSIVE), (), "deny"),
        ((WAIVED, UNMET), (), "deny"),
        ((INCONCLUSIVE,), (), "inconclusive"),
        ((MET, INCONCLUSIVE), (), "inconclusive"),
        ((WAIVED, INCONCLUSIVE), (), "inconclusive"),
        ((Outcome.NOTE,), (), "inconclusive"),
        ((MET, Outcome.NOTE), (), "inconclusive"),
        ((MET,), FREEZE, "frozen"),
        ((UNMET,), FREEZE, "frozen"),
        ((INCONCLUSIVE, UNMET), FREEZE, "frozen"),
    ],
)
def test_frozen_before_deny_before_inconclusive_before_approve(outcomes, frozen, verdict):
    assert conclude(results(*outcomes), ids(*outcomes), frozen) == Verdict(verdict)


def test_each_verdict_has_the_exit_code_of_the_table():
    assert {verdict.value: verdict.exit_code for verdict in Verdict} == {
        "approve": 0,
        "deny": 10,
        "inconclusive": 11,
        "frozen": 12,
    }


some = st.lists(st.sampled_from([MET, WAIVED, UNMET, INCONCLUSIVE]), min_size=1, max_size=5)


@given(some)
def test_it_approves_exactly_where_all_are_met_or_waived(outcomes):
    approved = conclude(results(*outcomes), ids(*outcomes), ()) is Verdict.APPROVE
    assert approved == all(outcome in (MET, WAIVED) for outcome in outcomes)


@given(st.integers(1, 6), st.data())
def test_with_any_one_result_dropped_added_repeated_swapped_or_renamed_nothing_is_decided(count, data):
    complete = results(*(MET,) * count)
    at = data.draw(st.integers(0, count - 1))
    spoilt = {
        "dropped": complete[:at] + complete[at + 1 :],
        "added": (*complete, result(count, MET)),
        "repeated": (*complete[:at], complete[at], *complete[at:]),
        "renamed": tuple(replace(r, id="another") if n == at else r for n, r in enumerate(complete)),
        "doubled": tuple(complete[(at + 1) % count] if n == at else r for n, r in enumerate(complete)),
    }
    if count == 1:
        del spoilt["doubled"]
    for wrong in spoilt.values():
        with pytest.raises(RuntimeError):
            conclude(wrong, ids(*complete), ())
    assert conclude(complete, ids(*complete), ()) is Verdict.APPROVE


def test_no_results_for_no_requirements_decide_nothing():
    with pytest.raises(RuntimeError):
        conclude((), (), ())


def test_a_frozen_gate_too_decides_nothing_on_results_that_are_not_the_policys():
    with pytest.raises(RuntimeError):
        conclude(results(MET, MET), ids(MET), FREEZE)


def test_every_requirement_of_the_policy_has_its_result_in_the_order_of_the_policy():
    judgement = World().judge()
    wanted = [requirement.id for requirement in judgement.policy.record.spec.requirements]
    assert [result.id for result in judgement.decision.results] == wanted


@settings(max_examples=12)
@given(st.sets(st.sampled_from(sorted(World().pieces)), min_size=1, max_size=8))
def test_without_any_part_of_the_evidence_nothing_is_approved(gone):
    decision = World().without(*gone).judge().decision
    assert decision.verdict is not Verdict.APPROVE
    assert {result.id for result in decision.results} == {result.id for result in World().judge().decision.results}


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_evidence_changes_nothing_but_the_order_in_which_findings_stand(random):
    inputs = World().inputs()
    shuffled = list(inputs.offered)
    random.shuffle(shuffled)
    now = Instant.parse(NOW)
    straight = decide(inputs, now).decision
    mixed = decide(replace(inputs, offered=tuple(shuffled)), now).decision
    assert mixed.case_digest == straight.case_digest
    assert mixed.evidence == straight.evidence
    assert [(r.id, r.outcome, r.codes, r.evidence) for r in mixed.results] == [
        (r.id, r.outcome, r.codes, r.evidence) for r in straight.results
    ]


def test_the_same_inputs_give_the_same_bytes_twice():
    judgement = World().judge()
    assert evaluate(judgement.case, judgement.policy).to_json() == judgement.decision.to_json()


def test_another_time_changes_the_decision_and_not_the_case_that_people_sign():
    early, late = World().judge().decision, replace(World(), now="2026-04-10T12:30:00Z").judge().decision
    assert early.digest != late.digest
    assert early.case_digest == late.case_digest


@pytest.mark.parametrize("name", ["request", "environment", "policy", "trust"])
def test_one_more_byte_in_a_document_changes_the_case_that_people_sign(name):
    files = World(signing_off=()).files()
    changed = files | {f"{name}.yaml": files[f"{name}.yaml"] + b"#\n"}
    digests = {decide(World().inputs(f), Instant.parse(NOW)).decision.case_digest for f in (files, changed)}
    assert len(digests) == 2


def test_evidence_that_is_refused_is_part_of_the_case_that_people_sign():
    files = World().files()
    more = files | {"evidence/text.json": b"{}"}
    digests = {decide(World().inputs(f), Instant.parse(NOW)).decision.case_digest for f in (files, more)}
    assert len(digests) == 2


def test_a_sign_off_is_no_part_of_the_case_that_people_sign():
    assert World().judge().decision.case_digest == World(signing_off=()).judge().decision.case_digest


def test_an_outcome_is_part_of_the_case_that_people_sign():
    """The bytes are the same; twelve hours later the zone was validated too long ago."""
    late = replace(World(), now="2026-04-11T12:00:00Z").judge().decision
    assert late.case_digest != World().judge().decision.case_digest


def test_every_piece_offered_is_listed_with_what_became_of_it():
    files = World().files() | {"evidence/text.json": b"{}"}
    considered = decide(World().inputs(files), Instant.parse(NOW)).decision.evidence
    assert [item.name for item in considered] == sorted(name for name in files if name.startswith("evidence/"))
    refused = {item.name: item.refusal.code for item in considered if item.refusal}
    assert list(refused) == ["evidence/text.json"]


def test_a_refused_piece_is_a_note_where_enough_others_count_and_a_cause_where_none_does():
    extra = World().adding("text.json", replace(World().pieces["hsm.json"], signers=("mallory",))).judge().decision
    by_id = {result.id: result for result in extra.results}
    assert by_id["one-key-in-every-hsm"].outcome is MET
    assert "SIG-UNTRUSTED" in {f.code for f in by_id["one-key-in-every-hsm"].findings if f.outcome is Outcome.NOTE}
    alone = World().with_piece("hsm.json", lambda piece: replace(piece, signers=("mallory",))).judge().decision
    assert alone.reason_codes == ("SIG-UNTRUSTED",)


def outcome_of(world, wanted_id):
    judgement = world.judge()
    result = next(result for result in judgement.decision.results if result.id == wanted_id)
    return result.outcome, judgement.decision.verdict


@pytest.mark.parametrize(
    ("world", "outcome", "verdict"),
    [
        (World(), MET, Verdict.APPROVE),
        (World().without("hsm.json"), INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (World().with_predicate("hsm.json", lambda p: p["exercises"].clear()), UNMET, Verdict.DENY),
    ],
    ids=["shown", "missing", "shown otherwise"],
)
def test_a_requirement_is_met_unmet_or_inconclusive_as_its_evidence_shows(world, outcome, verdict):
    assert outcome_of(world, "one-key-in-every-hsm") == (outcome, verdict)


def notes_alone(*_):
    yield note("COV-HSM", "worth showing")


def nothing(*_):
    return iter(())


@pytest.mark.parametrize("shown", [notes_alone, nothing])
def test_a_requirement_about_which_nothing_is_shown_is_inconclusive(monkeypatch, shown):
    world = World(signing_off=())
    kind = evaluation.KINDS[hsm_key_coverage.Options]
    silent = type(kind)(wanted=kind.wanted, check=shown)
    monkeypatch.setattr(evaluation, "KINDS", MappingProxyType({**evaluation.KINDS, hsm_key_coverage.Options: silent}))
    assert outcome_of(world, "one-key-in-every-hsm") == (INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert "EVID-MISSING" in world.judge().decision.reason_codes
    judged = next(r for r in world.judge().decision.results if r.id == "one-key-in-every-hsm")
    assert len(judged.findings) == len(list(shown())) + 1, "what was shown stays"


def test_a_requirement_partly_shown_and_partly_not_is_inconclusive(monkeypatch):
    def half(*_):
        yield met("COV-HSM", "shown", ())
        yield inconclusive("COV-HSM", "not shown", "wanted", "next")

    kind = evaluation.KINDS[hsm_key_coverage.Options]
    halved = type(kind)(wanted=kind.wanted, check=half)
    monkeypatch.setattr(evaluation, "KINDS", MappingProxyType({**evaluation.KINDS, hsm_key_coverage.Options: halved}))
    assert outcome_of(World(), "one-key-in-every-hsm")[0] is INCONCLUSIVE


def test_a_sign_off_that_is_refused_is_no_part_of_the_case_that_people_sign():
    stray = World().adding("stray.json", replace(sign_off("alice", "0" * 64), signers=("mallory",)))
    assert stray.judge().decision.case_digest == World().judge().decision.case_digest


def test_a_requirement_shown_unmet_is_not_softened_by_evidence_that_is_missing():
    world = World().with_predicate("halt.json", lambda predicate: predicate["faults"][0].update(unattended=False))
    assert world.without("hsm.json").judge().decision.verdict is Verdict.DENY


def test_a_halt_freezes_what_else_would_be_denied():
    world = World().adding("halt-order.json", halt()).with_predicate("hsm.json", lambda p: p["exercises"].clear())
    decision = world.judge().decision
    assert decision.verdict is Verdict.FROZEN
    assert decision.reason_codes == ("COV-HSM", "HALT")


def test_the_decision_says_under_what_it_was_made():
    decision = World().adding("freeze.json", freeze("rollback")).judge().decision
    said = decision.to_json()
    assert (said["decision"], said["exitCode"], said["evaluatedOn"]) == ("approve", 0, NOW)
    assert (said["policy"]["name"], said["policy"]["version"]) == ("tld-signer-release", "1")
    assert (said["trust"]["name"], said["trust"]["version"]) == ("registry", "12")
    assert (said["environment"]["name"], said["environment"]["version"]) == ("example-production", "7")
    assert (said["request"]["name"], said["request"]["version"]) == ("r-2026-0042", "3.0.1")
    assert (said["stage"], said["change"], said["release"]) == ("canary", "signer-release", "signer")
    assert said["trust"]["development"] is False
    assert [part["name"] for part in said["components"]] == list(COMPONENTS)
    provenance = next(item for item in said["evidence"] if item["name"] == "evidence/provenance.json")
    assert provenance["saidBy"] == ["ci-builder"]
    sign_off = next(item for item in said["evidence"] if item["name"] == "evidence/sign-off-alice.json")
    assert sign_off["saidBy"] == ["alice"]


PLACES = [
    {"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "0"},
    {"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4242"},
]


def test_the_same_inputs_give_the_same_bytes_in_every_time_zone_language_and_hash_order(tmp_path):
    World().write(tmp_path)
    files = [f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust")]
    command = [sys.executable, "-m", "gatekeeper", "evaluate", *files, "--at", NOW, "--report", "json"]
    told = set()
    for place in PLACES:
        variables = {**os.environ, **place, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, check=True)
        told.add(done.stdout)
    assert len(told) == 1
