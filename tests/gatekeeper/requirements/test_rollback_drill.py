"""The requirement `rollback-drill`: the way back was walked, in time, and validated afterwards."""

import base64
from dataclasses import replace

import pytest
from attacks.evidence import copy_of, subjects
from world.documents import COMPONENTS, NONCE, SERIALS
from world.hsm_rows import answer, zone_dnskey
from world.keys import digest
from world.registry import World

from attestations import dnskey
from gatekeeper.requirements import rollback_drill

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


def first(said):
    del said["spec"]["replaces"]


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
        (state("left", release="3.0.0"), "'3.0.0' was left"),
        (state("restored", release="3.0.1").with_document("request", first), "'3.0.1' was left and restored"),
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


OLD_KEYS = ("old ksk", "old zsk")


def observed(*changes):
    """The drill with everything that was seen of it: two ways, the servers' answers, the HSMs' signatures."""

    def add(said):
        keys = [zone_dnskey(name, flags) for name, flags in zip(OLD_KEYS, (257, 256), strict=True)]
        said.update(
            nonce=NONCE,
            previousKeys=[
                {"fingerprint": fingerprint_of(key), "hsmSerials": list(SERIALS), "stillPublished": True}
                for key in keys
            ],
            restoredBy="archived-zone",
            ways=[way("archived-zone", said["restored"]["serial"]), way("forced-transfer", 2026041000)],
            keys=keys,
            possession=[answer(serial, index, name) for index, name in enumerate(OLD_KEYS) for serial in SERIALS],
        )

    return World().with_predicate(FILE, add, *changes)


def fingerprint_of(key):
    form = base64.b64decode(key["publicKey"])
    return dnskey.fingerprint(dnskey.rdata(key["flags"], key["protocol"], key["algorithm"], form))


def way(name, serial):
    decided = "2026-04-10T10:01:00Z"
    return {
        "way": name,
        "decidedOn": decided,
        "restoredOn": "2026-04-10T10:01:41Z",
        "serialFrom": 2026041001,
        "serialTo": serial,
        "zoneDigest": digest("old zone"),
        "probes": [
            {"vantage": "ns1", "at": decided, "serial": 2026041001, "validates": False},
            {"vantage": "ns1", "at": "2026-04-10T10:01:40Z", "serial": serial, "validates": True},
        ],
        "resolver": {
            "before": {"asked": 50, "servfail": 0},
            "outage": {"asked": 50, "servfail": 33},
            "after": {"asked": 50, "servfail": 8},
            "afterFlush": {"asked": 50, "servfail": 0},
        },
    }


def in_way(index=0, **fields):
    return observed(lambda said: said["ways"][index].update(fields))


def in_answer(index, **fields):
    return observed(lambda said: said["possession"][index].update(fields))


def probes(*seen):
    """The bad version at once, and then a good or a bad one at each of these times."""
    later = [
        {"vantage": "ns1", "at": f"2026-04-10T{at}Z", "serial": 2026041003 if good else 2026041001, "validates": good}
        for at, good in seen
    ]
    return observed(lambda said: said["ways"][0]["probes"].__setitem__(slice(1, None), later))


def resolver(**fields):
    return observed(lambda said: said["ways"][0]["resolver"].update(fields))


def last_probe(**fields):
    return observed(lambda said: said["ways"][0]["probes"][-1].update(fields))


SOUND = {
    "everything was seen": observed(),
    "a way down beside one up": in_way(1, serialTo=2026041000),
    "another way failed": in_way(1, restoredOn=None, probes=[]),
    "to the second": observed(lambda said: said.update(restoreSeconds=41)),
    "a rounded second more": observed(lambda said: said.update(restoreSeconds=42)),
    "one answer refused": resolver(outage={"asked": 50, "servfail": 1}),
    "all answers refused": resolver(outage={"asked": 50, "servfail": 50}),
    "a spare HSM that nothing shows it in": observed(
        lambda said: said["previousKeys"][0].update(hsmSerials=[*SERIALS, "D9"])
    ),
    "good at the very restore and at the end of the drill": probes(("10:01:41", True), ("10:05:00", True)),
    "bad until right before it": probes(("10:01:40", False), ("10:01:41", True)),
    "a server more": observed(
        lambda said: said["ways"][0]["probes"].append(
            {"vantage": "ns2", "at": "2026-04-10T10:01:40Z", "serial": 2026041003, "validates": True}
        )
    ),
}


@pytest.mark.parametrize("world", SOUND.values(), ids=SOUND)
def test_what_was_seen_of_a_way_back_bears_out_its_summary(judge, world):
    judged = judge(ID, world)
    assert (judged.outcome, judged.against) == ("met", [])


UNBORNE = {
    "named way was not walked": (
        observed(lambda said: said.update(restoredBy="old-key")),
        "restored by 'old-key' of 'archived-zone, forced-transfer'",
    ),
    "no way is named": (
        observed(lambda said: said.update(restoredBy=None)),
        "restored by None of 'archived-zone, forced-transfer'",
    ),
    "a way is named and none was seen": (
        World().with_predicate(FILE, lambda said: said.update(restoredBy="old-key")),
        "restored by 'old-key' of ''",
    ),
    "the version to leave was good": (
        observed(lambda said: said["ways"][0]["probes"][0].update(validates=True)),
        "archived-zone: nobody saw that 2026041001 was bad",
    ),
    "the version to leave was not looked at": (
        observed(lambda said: said["ways"][0].update(probes=said["ways"][0]["probes"][1:])),
        "archived-zone: nobody saw that 2026041001 was bad",
    ),
    "one way twice": (
        in_way(1, way="archived-zone"),
        "restored by 'archived-zone' of 'archived-zone, archived-zone'",
    ),
    "another serial": (
        observed(lambda said: said["ways"].__setitem__(0, way("archived-zone", 2026041004))),
        "archived-zone went from serial 2026041001 to 2026041004",
    ),
    "another beginning": (
        observed(lambda said: said["left"].update(serial=2026041000)),
        "archived-zone went from serial 2026041001 to 2026041003",
    ),
    "another zone": (in_way(zoneDigest=digest("another")), "archived-zone led to another zone than the summary"),
    "never restored": (in_way(restoredOn=None), "archived-zone never restored a valid version"),
    "restored before the decision": (
        in_way(decidedOn="2026-04-10T10:02:00Z"),
        "archived-zone: times that run backwards",
    ),
    "after the end of the drill": (
        in_way(decidedOn="2026-04-10T12:00:00Z", restoredOn="2026-04-10T12:00:41Z"),
        "archived-zone: times that run backwards",
    ),
    "a second is hidden": (
        observed(lambda said: said.update(restoreSeconds=40)),
        "archived-zone took 41 s, not 40 s",
    ),
    "nobody looked": (in_way(probes=[]), "archived-zone: no server was asked"),
    "not valid in the end": (
        last_probe(validates=False),
        "archived-zone: 'ns1' did not serve a valid 2026041003 in the end",
    ),
    "good only after the restore": (
        probes(("10:01:40", False), ("10:04:00", True)),
        "archived-zone: 'ns1' did not serve a valid 2026041003 in the end",
    ),
    "bad again after the restore": (
        probes(("10:01:40", True), ("10:02:00", False), ("10:04:00", True)),
        "archived-zone: 'ns1' did not serve a valid 2026041003 in the end",
    ),
    "a server that was looked at only after the restore": (
        observed(
            lambda said: said["ways"][0]["probes"].append(
                {"vantage": "ns2", "at": "2026-04-10T10:01:42Z", "serial": 2026041003, "validates": True}
            )
        ),
        "archived-zone: 'ns2' did not serve a valid 2026041003 in the end",
    ),
    "a probe of an earlier drill": (
        observed(lambda said: said["ways"][0]["probes"][0].update(at="2026-04-10T10:00:59Z")),
        "archived-zone: probes of another time",
    ),
    "a probe after the drill": (
        probes(("10:01:40", True), ("10:05:01", True)),
        "archived-zone: probes of another time",
    ),
    "another version in the end": (
        last_probe(serial=2026041001),
        "archived-zone: 'ns1' did not serve a valid 2026041003 in the end",
    ),
    "no outage": (
        resolver(outage={"asked": 50, "servfail": 0}),
        "archived-zone: 0 of 50 answers refused in the outage",
    ),
    "more refused than asked": (
        resolver(outage={"asked": 50, "servfail": 51}),
        "archived-zone: 51 of 50 answers refused in the outage",
    ),
    "refused after a flush": (
        resolver(afterFlush={"asked": 50, "servfail": 1}),
        "archived-zone: 1 of 50 answers refused after a flush",
    ),
    "nobody asked after a flush": (
        resolver(afterFlush={"asked": 0, "servfail": 0}),
        "archived-zone: 0 of 0 answers refused after a flush",
    ),
}


@pytest.mark.parametrize(("world", "found"), UNBORNE.values(), ids=UNBORNE)
def test_what_was_seen_of_a_way_back_counts_before_its_summary(judge, world, found):
    judged = judge(ID, world)
    assert (judged.outcome, [told for _, _, told in judged.against]) == ("unmet", [f"evidence/{FILE}: {found}"])


def other_key(said):
    said["possession"][5] = answer("C2", 1, "another zsk")


def of_another_hsm(said):
    said["possession"][5] = answer("B7", 1, "old zsk") | {"serial": "C2"}


UNPROVED = {
    "another key signed": observed(other_key),
    "the signature of another HSM": observed(of_another_hsm),
    "of another request": observed(
        lambda said: said["possession"].__setitem__(5, answer("C2", 1, "old zsk", "ab" * 32))
    ),
    "no signature": in_answer(5, signature=None),
    "no base64": in_answer(5, signature="AAAAA"),
    "two private keys": in_answer(5, privateKeys=2),
    "another public key": in_answer(5, publicKey="AAAA"),
    "an answer for no key": in_answer(5, key=7),
    "no answer": observed(lambda said: said.update(possession=said["possession"][:5])),
    "two answers": observed(lambda said: said["possession"].append(said["possession"][5])),
}


@pytest.mark.parametrize("world", UNPROVED.values(), ids=UNPROVED)
def test_an_hsm_counts_only_where_its_signature_shows_the_key(judge, world):
    judged = judge(ID, world)
    zsk = fingerprint_of(zone_dnskey("old zsk", 256))[:16]
    assert judged.outcome == "unmet"
    assert [told for _, _, told in judged.against] == [f"evidence/{FILE}: key {zsk}…: nothing shows it in C2"]


@pytest.mark.parametrize("members", [("keys", "possession"), ("keys",), ("possession",)], ids=" and ".join)
def test_who_shows_the_ways_shows_the_keys_too(judge, members):
    judged = judge(ID, observed(lambda said: said.update({name: [] for name in members})))
    assert [told.partition("…: ")[2] for _, _, told in judged.against] == ["nothing shows it in A1, B7, C2"] * 2


def test_who_brings_answers_of_hsms_brings_the_keys_and_no_key_has_an_answer_without(judge):
    world = World().with_predicate(FILE, lambda said: said.update(possession=[answer("A1", 0, "old zsk")]))
    assert [told.partition("…: ")[2] for _, _, told in judge(ID, world).against] == ["nothing shows it in A1, B7, C2"]
    assert judge(ID, in_answer(5, publicKey=None)).outcome == "met"


def test_the_keys_of_one_drill_are_bounded(judge, monkeypatch):
    monkeypatch.setattr(rollback_drill, "MAX_KEYS", 2)
    assert judge(ID, observed()).outcome == "met"
    monkeypatch.setattr(rollback_drill, "MAX_KEYS", 1)
    found = f"evidence/{FILE}: 2 previous keys and 2 published ones"
    assert judge(ID, observed()).against == [("ROLLBACK-DRILL", "unmet", found)]


def test_a_key_that_no_validator_verifies_with_is_shown_nowhere(judge):
    world = observed(lambda said: said["keys"][1].update(algorithm=5))
    assert [told.partition("…: ")[2] for _, _, told in judge(ID, world).against] == ["nothing shows it in A1, B7, C2"]
