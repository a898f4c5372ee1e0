"""The requirement `zone-validation`: enough foreign code bases looked at all of the zone and found no fault."""

from dataclasses import replace

import pytest
from attacks.evidence import VALIDATORS, both_validators
from world.documents import PARENT_DS, party
from world.keys import digest
from world.registry import World

ID = "every-signature-verifies"
BIND, NATIVE = VALIDATORS
FILE = f"evidence/{BIND}"


def changed(*changes, world=None):
    """Change the statement of the validator on BIND, whatever the changes return."""

    def each(said):
        for change in changes:
            change(said)

    return (world or World()).with_predicate(BIND, each)


def part(name, world=None, **fields):
    return changed(lambda said: said[name].update(fields), world=world)


def calibration(**fields):
    return changed(lambda said: said["validator"]["calibration"].update(fields))


def policy(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][4].update(options))


def finding(code="SIG_EXTRA_NO_KEY", severity="warning", **fields):
    said = {"code": code, "severity": severity, "owner": "example.", "rtype": "SOA", "message": "m", **fields}
    return {"keyTag": 4711, "algorithm": 13, **said}


def extra(*findings, bogus=0, no_key=1, omitted=0):
    """Return a change to a statement: signatures beside good ones that no key verifies, and what is listed of them."""

    def change(said):
        said["counts"].update(rrsigs=3311 + bogus + no_key, bogus=bogus, noKey=no_key)
        said.update(findings=list(findings), findingsOmitted=omitted)

    return change


def version(serial, made, sha256="zone"):
    def change(said):
        said["zone"].update(serial=serial, sha256=digest(sha256))
        said.update(startedOn=made, finishedOn=made, validationTime=made)

    return change


def third(*changes):
    """A statement of a third validator, on ldns."""
    piece = replace(World().pieces[NATIVE], signers=("validator-ldns",))
    return piece.change(
        lambda said: said["validator"].update(codeBase="ldns"),
        lambda said: said["observer"].update(codeBases=["ldns"]),
        *changes,
    )


def declared(**fields):
    rollover = {"zone": "example.", "kind": "algorithm-rollover", "algorithm": 13, "key_tags": [4711], **fields}
    return World().with_document("request", lambda said: said["spec"].update(rollover=rollover))


def on_both(world, change):
    for name in VALIDATORS:
        world = world.with_predicate(name, change)
    return world


def sampling(checked, mode="sample", fraction=0.01, confidence=0.95, **fields):
    world = policy(coverage={"detectable_fraction": fraction, "confidence": confidence})
    return part("coverage", world, mode=mode, checked=checked, **fields)


def test_two_foreign_code_bases_that_found_no_fault_meet_it(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    assert [(f.code, f.found, f.evidence) for f in judged.for_it] == [
        (
            "EXT-VALID",
            "example. serial 2026041001: 3311 signatures, all good, by bind, dnspython+openssl",
            tuple(digest_of(name, World()) for name in VALIDATORS),
        )
    ]


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (calibration(good=0, goodPassed=0), "judged 0 of 0 good and 6 of 6 bad zones rightly"),
        (calibration(bad=0, badRefused=0), "judged 2 of 2 good and 0 of 0 bad zones rightly"),
        (calibration(goodPassed=1), "judged 1 of 2 good and 6 of 6 bad zones rightly"),
        (calibration(badRefused=5), "judged 2 of 2 good and 5 of 6 bad zones rightly"),
        (calibration(badRefused=7), "judged 2 of 2 good and 7 of 6 bad zones rightly"),
        (changed(lambda s: s.update(trustAnchors=[])), "validated from 0 trust anchors, 0 not the parent's"),
        (changed(lambda s: s.update(trustAnchors=["1 13 2 00"])), "validated from 1 trust anchors, 1 not the parent's"),
        (
            changed(lambda s: s.update(trustAnchors=[PARENT_DS, "1 13 2 00"])),
            "validated from 2 trust anchors, 1 not the parent's",
        ),
        (part("coverage", checked=0), "0 RRsets checked"),
        (part("coverage", checked=3309), "3309 of 3310 RRsets checked"),
        (part("coverage", checked=3311), "3311 of 3310 RRsets checked"),
        (part("counts", rrsets=3309), "3310 of 3310 RRsets checked"),
        (part("coverage", mode="apex"), "coverage apex, 3310 of 3310 RRsets"),
        (part("coverage", mode="delta"), "coverage delta, 3310 of 3310 RRsets"),
        (part("coverage", mode="sample"), "coverage sample, 3310 of 3310 RRsets"),
        (part("counts", rrsigs=3312, expired=1), "1 signatures that have expired, of 3312 signatures"),
        (part("counts", rrsigs=3312, notYet=1), "1 signatures that are not yet valid, of 3312 signatures"),
        (part("counts", missing=1), "1 RRsets without a signature, of 3311 signatures"),
        (part("counts", ok=3309, rrsigs=3309), "3309 good signatures for 3310 RRsets"),
        (part("counts", ok=3312), "counts that do not add up"),
        (part("denial", chainOk=False), "a broken denial chain"),
        (part("validator", verdict="invalid"), "verdict invalid, for no reason that it names"),
        (
            changed(extra(finding("BAD", "error"), no_key=0)),
            "1 x BAD, the first at example. SOA: m",
        ),
        (changed(extra(bogus=1, no_key=0)), "1 unverifiable signatures, 0 of them listed"),
        (changed(extra(no_key=1)), "1 unverifiable signatures, 0 of them listed"),
        (changed(extra(no_key=0, omitted=1)), "0 unverifiable signatures, 0 of them listed"),
        (changed(extra(finding())), "1 x SIG_EXTRA_NO_KEY, the first at example. SOA: m"),
        (changed(extra(finding(severity="note"))), "1 x SIG_EXTRA_NO_KEY, the first at example. SOA: m"),
        (
            changed(extra(finding("SIG_EXTRA_WRONG_KEY"), bogus=1, no_key=0)),
            "1 x SIG_EXTRA_WRONG_KEY, the first at example. SOA: m",
        ),
        (
            changed(extra(finding(rtype="MX"), finding(), no_key=2)),
            "2 x SIG_EXTRA_NO_KEY, the first at example. MX: m",
        ),
        (
            changed(lambda said: said["observer"]["codeBases"].append("knot")),
            "the validator shares knot with the signer",
        ),
        (
            part("validator", cryptoLibrary="knot"),
            "the validator shares knot with the signer",
        ),
        (
            part("validator", codeBase="ldns"),
            "code base ldns from a party trusted for bind",
        ),
        (
            changed(lambda said: said.update(validationTime="2026-04-10T10:15:01Z")),
            "validated as of 2026-04-10T10:15:01Z, made on 2026-04-10T10:05:00Z",
        ),
        (
            changed(lambda said: said.update(validationTime="2026-04-10T09:54:59Z")),
            "validated as of 2026-04-10T09:54:59Z, made on 2026-04-10T10:05:00Z",
        ),
    ],
)
def test_one_fault_of_one_validator_denies_and_says_which(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    assert [text for _, outcome, text in judged.against if outcome == "unmet"] == [f"{FILE}: {found}"]
    assert {code for code, _, _ in judged.against} == {"EXT-VALID"}
    assert ("EXT-VALID", "inconclusive", "example. confirmed by 1 code bases (dnspython+openssl)") in judged.against
    assert digest_of(BIND, world) in judged.result.evidence


@pytest.mark.parametrize(
    "world",
    [
        calibration(good=1, goodPassed=1, bad=1, badRefused=1),
        changed(lambda said: said.update(trustAnchors=[PARENT_DS.lower().replace(" ", "  ")])),
        part("counts", rrsets=3311),
        part("counts", ok=3310, rrsigs=3310),
        part("counts", missing=0),
        changed(extra(finding("TTL_HINT"), no_key=0)),
        changed(extra(finding("TTL_HINT", "note"), no_key=0)),
        changed(lambda said: said.update(startedOn="2026-04-10T10:04:00Z", validationTime="2026-04-10T09:59:00Z")),
        changed(lambda said: said.update(validationTime="2026-04-10T10:05:00Z")),
        policy(refuse_warnings=[]).with_predicate(BIND, extra(finding(), omitted=1)),
        policy(refuse_warnings=["SIG_EXTRA_NO_KEY"]).with_predicate(
            BIND, extra(finding("SIG_EXTRA_WRONG_KEY"), bogus=1, no_key=0)
        ),
        policy(refuse_warnings=[]).with_predicate(BIND, lambda said: said["counts"].update(ok=3310, bogus=1)),
    ],
)
def test_the_honest_twin_of_each_refusal_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (extra(bogus=2, no_key=0), "2 signatures that a published key should verify and does not, of 3313 signatures"),
        (extra(no_key=3), "3 signatures by a key that is not published, of 3314 signatures"),
    ],
)
def test_bad_signatures_are_legal_extras_only_where_the_validator_finds_the_zone_valid(judge, change, found):
    told = judge(ID, part("validator", changed(change), verdict="invalid")).against
    assert ("EXT-VALID", "unmet", f"{FILE}: {found}") in told
    errors = changed(change, lambda said: said["findings"].append(finding("BAD", "error")))
    assert ("EXT-VALID", "unmet", f"{FILE}: {found}") in judge(ID, errors).against


@pytest.mark.parametrize("member", ["bogus", "noKey", "expired", "notYet"])
def test_a_signature_that_is_counted_twice_does_not_add_up(judge, member):
    told = [found for _, _, found in judge(ID, part("counts", **{member: 1})).against]
    assert f"{FILE}: counts that do not add up" in told
    told = [found for _, _, found in judge(ID, part("counts", rrsigs=3312, **{member: 1})).against]
    assert f"{FILE}: counts that do not add up" not in told


def test_a_validator_that_gives_a_reason_is_not_told_that_it_gives_none(judge):
    world = changed(extra(bogus=1, no_key=0), lambda said: said["validator"].update(verdict="invalid"))
    assert not [text for _, _, text in judge(ID, world).against if "no reason" in text]


@pytest.mark.parametrize(
    "world",
    [
        part("validator", verdict="inconclusive"),
        part("validator", changed(extra(no_key=0, omitted=1)), verdict="inconclusive"),
        part("counts", rrsigs=3312),
    ],
)
def test_a_validator_that_did_not_judge_everything_has_no_vote(judge, world):
    judged = judge(ID, world)
    assert judged.outcome == "inconclusive"
    assert judged.against == [("EXT-VALID", "inconclusive", "example. confirmed by 1 code bases (dnspython+openssl)")]
    assert [note.found for note in judged.notes] == [f"{FILE} has no vote: not every signature was judged"]
    assert judge(ID, world.adding("more.json", third())).outcome == "met"


@pytest.mark.parametrize(("at_least", "outcome"), [(1, "met"), (2, "met"), (3, "inconclusive")])
def test_the_quorum_is_reached_exactly(judge, at_least, outcome):
    quorum = {"at_least": at_least, "distinct_by": "code_base", "disagreement": "deny"}
    judged = judge(ID, policy(quorum=quorum))
    assert judged.outcome == outcome
    if outcome == "inconclusive":
        found = "example. confirmed by 2 code bases (bind, dnspython+openssl)"
        assert judged.against == [("EXT-VALID", "inconclusive", found)]
        assert len(judged.result.evidence) == 2


def test_three_are_enough_for_three(judge):
    quorum = {"at_least": 3, "distinct_by": "code_base", "disagreement": "deny"}
    assert judge(ID, policy(quorum=quorum).adding("more.json", third())).outcome == "met"


def test_nobody_is_no_quorum(judge):
    judged = judge(ID, both_validators(lambda said: said["zone"].update(name="other.")))
    assert judged.against == [("EXT-VALID", "inconclusive", "example. confirmed by 0 code bases (none)")]


@pytest.mark.parametrize(("checked", "outcome"), [(299, "met"), (298, "unmet")])
def test_a_sample_must_reach_the_bound_that_is_recomputed(judge, checked, outcome):
    assert judge(ID, sampling(checked)).outcome == outcome


def test_the_bound_that_the_statement_claims_is_not_believed(judge):
    world = sampling(10, detectableFraction=0.01, confidence=0.99)
    world = changed(lambda said: said["coverage"].update(detectableFraction=0.001, confidence=0.999), world=world)
    judged = judge(ID, world)
    assert [text for _, _, text in judged.against][:1] == [f"{FILE}: coverage sample, 10 of 3310 RRsets"]


@pytest.mark.parametrize("mode", ["apex", "delta"])
def test_only_a_sample_is_a_sample(judge, mode):
    assert judge(ID, sampling(3310, mode=mode)).outcome == "unmet"


def test_a_sample_larger_than_the_zone_is_none(judge):
    assert judge(ID, sampling(3311)).outcome == "unmet"
    assert judge(ID, sampling(3310)).outcome == "met"


def test_a_full_pass_is_good_enough_for_a_policy_that_is_content_with_a_sample(judge):
    assert judge(ID, policy(coverage={"detectable_fraction": 0.01, "confidence": 0.95})).outcome == "met"


def test_a_zone_of_which_nothing_had_to_be_signed_was_not_validated(judge):
    world = changed(lambda said: said["coverage"].update(population=0, checked=0))
    assert ("EXT-VALID", "unmet", f"{FILE}: 0 RRsets checked") in judge(ID, world).against


@pytest.mark.parametrize(("seconds", "outcome"), [(3 * 86400 + 7200, "met"), (3 * 86400 + 7199, "unmet")])
def test_every_signature_must_live_three_days_from_the_decision_not_from_the_validation(judge, seconds, outcome):
    judged = judge(ID, changed(lambda said: said.update(minRemainingSeconds=seconds)))
    assert judged.outcome == outcome
    if outcome == "unmet":
        assert judged.against[0] == ("EXT-VALID", "unmet", f"{FILE}: the first signature expires in 259199 s")


def test_a_signature_that_has_expired_meanwhile_expires_in_no_time(judge):
    judged = judge(ID, changed(lambda said: said.update(minRemainingSeconds=-5)))
    assert judged.against[0] == ("EXT-VALID", "unmet", f"{FILE}: the first signature expires in 0 s")


def test_where_the_policy_asks_no_remaining_life_none_is_asked(judge):
    world = World().with_document("policy", lambda said: said["spec"]["requirements"][4].pop("min_remaining") and None)
    assert judge(ID, world.with_predicate(BIND, lambda said: said.update(minRemainingSeconds=0))).outcome == "met"


def test_a_clock_that_is_five_minutes_and_the_run_off_is_tolerated_and_no_more(judge):
    def at(moment):
        return changed(lambda said: said.update(validationTime=moment))

    assert not [text for _, _, text in judge(ID, at("2026-04-10T09:55:00Z")).against if "as of" in text]
    assert [text for _, _, text in judge(ID, at("2026-04-10T09:54:59Z")).against if "as of" in text]


def test_another_version_of_the_zone_is_worth_a_note_and_no_vote(judge):
    judged = judge(ID, changed(version(2026040901, "2026-04-10T09:00:00Z", "older")))
    assert judged.outcome == "inconclusive"
    [note] = judged.notes
    start = f"{FILE} is about serial 2026040901 ({digest('older')[:16]}…), another version"
    assert (note.code, note.found.startswith(start)) == ("EXT-VALID", True)


def test_what_was_wrong_in_an_older_version_is_past_once_enough_confirm_the_newest(judge):
    old = third(version(2026040901, "2026-04-10T09:00:00Z", "older"), lambda said: said["counts"].update(expired=1))
    assert judge(ID, World().adding("old.json", old)).outcome == "met"


@pytest.mark.parametrize("name", ["a.json", "zone-c.json", "zz.json"])
def test_which_version_is_judged_does_not_depend_on_the_names_of_files(judge, name):
    moment = "2026-04-10T10:00:00Z"
    newer = third(version(2026041002, moment, "newer"))
    judged = judge(ID, both_validators(version(2026041001, moment)).adding(name, newer))
    assert judged.outcome == "inconclusive"
    assert judged.against == [("EXT-VALID", "inconclusive", "example. confirmed by 1 code bases (ldns)")]
    older = third(version(2026041000, moment, "older"))
    assert judge(ID, both_validators(version(2026041001, moment)).adding(name, older)).outcome == "met"


@pytest.mark.parametrize("label", ["one", "two", "three"])
@pytest.mark.parametrize("name", ["a.json", "zz.json"])
def test_two_zones_of_one_serial_are_two_versions(judge, label, name):
    moment = "2026-04-10T10:00:00Z"
    world = both_validators(version(2026041001, moment)).adding(name, third(version(2026041001, moment, label)))
    wins = max(digest("zone"), digest(label))
    assert judge(ID, world).outcome == ("met" if wins == digest("zone") else "inconclusive")


def test_a_newer_look_counts_more_than_a_higher_serial(judge):
    higher = third(version(2026049999, "2026-04-10T09:00:00Z", "another"))
    assert judge(ID, World().adding("more.json", higher)).outcome == "met"


def test_validators_that_count_differently_in_the_same_bytes_disagree(judge, digest_of):
    world = changed(
        lambda said: said["coverage"].update(population=3311, checked=3311),
        lambda said: said["counts"].update(rrsets=3311),
    )
    judged = judge(ID, world)
    found = "example. has 3311 RRsets to bind, 3310 RRsets to dnspython+openssl"
    assert judged.against == [("EXT-VALID", "unmet", found)]
    assert {digest_of(name, world) for name in VALIDATORS} == set(judged.result.evidence)


@pytest.mark.parametrize(
    ("fields", "world", "outcome"),
    [
        ({}, declared(), "met"),
        ({}, World(), "unmet"),
        ({"keyTag": 4712}, declared(), "unmet"),
        ({"keyTag": None}, declared(), "unmet"),
        ({"algorithm": 8}, declared(), "unmet"),
        ({"algorithm": 8}, declared(algorithm=8), "met"),
        ({"keyTag": 4712}, declared(key_tags=[4711, 4712]), "met"),
        ({}, declared(zone="other."), "unmet"),
        ({"code": "SIG_EXTRA_WRONG_KEY"}, declared(), "unmet"),
        ({"severity": "error"}, declared(), "unmet"),
    ],
)
def test_a_declared_rollover_explains_signatures_by_its_own_keys_alone(judge, fields, world, outcome):
    assert judge(ID, on_both(world, extra(finding(**fields)))).outcome == outcome


@pytest.mark.parametrize("member", ["nonce", "requestDigest"])
def test_a_statement_that_was_not_made_for_this_request_does_not_count(judge, member):
    judged = judge(ID, changed(lambda said: said.pop(member)))
    assert ("EVID-STALE", "inconclusive") in [(code, outcome) for code, outcome, _ in judged.against]
    assert judged.outcome == "inconclusive"


def test_a_party_without_a_code_base_confirms_nothing(judge):
    world = World().with_document("trust", lambda said: said["spec"]["parties"][4].pop("code_base") and None)
    [(_, outcome, found), _] = judge(ID, world).against
    assert outcome == "unmet"
    assert found == f"{FILE}: code base bind from a party trusted for none"


def test_the_code_base_of_a_party_that_the_policy_does_not_name_is_nobodys(judge):
    world = World().with_document(
        "trust",
        lambda said: said["spec"]["parties"].append(party("stranger", ["zone-validation"], code_base="knot-free")),
    )
    both = replace(World().pieces[BIND], signers=("validator-bind", "stranger"))
    world = world.adding(BIND, both.change(lambda said: said["validator"].update(codeBase="knot-free")))
    assert ("EXT-VALID", "unmet", f"{FILE}: code base knot-free from a party trusted for bind") in judge(
        ID, world
    ).against


@pytest.mark.parametrize(
    ("now", "outcome"), [("2026-04-10T16:05:00Z", "met"), ("2026-04-10T16:05:01Z", "inconclusive")]
)
def test_validation_is_good_for_six_hours_to_the_second(judge, now, outcome):
    assert judge(ID, replace(World(), now=now)).outcome == outcome
