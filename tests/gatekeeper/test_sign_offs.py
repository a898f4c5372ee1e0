"""Sign-offs: people, never keys; this very case; apart from the change; and a rejection stands."""

from dataclasses import replace

import layouts
import pytest
from attacks.b10_layouts import with_layout
from attacks.d1 import requirement
from attacks.d7 import by, signed, with_person
from world.documents import NOW, dump, party, pem
from world.pieces import waiver
from world.registry import World

from attestations.errors import InputError
from attestations.times import Instant
from gatekeeper.decision import Verdict
from gatekeeper.finding import Outcome
from gatekeeper.gate import decide
from gatekeeper.rulebook import requirement_by_id


def people(making, world=None):
    """The result of the sign-offs requirement with these sign-offs and no others."""
    files = signed(making, 0, world=world).contents()
    decision = decide(World().inputs(files), Instant.parse(NOW)).decision
    return next(result for result in decision.results if result.id == "two-people")


def found(result, outcome):
    return [finding.found for finding in result.findings if finding.outcome is outcome]


def asked(**metadata):
    return World().with_document("request", lambda request: request["metadata"].update(metadata))


def with_options(**options):
    return World().with_document("policy", lambda policy: requirement(policy, "two-people").update(options))


BOTH = {"alice": by("alice"), "bob": by("bob")}


def test_the_wanted_people_are_enough_and_are_named():
    result = people(BOTH)
    assert result.outcome is Outcome.MET
    assert found(result, Outcome.MET) == ["signed off by alice, bob"]
    assert {finding.code for finding in result.findings} == {"APPR-COUNT"}
    assert len(result.evidence) == 2


def test_without_sign_offs_every_place_is_told():
    result = people({})
    assert result.outcome is Outcome.INCONCLUSIVE
    assert found(result, Outcome.INCONCLUSIVE) == [
        "signed off by nobody; still empty: 1 x crypto-officer, 1 x release-manager"
    ]
    assert result.codes == ("APPR-COUNT",)
    assert result.findings[0].wanted == "1 x crypto-officer, 1 x release-manager"
    assert "gatekeeper sign-off" in result.findings[0].next


def test_with_one_of_two_the_other_place_is_told():
    result = people({"bob": by("bob")})
    assert found(result, Outcome.INCONCLUSIVE) == ["signed off by bob; still empty: 1 x release-manager"]
    assert len(result.evidence) == 1


def test_a_role_that_is_not_asked_for_fills_no_place():
    assert people({"dave": by("dave"), "bob": by("bob")}).outcome is Outcome.INCONCLUSIVE


def test_more_people_than_places_are_welcome():
    assert people({**BOTH, "carol": by("carol"), "dave": by("dave")}).outcome is Outcome.MET


@pytest.mark.parametrize("count", [1, 2])
def test_places_of_one_role_take_as_many_people(count):
    world = with_options(need={"release-manager": count})
    result = people({"alice": by("alice")}, world)
    assert (result.outcome is Outcome.MET) == (count == 1)


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        ({"caseDigest": "0" * 64}, "APPR-REPLAY", "alice signed case 0000000000000000…; the case has changed since"),
        ({"stage": "full"}, "APPR-REPLAY", "alice: stage 'full'"),
        ({"requestId": "r-1"}, "APPR-REPLAY", "alice: stage 'canary'"),
        ({"person": "carol"}, "APPR-COUNT", "evidence/sign-off-alice.json: signed by alice, says it is 'carol'"),
        ({"signedOn": "2026-01-01T00:00:00Z"}, "EVID-STALE", "alice signed on 2026-01-01T00:00:00Z"),
    ],
    ids=["another case", "another stage", "another request", "another person", "long ago"],
)
def test_a_sign_off_of_something_else_does_not_count_and_says_why(members, code, text):
    result = people({"alice": by("alice", **members), "bob": by("bob")})
    assert result.outcome is Outcome.INCONCLUSIVE
    first = next(finding for finding in result.findings if finding.outcome is Outcome.INCONCLUSIVE)
    assert (first.code, first.found) == (code, text)
    assert len(first.evidence) == 1


def test_people_are_named_in_the_order_of_their_names_wherever_their_sign_offs_stand():
    result = people({"a": by("bob"), "b": by("alice")})
    assert found(result, Outcome.MET) == ["signed off by alice, bob"]


def test_a_sign_off_that_does_not_count_is_a_note_beside_enough_that_do():
    result = people({**BOTH, "old": by("carol", caseDigest="0" * 64)})
    assert result.outcome is Outcome.MET
    assert len(found(result, Outcome.NOTE)) == 1
    assert "the case has changed since" in found(result, Outcome.NOTE)[0]


@pytest.mark.parametrize("requester", ["alice", "alice@registry.example", "ALICE@registry.example"])
def test_the_requester_does_not_count(requester):
    result = people(BOTH, asked(requester=requester))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert found(result, Outcome.INCONCLUSIVE)[0] == "alice asked for the change"
    assert result.codes == ("APPR-COUNT",)


@pytest.mark.parametrize("authors", [["alice"], ["erin@registry.example", "Bob@registry.example"]])
def test_no_author_counts(authors):
    result = people(BOTH, asked(authors=authors))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert found(result, Outcome.INCONCLUSIVE)[0].endswith("is an author of the change")


def test_where_no_author_is_named_nobody_counts():
    result = people(BOTH, asked(authors=[]))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert len(result.findings) == 3


def test_an_author_whom_the_trust_root_does_not_know_excludes_nobody():
    assert people(BOTH, asked(authors=["mallory@elsewhere.example"])).outcome is Outcome.MET


def holding(*names):
    def change(trust):
        next(party for party in trust["spec"]["parties"] if party["name"] == "hsm-lab").update(people=list(names))

    return World().with_document("trust", change)


def test_who_holds_a_key_that_signed_evidence_does_not_count():
    result = people(BOTH, holding("bob"))
    assert found(result, Outcome.INCONCLUSIVE)[0] == "bob signed evidence of this case"
    assert people(BOTH, holding("dave")).outcome is Outcome.MET


def test_who_signed_a_waiver_does_not_count():
    world = World().adding("waiver.json", waiver("anomaly-stops-publication", "alice", "dave"))
    assert found(people(BOTH, world), Outcome.INCONCLUSIVE)[0] == "alice signed evidence of this case"


def test_who_holds_a_key_of_evidence_that_is_not_offered_counts():
    def change(trust):
        next(party for party in trust["spec"]["parties"] if party["name"] == "validator-ldns").update(people=["bob"])

    assert people(BOTH, World().with_document("trust", change)).outcome is Outcome.MET


@pytest.mark.parametrize(
    ("excluded", "world"),
    [
        (["author", "evidence-signer"], asked(requester="alice")),
        (["requester", "evidence-signer"], asked(authors=["alice"])),
        (["requester", "evidence-signer"], asked(authors=[])),
        (["requester", "author"], holding("alice")),
    ],
)
def test_who_counts_is_what_the_policy_says(excluded, world):
    relaxed = world.with_document("policy", lambda policy: requirement(policy, "two-people").update({"not": excluded}))
    assert people(BOTH, world).outcome is Outcome.INCONCLUSIVE
    assert people(BOTH, relaxed).outcome is Outcome.MET


@pytest.mark.parametrize(
    "rejection",
    [
        by("alice", "reject", reason="the drill is odd"),
        by("dave", "reject", reason="the drill is odd"),
        by("dave", "reject", reason="the drill is odd", caseDigest="0" * 64),
        by("dave", "reject", reason="the drill is odd", stage="full"),
        by("dave", "reject", reason="the drill is odd", person="alice"),
        by("dave", "reject", reason="the drill is odd", keys=("dave", "carol")),
        by("erin", "reject", reason="the drill is odd"),
    ],
    ids=["own", "other role", "earlier case", "other stage", "other name", "signed along", "author"],
)
def test_a_rejection_stands_whoever_made_it_and_however_many_sign_off(rejection):
    result = people({**BOTH, "carol": by("carol"), "no": rejection})
    assert result.outcome is Outcome.UNMET
    assert found(result, Outcome.UNMET)[0].endswith("rejected: the drill is odd")
    assert next(f for f in result.findings if f.outcome is Outcome.UNMET).next == "answer it with a new request"


def test_a_rejection_without_a_reason_stands_too():
    result = people({**BOTH, "no": by("dave", "reject")})
    assert found(result, Outcome.UNMET) == ["dave rejected: no reason given"]
    assert result.codes == ("APPR-COUNT",)


def test_a_rejection_stands_where_places_are_empty_as_well():
    assert people({"no": by("dave", "reject")}).outcome is Outcome.UNMET


def test_a_rejection_of_another_request_is_nothing_to_this_one():
    result = people({**BOTH, "no": by("dave", "reject", requestDigest="0" * 64)})
    assert result.outcome is Outcome.MET


@pytest.mark.parametrize(
    ("signed_on", "outcome"), [("2026-04-10T11:00:00Z", Outcome.MET), ("2026-04-10T10:59:59Z", Outcome.INCONCLUSIVE)]
)
def test_up_to_the_age_that_the_policy_allows_a_sign_off_counts(signed_on, outcome):
    result = people({"alice": by("alice", signedOn=signed_on), "bob": by("bob")}, with_options(max_age="1h"))
    assert result.outcome is outcome
    if outcome is Outcome.INCONCLUSIVE:
        assert found(result, outcome)[0] == f"alice signed on {signed_on}"
        assert result.findings[0].wanted == "at most 1h old"


def test_without_a_limit_in_the_policy_no_sign_off_is_too_old():
    world = World().with_document("policy", lambda policy: requirement(policy, "two-people").pop("max_age"))
    assert (
        people({"alice": by("alice", signedOn="2020-01-01T00:00:00Z"), "bob": by("bob")}, world).outcome is Outcome.MET
    )


def test_sign_offs_are_never_waived_and_always_of_distinct_people():
    options = requirement_by_id(World().judge().policy, "two-people")
    assert (options.waivable, options.distinct_people) == (False, True)
    for relaxed in ({"waivable": True}, {"distinct_people": False}):
        files = World().files() | {"policy.yaml": dump(with_options(**relaxed).policy)}
        with pytest.raises(InputError) as caught:
            decide(World().inputs(files), Instant.parse(NOW))
        assert caught.value.code == "SCHEMA"


def test_a_policy_that_says_nothing_more_means_the_same():
    def plain(policy):
        requirement(policy, "two-people").pop("distinct_people")

    options = requirement_by_id(World().with_document("policy", plain).judge().policy, "two-people")
    assert (options.waivable, options.distinct_people) == (False, True)


def test_a_rejection_does_not_grow_old():
    old = by("dave", "reject", signedOn="2026-01-01T00:00:00Z")
    assert people({**BOTH, "no": old}, with_options(max_age="1h")).outcome is Outcome.UNMET


def test_one_sign_off_in_two_envelopes_signed_by_two_is_no_sign_off_of_one():
    making = {"alice": by("alice"), "later": lambda digest: replace(by("alice")(digest), signers=("bob",))}
    result = people(making)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "signed by alice, bob, says it is 'alice'" in found(result, Outcome.INCONCLUSIVE)[0]


def test_two_keys_of_one_person_on_one_sign_off_are_that_person():
    world = with_person("alice", keys=[pem("alice"), pem("alice's second key")])
    assert (
        people({"alice": by("alice", keys=("alice", "alice's second key")), "bob": by("bob")}, world).outcome
        is Outcome.MET
    )


def test_a_sign_off_by_a_stranger_is_named_as_the_cause():
    result = people({"alice": by("alice", keys=("mallory",)), "bob": by("bob")})
    assert result.codes == ("APPR-COUNT", "SIG-UNTRUSTED")


def packaged_by(name):
    """Return a layout with its links whose last step `name` did."""
    said = layouts.layout()
    said["keys"] = {key: value for key, value in said["keys"].items() if key != layouts.key_id("packager")}
    said["keys"][layouts.key_id(name)] = layouts.named_key(name)
    said["steps"][1]["pubkeys"] = [layouts.key_id(name)]
    return layouts.chain(said, (*layouts.LINKS[:2], (layouts.LINKS[2][0], name)))


def test_who_did_a_step_of_a_layout_signed_evidence_and_does_not_sign_it_off():
    held = party("packagers", ["test-result"], ("packager",), people=["alice"])
    holding = with_layout().with_document("trust", lambda trust: trust["spec"]["parties"].append(held))
    for world in (with_layout(packaged_by("alice")), holding):
        (result,) = (one for one in world.judge().decision.results if one.id == "two-people")
        assert result.outcome is Outcome.INCONCLUSIVE
        assert any("alice signed evidence of this case" in text for text in found(result, Outcome.INCONCLUSIVE))
    assert with_layout(packaged_by("stranger")).judge().decision.verdict is Verdict.APPROVE


@pytest.mark.parametrize(("helper", "verdict"), [("alice", Verdict.INCONCLUSIVE), ("stranger", Verdict.APPROVE)])
def test_who_helped_a_functionary_signed_evidence_and_does_not_sign_it_off(helper, verdict):
    wrapped = layouts.packaging()
    wrapped["steps"][1]["pubkeys"] = [layouts.key_id(helper)]
    wrapped["keys"][layouts.key_id(helper)] = layouts.named_key(helper)
    parts = (layouts.PACKAGING_LINKS[0], (layouts.PACKAGING_LINKS[1][0], helper))
    raw = layouts.chain(links=(*layouts.LINKS[:2], layouts.sublayout(wrapped, parts)))
    assert with_layout(raw).judge().decision.verdict is verdict
