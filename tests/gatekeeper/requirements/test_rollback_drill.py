"""The requirement `rollback-drill`: the way back was walked, in time, and validated afterwards."""

from dataclasses import replace

import pytest
from attacks.evidence import copy_of, subjects
from world.documents import COMPONENTS, SERIALS
from world.keys import digest
from world.registry import World

ID, FILE = "way-back", "rollback.json"


def changed(**fields):
    return World().with_predicate(FILE, lambda said: said.update(fields))


def state(which, **fields):
    return World().with_predicate(FILE, lambda said: said[which].update(fields))


def key(**fields):
    return World().with_predicate(FILE, lambda said: said["previousKeys"][0].update(fields))


def replacing(version):
    def change(said):
        if version is None:
            del said["spec"]["replaces"]
        else:
            said["spec"]["replaces"]["version"] = version

    return World().with_document("request", change)


def expecting(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][6].update(expect=options))


def test_a_way_back_that_was_walked_meets_it(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    assert [(f.code, f.found, f.evidence) for f in judged.for_it] == [
        ("ROLLBACK-DRILL", "example.: 2.9.4 restored in 41 s and validated", (digest_of(FILE, World()),))
    ]


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (changed(restoreSeconds=901), "restored in 901 s"),
        (changed(validatedAfter=False), "the restored zone was not validated"),
        (changed(validationDigest=None), "the restored zone was not validated"),
        (state("restored", serial=2026041001), "serial 2026041001 to 2026041001"),
        (state("restored", serial=2026041000), "serial 2026041001 to 2026041000"),
        (state("restored", serial=(2026041001 + 2**31) % 2**32), "serial 2026041001 to 4173524649"),
        (changed(previousKeys=[]), "no key of the restored state is named"),
        (key(hsmSerials=["A1", "B7"]), "in 2 of 3 HSMs"),
        (key(hsmSerials=["A1", "A1", "A1"]), "in 1 of 3 HSMs"),
        (key(hsmSerials=["X1", "X2", "X3"]), "in 0 of 3 HSMs"),
        (key(stillPublished=False), "in 3 of 3 HSMs"),
        (replacing("2.9.5"), "'2.9.4' was restored"),
        (state("restored", release="1.0"), "'1.0' was restored"),
    ],
)
def test_a_way_back_that_does_not_work_denies_and_says_why(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    [(code, outcome, told)] = judged.against
    assert (code, outcome) == ("ROLLBACK-DRILL", "unmet")
    assert told.startswith(f"evidence/{FILE}: ")
    assert told.endswith(found)
    assert judged.result.evidence == (digest_of(FILE, world),)
    assert judged.for_it == []


@pytest.mark.parametrize(
    "world",
    [
        changed(restoreSeconds=900),
        state("restored", serial=2026041002),
        state("restored", serial=(2026041001 + 2**31 - 1) % 2**32),
        state("left", serial=2**32 - 1).with_predicate(FILE, lambda said: said["restored"].update(serial=0)),
        key(hsmSerials=[*SERIALS, "D9"]),
        replacing(None),
    ],
    ids=["exactly 15 min", "one up", "as far up as counts as up", "round the corner", "a spare HSM too", "the first"],
)
def test_the_honest_twin_of_each_refusal_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


@pytest.mark.parametrize(("seconds", "outcome"), [(3 * 86400 + 6900, "met"), (3 * 86400 + 6899, "unmet")])
def test_the_backup_must_live_three_days_from_the_decision_not_from_the_drill(judge, seconds, outcome):
    judged = judge(ID, changed(backupMinRemainingSeconds=seconds))  # decided 6,900 s after the drill
    assert judged.outcome == outcome
    assert [found for _, _, found in judged.against] == (
        [] if outcome == "met" else [f"evidence/{FILE}: the backup's first signature expires in 259199 s"]
    )


def test_a_backup_that_has_expired_expires_in_no_time(judge):
    judged = judge(ID, changed(backupMinRemainingSeconds=0))
    found = f"evidence/{FILE}: the backup's first signature expires in 0 s"
    assert judged.against == [("ROLLBACK-DRILL", "unmet", found)]


def test_where_the_policy_asks_no_life_of_the_backup_none_is_asked(judge):
    world = expecting(restored_within="15m")
    assert judge(ID, world.with_predicate(FILE, lambda said: said.update(backupMinRemainingSeconds=0))).outcome == "met"


def test_a_statement_about_a_part_of_the_release_does_not_count(judge):
    parts = [{"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS]
    judged = judge(ID, subjects(FILE, *parts[1:]))
    assert judged.against == [("SUBJ-DIGEST", "inconclusive", f"evidence/{FILE} is not about signer")]
    assert judge(ID, subjects(FILE, *parts)).outcome == "met"


def test_one_drill_that_failed_beside_one_that_worked_denies(judge):
    failed = copy_of(FILE).change(lambda said: said.update(restoreSeconds=1200))
    assert judge(ID, World().adding("more.json", failed)).outcome == "unmet"


def test_each_previous_key_is_judged_for_itself(judge):
    lost = {"fingerprint": "ab" * 32, "hsmSerials": [], "stillPublished": True}
    world = World().with_predicate(FILE, lambda said: said["previousKeys"].append(lost))
    assert judge(ID, world).against == [
        ("ROLLBACK-DRILL", "unmet", f"evidence/{FILE}: key abababababababab… in 0 of 3 HSMs")
    ]


def test_a_drill_of_another_zone_is_no_drill_of_this_one(judge):
    judged = judge(ID, changed(zone="other."))
    assert judged.outcome == "inconclusive"
    assert judged.against == [("ROLLBACK-DRILL", "inconclusive", "no drill for zone example.")]


@pytest.mark.parametrize(
    ("now", "outcome"), [("2026-05-10T10:05:00Z", "met"), ("2026-05-10T10:05:01Z", "inconclusive")]
)
def test_a_drill_is_good_for_thirty_days_to_the_second(judge, now, outcome):
    world = expecting(restored_within="15m")
    assert judge(ID, replace(world, now=now)).outcome == outcome
