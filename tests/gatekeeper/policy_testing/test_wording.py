"""A policy in plain words: every kind of requirement has its sentences, and nothing that matters is left out."""

from typing import get_args

from attestations.records import plain
from gatekeeper.policy_testing.printed import in_words
from gatekeeper.policy_testing.telling import policy_text
from gatekeeper.policy_testing.wording import ASKS, clauses_of, waiver_rules
from gatekeeper.requirements import AnyRequirement


def test_every_kind_of_requirement_has_its_words():
    assert set(ASKS) == set(get_args(AnyRequirement))


def test_each_requirement_says_what_is_asked_of_whom_how_old_and_whether_it_can_be_waived(policy_of):
    clauses = {clause.id: clause for clause in clauses_of(policy_of())}
    hsm = clauses["one-key-in-every-hsm"]
    assert hsm.title == "Every production HSM holds the very key that will be published"
    assert hsm.asks == (
        "every HSM of the environment signed a challenge with the key that will be published",
        "for keys in the role of zsk, ksk",
        "exercised on all of them at once: zsk-rollover, ksk-rollover, hsm-loss-during-rollover",
    )
    assert (hsm.of, hsm.age, hsm.waivable) == ("hsm-lab", "at most 3d old", False)
    assert clauses["way-back"].waivable
    assert clauses["release-tests"].age == "of any age"
    assert clauses["every-signature-verifies"].of == "validator-bind or validator-ldns or validator-native"
    assert clauses["nsec3-without-iterations"].of == "the evidence of every-signature-verifies"
    assert clauses["two-people"].of == "people of the trust root"
    assert clauses["two-people"].asks == (
        "1 release-manager and 1 crypto-officer sign off exactly this case",
        "nobody counts who asked for the change or made it or signed evidence of it",
    )


def test_where_the_policy_has_no_rules_for_waivers_nothing_can_be_waived(policy_of):
    rollback = policy_of("rollback")
    assert waiver_rules(rollback) == "nothing can be waived"
    assert not any(clause.waivable for clause in clauses_of(rollback))
    assert clauses_of(rollback)[0].of == "the gate"


def test_the_other_ways_to_ask_are_told_too(policy_of):
    def otherwise(document):
        requirements = document["spec"]["requirements"]
        requirements[0]["expect"].update(build_types=["https://ci.example/build/v1"], parameters={"allow_only": []})
        requirements[4].update(
            coverage={"detectable_fraction": "0.01", "confidence": "0.99"}, may_share=["openssl"], refuse_warnings=[]
        )
        requirements[4]["coverage"] = {"detectable_fraction": 0.01, "confidence": 0.99}
        requirements[5]["expect"]["unattended"] = False

    text = policy_text(policy_of("signer-release", otherwise))
    assert "in a build of type https://ci.example/build/v1" in text
    assert "with no parameters but none" in text
    assert "a sample is enough: " in text
    assert "code that it may share with the signer: openssl" in text
    assert "refused although legal" not in text
    assert "by hand if need be" in text


def test_the_text_names_the_policy_and_its_digest_and_the_rules_around_it(policy_of):
    policy = policy_of()
    text = policy_text(policy)
    assert text.startswith(
        "tld-signer-release, version 1, until 2027-12-31T00:00:00Z; owners: dns-ops@registry.example"
    )
    assert f"\nsha256 {policy.digest}\n" in text
    assert "\njudges signer-release, configuration to stage cold-parallel, hidden-primary, canary, full\n" in text
    assert "\nAll 9 must be met; an approval is valid for 2d.\n" in text
    assert "Waivers: a waiver takes 1 release-manager and 1 security-officer and ends after 14d." in text


def test_the_json_form_says_the_same(policy_of):
    policy = policy_of()
    told = plain(in_words(policy))
    assert (told["name"], told["version"], told["digest"]) == ("tld-signer-release", 1, policy.digest)
    assert [each["id"] for each in told["requirements"]] == [each.id for each in policy.record.spec.requirements]
    assert told["schema"].endswith("/policy-show/v1")


def test_text_of_a_policy_stays_on_its_line_and_commands_no_runner(policy_of):
    hostile = policy_of("rollback", lambda d: d["spec"]["requirements"][0].update(title="fine\n✓ approve ##[error]"))
    text = policy_text(hostile)
    assert "1. fine␊✓ approve " in text
    assert "##[" not in text
