"""Which evidence counts for a requirement, and what is said where none does."""

from dataclasses import replace

import pytest
from attacks.evidence import copy_of, signed_by, statement, subjects
from world.documents import COMPONENTS, NONCE, party
from world.keys import digest
from world.registry import World

from attestations.predicates import hsm_key_coverage, test_result
from attestations.times import Duration
from gatekeeper.finding import Outcome
from gatekeeper.selection import Wanted, select

HSM = "hsm.json"
BASE = {
    "types": frozenset({hsm_key_coverage.TYPE}),
    "parties": frozenset({"hsm-lab"}),
    "max_age": None,
    "fresh": False,
    "what": "an hsm-key-coverage statement",
    "next": "attest hsm",
}


def selected(world, **wanted):
    case = replace(world, signing_off=()).judge().case
    return select(case, Wanted(**{**BASE, **wanted}))


def told(selection):
    return [(finding.code, finding.found, finding.wanted) for finding in selection.findings]


def hsm(*changes):
    return World().with_predicate(HSM, *changes)


def test_evidence_of_the_type_and_from_the_party_counts_and_nothing_is_said():
    selection = selected(World())
    assert [attestation.name for attestation in selection.attestations] == [f"evidence/{HSM}"]
    assert selection.digests == (selection.attestations[0].digest,)
    assert selection.findings == ()


def test_several_pieces_count_in_the_order_of_their_names():
    world = World().adding("a.json", copy_of(HSM).change(lambda said: said.update(finishedOn="2026-04-10T10:06:00Z")))
    assert [a.name for a in selected(world).attestations] == ["evidence/a.json", f"evidence/{HSM}"]


def test_where_nothing_was_offered_that_is_said():
    assert told(selected(replace(World(), pieces={}))) == [
        ("EVID-MISSING", "no evidence at all", "an hsm-key-coverage statement from hsm-lab")
    ]


def test_where_other_things_were_offered_their_number_is_said():
    world = World().without(HSM)
    found = f"none of {len(world.pieces)} pieces of evidence is an hsm-key-coverage statement"
    assert told(selected(world)) == [("EVID-MISSING", found, "an hsm-key-coverage statement from hsm-lab")]


def test_refused_pieces_are_among_those_that_were_offered():
    world = signed_by("tests.json", "nobody").without(HSM)
    assert f"none of {len(world.pieces)} pieces" in told(selected(world))[0][1]


def test_evidence_of_a_party_that_is_not_asked_does_not_count():
    world = World().with_document(
        "trust", lambda said: said["spec"]["parties"].append(party("other-lab", ["hsm-key-coverage"]))
    )
    selection = selected(world.with_piece(HSM, lambda piece: replace(piece, signers=("other-lab",))))
    assert selection.attestations == ()
    assert told(selection) == [
        ("SIG-ROLE", f"evidence/{HSM} is signed by other-lab", "an hsm-key-coverage statement from hsm-lab")
    ]
    assert selected(world, parties=frozenset({"a", "other-lab", "hsm-lab"})).findings == ()


def test_one_party_that_is_asked_is_enough_among_those_who_signed():
    world = World().with_document(
        "trust", lambda said: said["spec"]["parties"].append(party("other-lab", ["hsm-key-coverage"]))
    )
    both = world.with_piece(HSM, lambda piece: replace(piece, signers=("other-lab", "hsm-lab")))
    assert len(selected(both).attestations) == 1


def test_every_party_that_is_asked_is_named():
    wanted = told(selected(World().without(HSM), parties=frozenset({"b", "a"})))[0][2]
    assert wanted == "an hsm-key-coverage statement from a, b"


def test_where_people_are_asked_that_is_said():
    assert told(selected(World().without(HSM), parties=None))[0][2].endswith("from people of the trust root")


@pytest.mark.parametrize(("now", "counts"), [("2026-04-10T13:05:00Z", True), ("2026-04-10T13:05:01Z", False)])
def test_evidence_counts_until_it_is_exactly_as_old_as_it_may_be(now, counts):
    selection = selected(replace(World(), now=now), max_age=Duration.parse("3h"))
    assert bool(selection.attestations) is counts
    assert told(selection) == (
        [] if counts else [("EVID-STALE", f"evidence/{HSM} was made on 2026-04-10T10:05:00Z", "at most 3h old")]
    )


def test_without_a_limit_nothing_is_too_old():
    assert selected(replace(World(), now="2027-01-01T00:00:00Z")).findings == ()


def test_what_does_not_say_when_it_was_made_is_not_known_to_be_young():
    selection = selected(
        World(),
        types=frozenset({test_result.TYPE}),
        parties=frozenset({"ci-tests"}),
        max_age=Duration.parse("999d"),
    )
    assert [found for _, found, _ in told(selection)] == ["evidence/tests.json does not say when it was made"]


@pytest.mark.parametrize("member", ["nonce", "requestDigest"])
def test_evidence_that_must_be_fresh_names_the_request_and_its_nonce(member):
    world = hsm(lambda said: said.pop(member) and None)
    found = f"evidence/{HSM} does not name this request and its nonce"
    assert told(selected(world, fresh=True)) == [("EVID-STALE", found, "evidence made for this request")]
    assert selected(world, fresh=False).findings == ()
    assert selected(World(), fresh=True).findings == ()


def test_another_nonce_is_refused_even_where_none_is_asked():
    world = hsm(lambda said: said.update(nonce="00" * 32))
    [(code, found, _)] = told(selected(world))
    assert code == "EVID-STALE"
    assert found.startswith(f"evidence/{HSM}: nonce 0000000000000000…")
    assert NONCE.startswith("5f2c")


def test_a_statement_about_a_part_of_the_release_counts_only_where_parts_may_be_shared_out():
    world = subjects(HSM, *({"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS[1:]))
    found = f"evidence/{HSM} is not about signer"
    assert told(selected(world, whole_release=True)) == [("SUBJ-DIGEST", found, "every component of the release")]
    assert selected(world).findings == ()
    assert selected(World(), whole_release=True).findings == ()


def test_every_component_that_is_left_out_is_named():
    world = subjects(HSM, {"name": "x", "digest": {"sha256": digest(COMPONENTS[1])}})
    found = f"evidence/{HSM} is not about signer, pkcs11-module, configuration"
    assert told(selected(world, whole_release=True))[0][1] == found


def test_what_was_refused_is_the_reason_why_nothing_counts():
    selection = selected(signed_by(HSM, "nobody"))
    assert told(selection) == [
        ("SIG-UNTRUSTED", f"evidence/{HSM}: no signature by a key of the trust root", "a key that it names")
    ]
    assert [len(finding.evidence) for finding in selection.findings] == [1]


def test_what_was_refused_is_told_beside_what_counts():
    selection = selected(World().adding("more.json", copy_of(HSM, signers=("nobody",))))
    assert len(selection.attestations) == 1
    assert [code for code, _, _ in told(selection)] == ["SIG-UNTRUSTED"]


def test_what_nobody_could_read_is_the_reason_only_where_there_is_no_better_one():
    broken = copy_of(HSM, raw=b"{")
    assert [code for code, _, _ in told(selected(World().adding(HSM, broken)))] == ["PARSE-JSON"]
    assert told(selected(World().adding("broken.json", broken))) == []
    stale = hsm(lambda said: said.pop("nonce") and None).adding("broken.json", broken)
    assert [code for code, _, _ in told(selected(stale, fresh=True))] == ["EVID-STALE"]


def test_what_was_refused_as_another_type_is_no_reason_here():
    assert [code for code, _, _ in told(selected(signed_by("tests.json", "nobody").without(HSM)))] == ["EVID-MISSING"]


def test_the_type_is_compared_to_the_letter():
    world = statement(HSM, lambda said: said.update(predicateType=said["predicateType"] + "/"))
    assert [code for code, _, _ in told(selected(world))] == ["TYPE-PREDICATE"]


def test_everything_said_about_evidence_that_does_not_count_is_inconclusive_and_says_what_to_do():
    selection = selected(signed_by(HSM, "nobody"))
    assert {(finding.outcome, finding.next) for finding in selection.findings} == {(Outcome.INCONCLUSIVE, "attest hsm")}
