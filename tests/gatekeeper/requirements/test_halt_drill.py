"""The requirement `halt-drill`: an anomaly stops publication, unattended, and it stays stopped."""

from dataclasses import replace

import pytest
from attacks.evidence import copy_of, subjects
from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import fault
from world.registry import World

ID, FILE = "anomaly-stops-publication", "halt.json"
NAMES = ("wrong-key", "expired", "verifier-crash", "restart")


def changed(number=0, **fields):
    return World().with_predicate(FILE, lambda said: said["faults"][number].update(fields))


def probed(**fields):
    return World().with_predicate(FILE, lambda said: said["faults"][0]["probes"][0].update(fields))


def expecting(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][5]["expect"].update(options))


def halted(moment):
    """The fault halted at `moment`, and somebody looked at that moment."""
    probe = {"vantage": "ns1", "at": moment, "serial": 2026041001, "validates": True}
    return changed(haltedOn=moment, probes=[probe])


def of_zone(zone):
    return World().with_predicate(FILE, lambda said: said.update(zone=zone))


def test_every_fault_that_stopped_publication_is_told_for_itself(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    assert [f.found for f in judged.for_it] == [
        f"example. {name}: publication stopped, seen from outside" for name in NAMES
    ]
    assert {(f.code, f.evidence) for f in judged.for_it} == {("HALT-DRILL", (digest_of(FILE, World()),))}


@pytest.mark.parametrize(
    ("world", "name", "found"),
    [
        (changed(detectedOn=None), "wrong-key", "not detected or not halted"),
        (changed(haltedOn=None), "wrong-key", "not detected or not halted"),
        (changed(injectedOn="2026-04-10T10:00:06Z"), "wrong-key", "times that run backwards"),
        (changed(detectedOn="2026-04-10T10:00:11Z"), "wrong-key", "times that run backwards"),
        (halted("2026-04-10T10:01:01Z"), "wrong-key", "halted after 61 s"),
        (changed(unattended=False), "wrong-key", "halted with a human's help"),
        (changed(restartSurvived=False), "wrong-key", "the halt did not survive a restart"),
        (changed(3, restartSurvived=None), "restart", "the halt did not survive a restart"),
        (changed(probes=[]), "wrong-key", "no probe from outside after the halt"),
        (probed(at="2026-04-10T10:00:09Z"), "wrong-key", "no probe from outside after the halt"),
        (probed(serial=2026041002), "wrong-key", "the bad version was served at ns1"),
        (probed(validates=False), "wrong-key", "the bad version was served at ns1"),
        (changed(leakedSerials=[1, 2]), "wrong-key", "2 bad serials leaked"),
        (changed(fault="another"), "wrong-key", "fault wrong-key was not injected"),
    ],
)
def test_a_fault_that_did_not_stop_publication_denies_and_says_why(judge, world, name, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    told = f"example.: {found}" if "injected" in found else f"example. {name}: {found}"
    assert judged.against == [("HALT-DRILL", "unmet", told)]
    assert len(judged.for_it) == 3


@pytest.mark.parametrize(
    "world",
    [
        halted("2026-04-10T10:01:00Z"),
        changed(detectedOn="2026-04-10T10:00:00Z", haltedOn="2026-04-10T10:00:00Z"),
        changed(detectedOn="2026-04-10T10:00:10Z"),
        changed(restartSurvived=None),
        changed(restartSurvived=True),
        probed(at="2026-04-10T10:00:10Z"),
        changed(leakedSerials=[]),
        expecting(unattended=False).with_predicate(FILE, lambda said: said["faults"][0].update(unattended=False)),
    ],
    ids=[
        "exactly 60 s",
        "at once",
        "halted when detected",
        "no restart tried",
        "restart survived",
        "probed as it halted",
        "nothing leaked",
        "a human may help",
    ],
)
def test_the_honest_twin_of_each_refusal_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


def resumed(at, *probes):
    """Work went on at `at`, and somebody saw more."""
    seen = fault("wrong-key")["probes"]
    return changed(resumedOn=at, probes=[*seen, *({**seen[0], **each} for each in probes)])


NEXT_VERSION = {"at": "2026-04-10T10:04:58Z", "serial": 2026041003}


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (resumed("2026-04-10T10:00:09Z", NEXT_VERSION), "resumed before it was halted"),
        (resumed("2026-04-10T10:04:59Z"), "resumed, and no probe saw a version after the bad one"),
        (
            resumed("2026-04-10T10:04:59Z", {**NEXT_VERSION, "serial": 2026041000}),
            "resumed, and no probe saw a version after the bad one",
        ),
        (
            resumed("2026-04-10T10:04:59Z", {**NEXT_VERSION, "at": "2026-04-10T10:00:09Z"}),
            "resumed, and no probe saw a version after the bad one",
        ),
    ],
    ids=["before", "not seen", "an older version", "seen before the halt"],
)
def test_work_that_cannot_have_gone_on_as_stated_denies(judge, world, found):
    judged = judge(ID, world)
    assert judged.against == [("HALT-DRILL", "unmet", f"example. wrong-key: {found}")]


def test_a_version_after_the_bad_one_shows_no_halt_where_nobody_let_work_go_on(judge):
    assert [found for _, _, found in judge(ID, resumed(None, NEXT_VERSION)).against] == [
        "example. wrong-key: a version after the bad one was served, and nobody let work go on"
    ]
    assert judge(ID, resumed(None, {**NEXT_VERSION, "serial": 2026041001})).outcome == "met"


def of_the_drill(**fields):
    return World().with_predicate(FILE, lambda said: said.update(fields))


@pytest.mark.parametrize(
    ("world", "outcome"),
    [
        (of_the_drill(startedOn="2026-04-10T10:00:00Z", finishedOn="2026-04-10T10:00:30Z"), "met"),
        (of_the_drill(startedOn="2026-04-10T10:00:01Z"), "unmet"),
        (of_the_drill(finishedOn="2026-04-10T10:00:29Z"), "unmet"),
        (resumed("2026-04-10T10:05:00Z", NEXT_VERSION), "met"),
        (resumed("2026-04-10T10:05:01Z", NEXT_VERSION), "unmet"),
        (changed(detectedOn=None, haltedOn=None, injectedOn="2019-04-10T10:00:00Z"), "unmet"),
    ],
    ids=["just so", "begun later", "ended earlier", "resumed at its end", "resumed after it", "of another year"],
)
def test_what_was_not_seen_in_the_drill_does_not_count(judge, world, outcome):
    judged = judge(ID, world)
    assert judged.outcome == outcome
    assert any("in a drill from" in found for _, _, found in judged.against) is (outcome == "unmet")


@pytest.mark.parametrize("at", ["2026-04-10T10:04:59Z", "2026-04-10T10:00:10Z"], ids=["later", "as it halted"])
def test_work_that_went_on_after_the_halt_meets_it(judge, at):
    assert judge(ID, resumed(at, NEXT_VERSION)).outcome == "met"


def test_a_version_after_the_bad_one_is_newer_by_serial_arithmetic(judge):
    def around(serial):
        probe = {"vantage": "ns1", "validates": True, "at": "2026-04-10T10:04:58Z"}
        probes = [{**probe, "serial": 2**32 - 2}, {**probe, "serial": serial}]
        return changed(badSerial=2**32 - 1, resumedOn="2026-04-10T10:04:59Z", probes=probes)

    assert judge(ID, around(0)).outcome == "met"
    assert judge(ID, around(2**31 - 2)).outcome == "met"
    assert judge(ID, around(2**31 - 1)).outcome == "unmet"


def test_the_bad_version_itself_is_no_way_back(judge):
    world = resumed("2026-04-10T10:04:59Z", {**NEXT_VERSION, "serial": 2026041002})
    assert [found for _, _, found in judge(ID, world).against] == [
        "example. wrong-key: the bad version was served at ns1",
        "example. wrong-key: resumed, and no probe saw a version after the bad one",
    ]


def test_work_that_went_on_without_a_halt_is_told_as_not_halted(judge):
    world = resumed("2026-04-10T10:04:59Z", NEXT_VERSION).with_predicate(
        FILE, lambda said: said["faults"][0].update(haltedOn=None)
    )
    assert judge(ID, world).against == [("HALT-DRILL", "unmet", "example. wrong-key: not detected or not halted")]


def sink_down(**fields):
    """The policy asks for the fault, and it was injected."""
    policy = expecting(faults=["sink-down"])
    return policy.with_predicate(FILE, lambda said: said.update(faults=[{**fault("sink-down"), **fields}]))


@pytest.mark.parametrize(
    ("world", "name"),
    [
        (sink_down(notificationTried=False), "sink-down"),
        (sink_down(notificationTried=None), "sink-down"),
        (sink_down(), "sink-down"),
        (changed(notificationTried=False), "wrong-key"),
    ],
    ids=["not tried", "not looked for", "not said", "another fault"],
)
def test_a_halt_that_tells_nobody_denies(judge, world, name):
    assert judge(ID, world).against == [("HALT-DRILL", "unmet", f"example. {name}: nobody was notified")]


@pytest.mark.parametrize("world", [sink_down(notificationTried=True), changed(notificationTried=None)])
def test_a_halt_that_tries_to_tell_somebody_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


def test_a_policy_that_does_not_say_whether_a_human_may_help_means_that_none_may(judge):
    world = World().with_document(
        "policy", lambda said: said["spec"]["requirements"][5]["expect"].pop("unattended") and None
    )
    assert judge(ID, world).outcome == "met"
    helped = world.with_predicate(FILE, lambda said: said["faults"][0].update(unattended=False))
    assert judge(ID, helped).outcome == "unmet"


def test_a_statement_about_a_part_of_the_release_does_not_count(judge):
    parts = [{"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS]
    judged = judge(ID, subjects(FILE, *parts[1:]))
    assert judged.against == [("SUBJ-DIGEST", "inconclusive", f"evidence/{FILE} is not about signer")]
    assert judge(ID, subjects(FILE, *parts)).outcome == "met"


def test_a_probe_before_the_fault_says_nothing_about_it(judge):
    early = {"vantage": "ns2", "at": "2026-04-10T09:59:59Z", "serial": 2026041002, "validates": False}
    world = of_the_drill(startedOn="2026-04-10T09:59:59Z")
    assert (
        judge(ID, world.with_predicate(FILE, lambda said: said["faults"][0]["probes"].append(early))).outcome == "met"
    )


def test_what_was_served_at_the_moment_of_the_injection_counts(judge):
    bad = {"vantage": "ns2", "at": "2026-04-10T10:00:00Z", "serial": 2026041002, "validates": False}
    world = World().with_predicate(FILE, lambda said: said["faults"][0]["probes"].append(bad))
    assert [found for _, _, found in judge(ID, world).against] == [
        "example. wrong-key: the bad version was served at ns2"
    ]


def test_each_zone_without_a_drill_is_told_and_the_others_are_judged(judge):
    zone = {"name": "a.", "parent_ds": ["1 13 2 " + 64 * "0"], "denial": "nsec3"}
    world = World().with_document("environment", lambda said: said["spec"]["zones"].insert(0, zone))
    judged = judge(ID, world)
    assert judged.against == [("HALT-DRILL", "inconclusive", "no drill for zone a.")]
    assert len(judged.for_it) == len(NAMES)


def test_each_vantage_point_that_was_served_the_bad_version_is_named_once(judge):
    served = {"at": "2026-04-10T10:01:00Z", "serial": 2026041002, "validates": True}
    bad = [{"vantage": vantage, **served} for vantage in ("b", "a", "b")]
    world = World().with_predicate(FILE, lambda said: said["faults"][0]["probes"].extend(bad))
    assert judge(ID, world).against == [
        ("HALT-DRILL", "unmet", "example. wrong-key: the bad version was served at a, b")
    ]


def test_a_fault_that_stopped_once_and_failed_once_denies(judge):
    again = {**fault("expired"), "haltedOn": None}
    world = World().with_predicate(FILE, lambda said: said["faults"].append(again))
    assert judge(ID, world).against == [("HALT-DRILL", "unmet", "example. expired: not detected or not halted")]


def test_faults_may_be_spread_over_several_drills(judge):
    def only(*names):
        return lambda said: said.update(faults=[fault(name) for name in names])

    world = World().with_predicate(FILE, only(*NAMES[:2])).adding("more.json", copy_of(FILE).change(only(*NAMES[2:])))
    assert judge(ID, world).outcome == "met"


def test_a_drill_of_another_zone_is_no_drill_of_this_one(judge):
    judged = judge(ID, of_zone("other."))
    assert judged.outcome == "inconclusive"
    assert judged.against == [("HALT-DRILL", "inconclusive", "no drill for zone example.")]


@pytest.mark.parametrize(
    ("now", "outcome"), [("2026-05-10T10:05:00Z", "met"), ("2026-05-10T10:05:01Z", "inconclusive")]
)
def test_a_drill_is_good_for_thirty_days_to_the_second(judge, now, outcome):
    judged = judge(ID, replace(World(), now=now))
    assert judged.outcome == outcome
    assert [code for code, _, _ in judged.against] == ([] if outcome == "met" else ["EVID-STALE"])
