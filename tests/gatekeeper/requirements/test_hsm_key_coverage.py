"""The requirement `hsm-key-coverage`: one and the same key in every HSM of production, and rollovers that ran there."""

from dataclasses import replace

import pytest
from attacks.c1 import SAME_TAG, TAG, tag_of
from attacks.evidence import subjects
from world.documents import COMPONENTS, SERIALS
from world.hsm_rows import answer, zone_dnskey
from world.keys import base64_text, digest, dnskey_form, zone_sign
from world.pieces import key_use
from world.registry import World
from world.rollovers import observed

from attestations import possession
from gatekeeper.requirements import hsm_key_coverage

ID, FILE = "one-key-in-every-hsm", "hsm.json"
ZSK = f"HSM B7, zsk tag {TAG}"
LOSS = (
    "hsm-loss-during-rollover is called completed and was not: no step of the rollover at which the HSM that was down "
    "gave no answer while others did"
)
TOLD = "zsk-rollover is called completed and was not: no step shows what an HSM held or signed"
TWICE = "serial A1 more than once: slots of one HSM are one HSM"
KSK_ROWS = slice(3, None)


def changed(*changes, world=None):
    """Apply changes, whatever they return."""

    def each(said):
        for change in changes:
            change(said)

    return (world or World()).with_predicate(FILE, each)


def row(number=1, **fields):
    """Change one answer; number 1 is HSM B7's for the ZSK."""
    return changed(lambda said: said["possession"][number].update(fields))


def key(number=0, **fields):
    return changed(lambda said: said["keys"][number].update(fields))


def hsm(number=1, **fields):
    return changed(lambda said: said["hsms"][number].update(fields))


def run(number=0, **fields):
    return changed(lambda said: said["exercises"][number].update(fields))


def policy(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][3].update(options))


def signed(challenge, name="zsk"):
    return {"challenge": challenge.hex(), "signature": base64_text(zone_sign(name, challenge))}


def challenge(zone="example.", serial="B7", nonce="5f2c" * 16):
    return possession.challenge(zone, serial, nonce, b"\1" * 32)


def seen(name, flags=256, verified=1):
    return World().with_predicate("zone-bind.json", lambda said: said["byKey"].append(key_use(name, flags, verified)))


def only_told():
    """A ZSK rollover that somebody wrote down and nobody saw."""
    step = {"step": "publish", "at": "2026-04-10T10:01:00Z", "observed": "new key in the DNSKEY set"}
    return run(events=[step], keys=[])


def test_one_key_in_every_hsm_meets_it_and_says_which(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    [finding] = judged.for_it
    assert finding.code == "HSM-KEY-IDENTITY"
    assert finding.found.startswith(f"example. tag {TAG} ")
    assert finding.found.endswith(": one key pair in each of 3 HSMs, proved by signature")
    assert finding.evidence == (digest_of(FILE, World()),)
    assert judged.notes == []


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (key(protocol=2), "a key with flags 256 and protocol 2"),
        (key(flags=384), "a key with flags 384 and protocol 3"),
        (key(1, flags=1), "a key with flags 1 and protocol 3"),
        (row(privateKeys=0), f"{ZSK}: 0 private keys"),
        (row(privateKeys=2), f"{ZSK}: 2 private keys"),
        (row(signature=None), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(publicKey=None, signature=None), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(signature="AAAA"), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(signature="AAAAA"), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(**signed(challenge(), "ksk")), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(**signed(challenge(zone="other."))), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(**signed(challenge(serial="A1"))), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(**signed(challenge(nonce="00" * 32))), f"{ZSK}: no challenge signature that the published key verifies"),
        (row(**signed(challenge() + b"\0")), f"{ZSK}: no challenge signature that the published key verifies"),
        (changed(lambda said: said["possession"].append(said["possession"][1])), f"{ZSK}: 2 answers"),
    ],
)
def test_a_key_that_is_not_shown_to_be_the_very_key_denies_and_says_where(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    assert ("HSM-KEY-IDENTITY", "unmet", found) in judged.against
    assert {code for code, _, _ in judged.against} == {"HSM-KEY-IDENTITY"}
    assert digest_of(FILE, world) in judged.result.evidence
    assert judged.for_it == []


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (hsm(serial="Z9"), "2 of 3 HSMs as in production"),
        (hsm(site="ams"), "B7 at ams (X, firmware 3.4)"),
        (hsm(model="Y"), "B7 at fra (Y, firmware 3.4)"),
        (hsm(firmware="3.3"), "B7 at fra (X, firmware 3.3)"),
        (changed(lambda said: said["hsms"].pop()), "2 of 3 HSMs as in production"),
        (
            changed(lambda said: said["hsms"].append(said["hsms"][0])),
            TWICE,
        ),
        (changed(lambda said: said["hsms"].append({**said["hsms"][0], "serial": "D9"})), "D9 at fra (X, firmware 3.4)"),
        (changed(lambda said: said["possession"].pop(1)), f"{ZSK}: no answer"),
        (run(completed=False), "no completed zsk-rollover"),
        (run(events=[]), "no completed zsk-rollover"),
        (run(1, scenario="zsk-rollover"), "no completed ksk-rollover"),
        (run(serials=["A1", "C2", "Z9"]), "zsk-rollover ran on 2 of 3 HSMs"),
        (run(serials=[]), "zsk-rollover ran on 0 of 3 HSMs"),
        (only_told(), TOLD),
        (run(2, serialsDown=[]), LOSS),
        (run(2, serialsDown=["Z9"]), LOSS),
        (
            run(2, serialsDown=[*SERIALS]),
            LOSS,
        ),
    ],
)
def test_an_hsm_that_was_not_asked_or_exercised_denies_and_says_which(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    assert ("COV-HSM", "unmet", found) in judged.against
    assert {code for code, _, _ in judged.against} == {"COV-HSM"}
    assert judged.result.evidence == (digest_of(FILE, world),)
    assert judged.for_it == []


@pytest.mark.parametrize(
    "world",
    [
        row(publicKey=None),
        row(**signed(challenge())),
        row(local=True, neverExtractable=True),
        hsm(slot=7),
        run(serials=[*SERIALS, "D9"]),
        run(2, **observed("hsm-loss-during-rollover", "A1")),
        run(2, **{**observed("hsm-loss-during-rollover", "A1"), "serialsDown": ["A1", "Z9"]}),
        changed(lambda said: said["exercises"].append({**observed("zsk-rollover"), "completed": False})),
        changed(lambda said: said["exercises"].append({**observed("zsk-rollover"), "serials": ["A1"]})),
        changed(lambda said: said["hsms"].reverse()),
        policy(scenarios=["zsk-rollover"]).with_predicate(
            FILE, lambda said: said["exercises"].__delitem__(slice(1, 3))
        ),
        seen(SAME_TAG[0], verified=0),
        seen("zsk"),
    ],
)
def test_the_honest_twin_of_each_refusal_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


def test_another_key_under_the_same_tag_denies_and_shows_both_fingerprints(judge):
    assert tag_of(SAME_TAG[0]) == tag_of(SAME_TAG[1]) == tag_of("zsk") == TAG
    world = changed(lambda said: said["possession"].__setitem__(1, answer("B7", 0, SAME_TAG[0])))
    [(code, outcome, found)] = judge(ID, world).against
    shown = key_use(SAME_TAG[0], 256, 0)["fingerprint"][:16]
    assert (code, outcome) == ("HSM-KEY-IDENTITY", "unmet")
    assert found == f"{ZSK}: another public key ({shown}…) than the published one"


def test_a_signature_by_the_published_key_does_not_excuse_another_public_key(judge):
    world = row(publicKey=base64_text(dnskey_form(SAME_TAG[0])))
    assert [code for code, _, _ in judge(ID, world).against] == ["HSM-KEY-IDENTITY"]


def test_two_answers_are_one_finding_whatever_they_say(judge):
    world = changed(lambda said: said["possession"].insert(1, answer("B7", 0, SAME_TAG[0])))
    assert judge(ID, world).against == [("HSM-KEY-IDENTITY", "unmet", f"{ZSK}: 2 answers")]


@pytest.mark.parametrize("member", ["nonce", "requestDigest"])
def test_evidence_that_was_not_made_for_this_request_does_not_count(judge, member):
    judged = judge(ID, changed(lambda said: said.pop(member)))
    assert [(code, outcome) for code, outcome, _ in judged.against] == [("EVID-STALE", "inconclusive")]


def test_two_private_keys_and_a_wrong_one_are_two_findings(judge):
    assert len(judge(ID, row(privateKeys=2, signature=None)).against) == 2


def test_every_hsm_is_asked_for_every_key(judge):
    world = changed(lambda said: said["possession"].__delitem__(KSK_ROWS))
    assert [found.split(",")[0] for _, _, found in judge(ID, world).against] == [f"HSM {s}" for s in SERIALS]


def test_an_answer_about_another_key_is_no_answer_about_this_one(judge):
    assert [found for _, _, found in judge(ID, row(key=7)).against] == [f"{ZSK}: no answer"]


def test_base64_that_does_not_decode_is_no_key(judge):
    world = changed(
        lambda said: said["keys"][0].update(publicKey="AAAAA"),
        *(lambda said, n=n: said["possession"][n].update(publicKey="AAAAA") for n in range(3)),
    )
    assert judge(ID, world).outcome == "unmet"


def test_an_unknown_algorithm_proves_nothing(judge):
    found = [found for _, _, found in judge(ID, key(algorithm=250)).against if "no challenge" in found]
    assert len(found) == 3


@pytest.mark.parametrize("role", ["zsk", "ksk"])
def test_each_kind_of_key_must_be_there_unless_the_policy_leaves_it_out(judge, role):
    def only(said):
        index = ("zsk", "ksk").index(role)
        said["keys"] = [said["keys"][index]]
        said["possession"] = [{**one, "key": 0} for one in said["possession"] if one["key"] == index]

    other = "ksk" if role == "zsk" else "zsk"
    judged = judge(ID, changed(only))
    assert ("COV-HSM", "unmet", f"no {other} among the keys") in judged.against
    assert judge(ID, policy(roles=[role]).with_predicate(FILE, only)).outcome == "met"


def test_no_keys_at_all_deny(judge):
    world = changed(lambda said: said.update(keys=[], possession=[]))
    assert [found for _, _, found in judge(ID, world).against][:2] == ["no zsk among the keys", "no ksk among the keys"]


@pytest.mark.parametrize(("flags", "role"), [(256, "zsk"), (257, "ksk")])
def test_a_key_that_signs_the_zone_and_was_asked_of_no_hsm_denies(judge, digest_of, flags, role):
    world = seen("unknown", flags)
    judged = judge(ID, world)
    shown = key_use("unknown", flags, 1)
    found = f"the zone is signed by key {shown['fingerprint'][:16]}… (tag {shown['tag']}), which no HSM was asked for"
    assert judged.against == [("HSM-KEY-IDENTITY", "unmet", found)]
    assert set(judged.result.evidence) == {digest_of(FILE, world), digest_of("zone-bind.json", world)}


def test_a_ksk_that_is_kept_elsewhere_may_sign(judge):
    world = policy(roles=["zsk"]).with_predicate(
        "zone-bind.json", lambda said: said["byKey"].append(key_use("offline", 257, 1))
    )
    assert judge(ID, world).outcome == "met"


def test_keys_of_another_zone_are_no_matter_of_this_one(judge):
    world = seen("unknown").with_predicate("zone-bind.json", lambda said: said["zone"].update(name="other."))
    assert judge(ID, world).outcome == "met"


def test_a_declared_tag_is_a_label_and_decides_nothing(judge, digest_of):
    world = key(declaredTag=12345)
    judged = judge(ID, world)
    assert judged.outcome == "met"
    assert [(note.code, note.found, note.evidence) for note in judged.notes] == [
        ("HSM-KEY-IDENTITY", f"declared tag 12345, computed {TAG}", (digest_of(FILE, world),))
    ]


def test_a_statement_about_a_part_of_the_release_does_not_count(judge):
    parts = [{"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS]
    judged = judge(ID, subjects(FILE, *parts[1:]))
    assert judged.against == [("SUBJ-DIGEST", "inconclusive", f"evidence/{FILE} is not about signer")]
    assert judge(ID, subjects(FILE, *parts)).outcome == "met"


def test_a_second_zone_needs_evidence_of_its_own(judge):
    zone = {"name": "other.", "parent_ds": ["1 13 2 00"], "denial": "nsec"}
    judged = judge(ID, World().with_document("environment", lambda said: said["spec"]["zones"].append(zone)))
    assert judged.outcome == "inconclusive"
    assert judged.against == [("COV-HSM", "inconclusive", "no HSM evidence for zone other.")]


def test_an_hsm_that_the_inventory_gains_must_be_asked_too(judge):
    unit = {"id": "hsm-4", "serial": "D9", "site": "ams", "model": "X", "firmware": "3.4"}
    judged = judge(ID, World().with_document("environment", lambda said: said["spec"]["hsms"].append(unit)))
    assert judged.outcome == "unmet"
    assert ("COV-HSM", "unmet", "3 of 4 HSMs as in production") in judged.against


def test_a_rollover_in_which_nothing_was_lost_does_not_borrow_the_loss_of_another_run(judge):
    small = {**observed("hsm-loss-during-rollover", "C2"), "serials": ["C2"]}
    none_down = run(2, serialsDown=[])
    assert judge(ID, changed(lambda said: said["exercises"].append(small), world=none_down)).outcome == "unmet"


def test_a_whole_rollover_that_lost_an_hsm_counts_beside_one_that_lost_none(judge):
    whole = observed("hsm-loss-during-rollover", "C2")
    none_down = run(2, serialsDown=[])
    assert judge(ID, changed(lambda said: said["exercises"].append(whole), world=none_down)).outcome == "met"


@pytest.mark.parametrize(
    ("now", "outcome"), [("2026-04-13T10:05:00Z", "met"), ("2026-04-13T10:05:01Z", "inconclusive")]
)
def test_evidence_is_good_for_72_hours_to_the_second(judge, now, outcome):
    assert judge(ID, replace(World(), now=now)).outcome == outcome


def test_a_revoked_standby_key_is_no_key_to_publish(judge):
    world = changed(lambda said: said["keys"].append(zone_dnskey("old", 384)))
    assert judge(ID, world).outcome == "unmet"


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-04-10T10:05:00Z", []),
        ("2026-04-10T10:05:01Z", ["ended on 2026-04-10T10:05:01Z"]),
        ("2026-04-07T10:05:00Z", []),
        ("2026-04-07T10:04:59Z", ["ended on 2026-04-07T10:04:59Z"]),
    ],
)
def test_an_exercise_is_of_the_time_of_its_evidence(judge, at, found):
    steps = [{**step, "at": at} for step in observed("zsk-rollover")["events"]]
    told = [f"zsk-rollover {text}, not within 3d before the evidence" for text in found]
    assert [text for _, _, text in judge(ID, run(events=steps)).against] == told


def test_an_exercise_that_is_too_old_does_not_hide_one_that_is_not(judge):
    old = observed("zsk-rollover")
    for step in old["events"]:
        step["at"] = "2019-01-01T00:00:00Z"
    assert judge(ID, changed(lambda said: said["exercises"].insert(0, old))).outcome == "met"


def test_the_keys_of_one_statement_are_bounded(judge, monkeypatch):
    monkeypatch.setattr(hsm_key_coverage, "MAX_KEYS", 2)
    assert judge(ID, World()).outcome == "met"
    monkeypatch.setattr(hsm_key_coverage, "MAX_KEYS", 1)
    assert judge(ID, World()).against == [("HSM-KEY-IDENTITY", "unmet", "2 keys")]
