"""What the gate computes again from the steps of an exercise that is called completed."""

import base64
import copy
import json
from itertools import count

import pytest
from world.documents import SERIALS
from world.hsm_rows import answer, zone_dnskey
from world.pieces import ZONE
from world.rollovers import KEYS, RETIRING, SUCCESSOR, WITHOUT_NONCE, observed

from attestations.predicates.hsm_key_coverage import Exercise
from attestations.records import decode
from attestations.strict import read_json
from gatekeeper import hsm_observations
from gatekeeper.hsm_observations import contradictions

PRODUCTION = frozenset(SERIALS)
NOT_ROLLED = "no successor was seen active in every HSM of production, and its predecessor removed from every one"
LOSS = "hsm-loss-during-rollover"
ACTIVATED, GENERATED, USED, REMOVED = range(4)
LOST = 1


def said(run, zone=ZONE, production=PRODUCTION):
    record = decode(read_json(json.dumps(run).encode(), "exercise"), Exercise)
    return list(contradictions(record, zone, production))


def changed(change, scenario="zsk-rollover", down=None):
    run = copy.deepcopy(observed(scenario, down))
    change(run)
    return run


def row(number, hsm=1, **fields):
    return lambda run: run["events"][number]["possession"][hsm].update(fields)


def signing(number, hsm=1, **fields):
    return lambda run: run["events"][number]["signing"][hsm].update(fields)


def event(number, **fields):
    return lambda run: run["events"][number].update(fields)


@pytest.mark.parametrize(("scenario", "down"), [("zsk-rollover", None), ("ksk-rollover", None), (LOSS, "C2")])
def test_an_honest_run_contradicts_nothing(scenario, down):
    assert said(observed(scenario, down)) == []


def test_a_run_on_more_hsms_than_production_has_is_as_good():
    assert said(observed("zsk-rollover"), production=frozenset({"A1", "C2"})) == []


def told():
    """Return a run that is told in words alone."""
    run = observed("zsk-rollover")
    run["keys"] = []
    for event in run["events"]:
        event.update(key=None, possession=[], published=[], signing=[])
    return run


def test_a_run_that_is_only_told_shows_nothing():
    assert said(told()) == ["no step shows what an HSM held or signed"]


@pytest.mark.parametrize("seen", ["possession", "signing"])
def test_a_run_whose_keys_were_left_out_rolled_none(seen):
    run = told()
    run["events"][0][seen] = observed("zsk-rollover")["events"][USED][seen]
    assert NOT_ROLLED in said(run)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (signing(USED, verified=17), "activate successor: 17 of 18 signatures of HSM B7 verify"),
        (signing(USED, verified=0, signatures=0), "activate successor: 0 of 0 signatures of HSM B7 verify"),
        (signing(USED, zone="invalid"), "activate successor: 18 of 18 signatures of HSM B7 verify"),
        (signing(USED, zone=None), "activate successor: 18 of 18 signatures of HSM B7 verify"),
        (row(USED, privateKeys=2), "activate successor: HSM B7 does not hold the key"),
        (row(USED, privateKeys=0), "activate successor: HSM B7 does not hold the key"),
        (row(GENERATED, privateKeys=0), "generate successor: HSM B7 does not hold the key"),
        (row(USED, signature=None), "activate successor: HSM B7 does not hold the key"),
        (row(USED, signature="AAAAA"), "activate successor: HSM B7 does not hold the key"),
        (lambda run: run["keys"][SUCCESSOR].update(algorithm=250), "activate successor: HSM A1 does not hold the key"),
        (row(USED, publicKey="AAAA"), "activate successor: HSM B7 does not hold the key"),
        (row(USED, key=RETIRING), "activate successor: HSM B7 answers for another key than the one that"),
        (row(USED, hsm=0, serial="B7"), "activate successor: HSM B7 does not hold the key"),
        (row(REMOVED, privateKeys=1), "remove retiring: HSM B7 still holds the key"),
        (row(REMOVED, publicKey="AAAA"), "remove retiring: HSM B7 still holds the key"),
        (event(USED, key=9), "activate successor: HSM A1 answers for another key than the one that"),
        (event(USED, key=None), "activate successor: HSM A1 answers for another key than the one that"),
        (lambda run: run["serials"].append("A1"), "the same serial more than once: slots of one HSM are one HSM"),
    ],
    ids=count(),
)
def test_an_observation_against_it_is_told_with_step_and_hsm(change, found):
    assert any(text.startswith(found) for text in said(changed(change)))


def test_another_key_behind_the_same_name_does_not_prove_it():
    def other(run):
        run["events"][USED]["possession"][1] = answer("B7", SUCCESSOR, "another", WITHOUT_NONCE)

    assert said(changed(other)) == ["activate successor: HSM B7 does not hold the key"]


def test_a_run_in_another_zone_proves_nothing_for_this_one():
    assert "activate retiring: HSM A1 does not hold the key" in said(observed("zsk-rollover"), zone="other.")


@pytest.mark.parametrize(
    "change",
    [
        lambda run: run["events"].pop(USED),
        lambda run: run["events"].pop(REMOVED),
        lambda run: run["events"].pop(ACTIVATED),
        lambda run: run["events"].reverse(),
        lambda run: run["events"][ACTIVATED]["possession"].pop(),
        lambda run: run["events"][ACTIVATED]["signing"].pop(),
        lambda run: run["events"][USED]["possession"].pop(),
        lambda run: run["events"][USED]["signing"].pop(),
        lambda run: run["events"][REMOVED]["possession"].pop(),
        event(ACTIVATED, action="publish"),
        event(REMOVED, action=None, possession=[]),
        lambda run: run.update(scenario="ksk-rollover"),
        lambda run: run["keys"][SUCCESSOR].update(flags=257),
    ],
    ids=count(),
)
def test_a_rollover_of_which_a_part_was_not_seen_in_every_hsm_is_none(change):
    assert said(changed(change)) == [NOT_ROLLED]


@pytest.mark.parametrize("number", [2, 9, None])
def test_steps_about_a_key_that_is_not_there_show_nothing(number):
    def elsewhere(run):
        for at in (ACTIVATED, REMOVED):
            run["events"][at]["key"] = number
            for answered in run["events"][at]["possession"]:
                answered["key"] = number or 0

    told = said(changed(elsewhere))
    assert told[-1] == NOT_ROLLED
    assert told[0].startswith("activate retiring: HSM A1 answers for another key than the one that")


def test_retiring_the_old_key_is_not_removing_it():
    def retired(run):
        held = run["events"][ACTIVATED]["possession"]
        run["events"][REMOVED].update(action="retire", possession=held)

    assert said(changed(retired)) == [NOT_ROLLED]


def test_one_signature_is_a_signing_run_and_none_is_not():
    assert said(changed(signing(USED, signatures=1, verified=1))) == []
    assert said(changed(signing(USED, signatures=0, verified=0))) != []


def test_a_key_that_replaces_itself_is_no_rollover():
    def same(run):
        run["keys"][SUCCESSOR] = zone_dnskey(KEYS[RETIRING], 256)
        for step in run["events"][GENERATED:REMOVED]:
            step["possession"] = [answer(serial, SUCCESSOR, KEYS[RETIRING], WITHOUT_NONCE) for serial in SERIALS]

    assert said(changed(same)) == [NOT_ROLLED]


def test_while_an_hsm_is_down_others_may_wait_with_the_new_key():
    waits = row(LOST + 1, privateKeys=0, publicKey=None, signature=None)
    assert said(changed(waits, LOSS, "C2")) == []
    assert said(changed(row(LOST, privateKeys=0), LOSS, "C2")) == ["lose retiring: HSM B7 does not hold the key"]
    assert said(changed(row(LOST + 1, signature=None), LOSS, "C2")) == [
        "generate successor: HSM B7 does not hold the key"
    ]


def never_down(run):
    run["events"] = observed("zsk-rollover")["events"]


def nobody_answered(run):
    never_down(run)
    run["events"].append({**run["events"][USED], "action": None, "possession": [], "signing": []})


def nobody_was_down(run):
    never_down(run)
    run["serialsDown"] = []


def answered_by_signing(run):
    for step in run["events"][LOST : LOST + 2]:
        step["signing"].append({**step["signing"][0], "serial": "C2"})


def down_before_and_after(run):
    lost = run["events"][LOST : LOST + 2]
    never_down(run)
    run["events"] = [*lost, *run["events"], *lost]


@pytest.mark.parametrize(
    "change", [never_down, nobody_answered, nobody_was_down, answered_by_signing, down_before_and_after]
)
def test_an_hsm_that_answered_at_every_step_was_not_lost(change):
    assert said(changed(change, LOSS, "C2")) == [
        "no step of the rollover at which the HSM that was down gave no answer while others did"
    ]


def times(*seconds):
    def change(run):
        for step, second in zip(run["events"], seconds, strict=True):
            step["at"] = f"2026-04-10T10:01:0{second}Z"

    return changed(change)


def test_steps_run_forwards():
    assert said(times(0, 1, 1, 2)) == []
    assert said(times(0, 2, 1, 2)) == ["times that run backwards"]


def test_an_algorithm_rollover_is_one_from_another_algorithm():
    run = {**observed("zsk-rollover"), "scenario": "algorithm-rollover"}
    assert said(run) == [NOT_ROLLED]
    rsa = "AwEAAc" + base64.b64encode(bytes(range(1, 130))).decode()
    run["keys"][RETIRING] = {**run["keys"][RETIRING], "algorithm": 8, "publicKey": rsa}
    assert NOT_ROLLED not in said(run)  # what the HSMs signed for it no longer fits, and that is told


def test_steps_and_keys_are_bounded(monkeypatch):
    run = observed("zsk-rollover")
    monkeypatch.setattr(hsm_observations, "MAX_STEPS", 4)
    assert said(run) == []
    monkeypatch.setattr(hsm_observations, "MAX_STEPS", 3)
    assert said(run) == ["more than 3 steps or 32 keys"]
    monkeypatch.undo()
    monkeypatch.setattr(hsm_observations, "MAX_KEYS", 2)
    assert said(run) == []
    monkeypatch.setattr(hsm_observations, "MAX_KEYS", 1)
    assert said(run) == ["more than 500 steps or 1 keys"]
