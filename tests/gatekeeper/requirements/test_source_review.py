"""The requirement `source-review`: the very commit that was built had been reviewed."""

from dataclasses import replace

import pytest
from attacks.evidence import copy_of, subjects
from world.pieces import COMMIT, SOURCE
from world.registry import World

ID, FILE = "source-review", "source.json"
OTHER = "1b7e" * 10
VERIFIER = "https://source.example/verifier"


def changed(**fields):
    return World().with_predicate(FILE, lambda said: said.update(fields))


def expecting(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][1]["expect"].update(options))


def about(*digests, world=None):
    named = [{"name": "signer", "digest": found} for found in digests]
    return (world or World()).with_piece(
        FILE, lambda piece: replace(piece, statement_changes=(lambda said: said.update(subject=named),))
    )


def built(*commits):
    """Return the world in which the provenance pins the source to these commits."""

    def change(said):
        said["buildDefinition"]["resolvedDependencies"] = [
            {"uri": SOURCE, "digest": {"gitCommit": commit}} for commit in commits
        ]

    return World().with_predicate("provenance.json", change)


def test_a_commit_that_was_reviewed_meets_it(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    assert [(f.code, f.found, f.evidence) for f in judged.for_it] == [
        (
            "SRC-REVIEW",
            f"commit {COMMIT[:16]}… reviewed at level 4, by two people, says '{VERIFIER}'",
            (digest_of(FILE, World()),),
        )
    ]


def test_a_review_by_one_person_is_not_told_as_one_by_two(judge):
    world = changed(verifiedLevels=["SLSA_SOURCE_LEVEL_3"]).with_document(
        "policy", lambda said: said["spec"]["requirements"][1]["expect"].update(level=3)
    )
    judged = judge(ID, world)
    assert judged.outcome == "met"
    assert judged.for_it[0].found == f"commit {COMMIT[:16]}… reviewed at level 3, says '{VERIFIER}'"


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (changed(verificationResult="FAILED"), "result FAILED"),
        (changed(verifiedLevels=["SLSA_SOURCE_LEVEL_3"]), "levels 'SLSA_SOURCE_LEVEL_3'"),
        (changed(verifiedLevels=["SLSA_BUILD_LEVEL_4"]), "levels 'SLSA_BUILD_LEVEL_4'"),
        (changed(verifiedLevels=["SLSA_SOURCE_LEVEL_44"]), "levels 'SLSA_SOURCE_LEVEL_44'"),
        (changed(verifiedLevels=["XSLSA_SOURCE_LEVEL_4"]), "levels 'XSLSA_SOURCE_LEVEL_4'"),
        (changed(verifiedLevels=[]), "levels ''"),
        (
            changed(verifier={"id": f"{VERIFIER}s"}),
            f"verifier '{VERIFIER}s', which the trust root does not name for this party",
        ),
    ],
)
def test_a_summary_that_does_not_say_so_denies_and_says_why(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    assert judged.against == [("SRC-REVIEW", "unmet", f"evidence/{FILE}: {found}")]
    assert judged.result.evidence == (digest_of(FILE, world),)
    assert judged.for_it == []


@pytest.mark.parametrize(
    "world",
    [
        changed(verifiedLevels=["SLSA_SOURCE_LEVEL_0", "SLSA_SOURCE_LEVEL_4", "SLSA_SOURCE_LEVEL_1"]),
        expecting(level=3),
        about({"sha1": COMMIT}),
        about({"gitCommit": OTHER}, {"gitCommit": COMMIT}),
        changed(dependencyLevels={"SLSA_SOURCE_LEVEL_1": 3}, somethingNew=1),
    ],
)
def test_the_honest_twin_of_each_refusal_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


def test_no_level_at_all_is_not_even_level_1(judge):
    world = expecting(level=1)
    assert judge(ID, world.with_predicate(FILE, lambda said: said.update(verifiedLevels=[]))).outcome == "unmet"
    lowest = world.with_predicate(FILE, lambda said: said.update(verifiedLevels=["SLSA_SOURCE_LEVEL_1"]))
    assert judge(ID, lowest).outcome == "met"


def test_a_level_of_three_is_enough_for_three(judge):
    world = expecting(level=3).with_predicate(FILE, lambda said: said.update(verifiedLevels=["SLSA_SOURCE_LEVEL_3"]))
    assert judge(ID, world).outcome == "met"


@pytest.mark.parametrize(
    "world",
    [
        about({"gitCommit": OTHER}),
        about({"sha256": "ab" * 32}),
        built(OTHER),
        changed(resourceUri="git+https://git.registry.example/fork"),
        changed(resourceUri=f"{SOURCE}/"),
    ],
    ids=["other commit", "no commit", "other built", "fork", "another spelling"],
)
def test_a_summary_of_something_else_says_nothing_about_this_source(judge, world):
    judged = judge(ID, world)
    assert judged.outcome == "inconclusive"
    [(code, outcome, found)] = judged.against
    assert (code, outcome) == ("SRC-REVIEW", "inconclusive")
    assert found.startswith("no summary is about commit ")
    assert found.endswith(f"… of {SOURCE}")


def test_what_is_said_of_a_fork_does_not_hurt(judge):
    fork = copy_of(FILE).change(
        lambda said: said.update(resourceUri="git+https://git.registry.example/fork", verificationResult="FAILED")
    )
    assert judge(ID, World().adding("fork.json", fork)).outcome == "met"


def test_one_failed_summary_of_the_commit_beside_a_passed_one_denies(judge):
    failed = copy_of(FILE).change(lambda said: said.update(verificationResult="FAILED"))
    assert judge(ID, World().adding("more.json", failed)).outcome == "unmet"


def test_every_commit_that_was_built_must_have_been_reviewed(judge):
    assert judge(ID, built(COMMIT, OTHER)).against == [
        ("SRC-REVIEW", "inconclusive", f"no summary is about commit {OTHER[:16]}… of {SOURCE}")
    ]
    both = about({"gitCommit": COMMIT}, {"gitCommit": OTHER}, world=built(COMMIT, OTHER))
    assert judge(ID, both).outcome == "met"


@pytest.mark.parametrize("world", [World().without("provenance.json"), built(), built("short")])
def test_without_a_commit_that_was_built_nobody_knows_what_was_to_be_reviewed(judge, world):
    judged = judge(ID, world)
    assert judged.outcome == "inconclusive"
    found = "no verified provenance names a commit of this source"
    assert judged.against == [("SRC-REVIEW", "inconclusive", found)]


def test_provenance_of_another_source_names_no_commit_of_this_one(judge):
    judged = judge(ID, expecting(source="git+https://git.registry.example/other"))
    assert judged.against[0][2] == "no verified provenance names a commit of this source"


def test_the_commit_of_provenance_that_was_refused_is_not_asked_for(judge):
    world = World().adding("more.json", replace(built(OTHER).pieces["provenance.json"], signers=("nobody",)))
    assert judge(ID, world).outcome == "met"


def test_a_verifier_that_another_party_may_speak_for_is_not_borrowed(judge):
    def change(said):
        said["spec"]["parties"][1]["verifier_ids"] = ["https://source.example/another"]
        said["spec"]["parties"][2].update(may=["test-result", "source-review"], verifier_ids=[VERIFIER])

    world = World().with_document("trust", change)
    world = world.with_piece(FILE, lambda piece: replace(piece, signers=("source-verifier", "ci-tests")))
    assert judge(ID, world).outcome == "unmet"


@pytest.mark.parametrize(
    ("made", "outcome"), [("2026-04-09T12:00:00Z", "met"), ("2026-04-09T11:59:59Z", "inconclusive")]
)
def test_where_the_policy_says_so_a_summary_grows_old(judge, made, outcome):
    world = World().with_document("policy", lambda said: said["spec"]["requirements"][1].update(max_age="24h"))
    judged = judge(ID, world.with_predicate(FILE, lambda said: said.update(timeVerified=made)))
    assert judged.outcome == outcome


def test_subjects_are_what_the_summary_is_about_and_names_are_not(judge):
    assert judge(ID, subjects(FILE, {"name": COMMIT, "digest": {"gitCommit": OTHER}})).outcome == "inconclusive"
