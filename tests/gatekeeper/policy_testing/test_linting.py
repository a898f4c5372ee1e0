"""The lint: what a policy may not say and what it should not, each with its place, and the twin that is fine."""

import pytest
from world.documents import dump
from world.documents import trust as world_trust

from attestations.times import Instant
from gatekeeper.documents import parse_source
from gatekeeper.policy_testing import lint
from gatekeeper.trust import load_trust

NOW = Instant.parse("2026-04-10T12:00:00Z")


def requirement(number, **members):
    return lambda document: document["spec"]["requirements"][number].update(members)


def without(*ids):
    def change(document):
        spec = document["spec"]
        spec["requirements"] = [each for each in spec["requirements"] if each["id"] not in ids]
        document["tests"] = [{"name": "any", "case": "cases/any", "expect": {"decision": "approve"}}]

    return change


def asserting(expression):
    def change(document):
        document["spec"]["requirements"][7]["assert"][0]["expr"] = expression

    return change


def expiring(moment):
    return lambda document: document["metadata"].update(expires=moment)


def no_tests(document):
    del document["tests"]


def seen_only_by(*parties):
    def change(document):
        for number in (3, 4):
            document["spec"]["requirements"][number]["from"] = list(parties)

    return change


@pytest.fixture
def remarks(policy_of):
    def found(*changes, trust=None, name="signer-release"):
        return [(remark.refused, remark.found) for remark in lint(policy_of(name, *changes), NOW, trust)]

    return found


def unchanged(document):
    return document


def trusting(change=unchanged):
    document = world_trust()
    change(document)
    return load_trust(parse_source(dump(document), "trust.yaml"), {})


CLAIMS = "rests on claims only: nothing in it was observed by anybody but the makers of the release"
OBSERVED = ("one-key-in-every-hsm", "every-signature-verifies", "nsec3-without-iterations")


@pytest.mark.parametrize(
    ("change", "refused", "found"),
    [
        (no_tests, True, "a policy without tests"),
        (expiring("2026-04-10T12:00:00Z"), True, "a policy that expired on 2026-04-10T12:00:00Z"),
        (expiring("2026-05-10T11:59:59Z"), False, "a policy that expires in 29 days, on 2026-05-10T11:59:59Z"),
        (without(*OBSERVED), False, CLAIMS),
        (seen_only_by("ci-builder", "ci-tests"), False, CLAIMS),
        (
            requirement(3, waivable=True),
            False,
            "one-key-in-every-hsm can be waived: it is one of the two that would have seen 5 May 2026",
        ),
        (
            requirement(4, waivable=True),
            False,
            "every-signature-verifies can be waived: it is one of the two that would have seen 5 May 2026",
        ),
        (
            lambda document: document["spec"]["requirements"][8].pop("max_age"),
            False,
            "two-people has no max_age: a yes would count for as long as the case stays as it is",
        ),
        (
            asserting("predicate.denial.iterations != 1"),
            False,
            "a condition that any value of another type fulfils at character 1 of the expression",
        ),
        (
            lambda document: document["tests"][1]["expect"].update(by=["one-key"]),
            True,
            "a test that expects one-key, which no requirement is called",
        ),
    ],
    ids=[
        "no tests",
        "expired",
        "expires soon",
        "nobody observes",
        "the builder observes",
        "HSM waivable",
        "zone waivable",
        "sign-offs of any age",
        "expression",
        "test of nothing",
    ],
)
def test_a_remark_is_made(remarks, change, refused, found):
    assert remarks(change) == [(refused, found)]


@pytest.mark.parametrize(
    "change",
    [
        unchanged,
        expiring("2026-05-10T12:00:00Z"),
        without(*OBSERVED[1:]),
        without(OBSERVED[0]),
        seen_only_by("ci-builder", "hsm-lab"),
        requirement(5, waivable=True),
        asserting("predicate.denial.iterations == 1"),
    ],
    ids=["as shipped", "30 days", "HSM only", "zone only", "one other", "drill waivable", "equality"],
)
def test_its_twin_passes_without_a_remark(remarks, change):
    assert remarks(change) == []


def test_a_policy_that_does_not_judge_releases_may_rest_on_what_it_likes(remarks):
    def drill_only(document):
        spec = document["spec"]
        spec["requirements"] = [each for each in spec["requirements"] if each["id"] != "one-key-in-every-hsm"]
        document["tests"] = document["tests"][:1]

    assert remarks(drill_only, name="rollback") == []


def test_the_remarks_of_a_policy_come_in_the_order_of_the_file_with_their_places(policy_of):
    found = lint(policy_of("signer-release", requirement(4, waivable=True), requirement(3, waivable=True)), NOW)
    assert [remark.where.file for remark in found] == ["signer-release.yaml"] * 2
    assert [remark.found.split()[0] for remark in found] == list(OBSERVED[:2])
    assert found[0].where.line < found[1].where.line
    assert all(remark.fix for remark in found)


def test_a_party_that_the_trust_root_does_not_know_is_refused(remarks):
    stranger = requirement(3, **{"from": ["hsm-lab", "hsm-labs"]})
    assert remarks(stranger, trust=trusting()) == [(True, "party hsm-labs, which the trust root does not know")]
    assert remarks(stranger) == [], "nobody can tell without the trust root"
    assert remarks(trust=trusting()) == []


def test_a_quorum_that_the_code_bases_of_its_parties_cannot_reach_is_refused(remarks):
    def one_code_base(document):
        for party in document["spec"]["parties"]:
            if party["name"] in ("validator-ldns", "validator-native"):
                party["code_base"] = "bind"

    found = "1 code bases among its parties, and a quorum of 2"
    assert remarks(trust=trusting(one_code_base)) == [(True, found)]

    def two_code_bases(document):
        document["spec"]["parties"][5]["code_base"] = "bind"

    assert remarks(trust=trusting(two_code_bases)) == []
