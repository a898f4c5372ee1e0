"""A policy made ready to judge: what may not be in it, and which requests it may judge."""

import pytest
from attacks.d1 import requirement
from world.documents import NOW, dump, policy
from world.registry import World

from attestations.errors import InputError
from attestations.times import Instant
from gatekeeper.documents import parse_source
from gatekeeper.requirements import assertion
from gatekeeper.rulebook import check_policy_fits, load_policy, parameters_of, requirement_by_id

CASE = World().judge().case
NOON = Instant.parse(NOW)
LINES = dump(policy()).decode().splitlines()


def as_shipped(_document):
    """Change nothing."""


def loaded(change=as_shipped):
    document = policy()
    change(document)
    return load_policy(parse_source(dump(document), "policy.yaml"))


def refusal(change, code):
    with pytest.raises(InputError) as caught:
        loaded(change)
    assert caught.value.code == code
    return caught.value


def misfit(change, code):
    with pytest.raises(InputError) as caught:
        check_policy_fits(loaded(change), CASE.request, CASE.trust, NOON)
    assert caught.value.code == code
    return caught.value


def test_the_shipped_policy_loads_and_fits():
    check_policy_fits(loaded(), CASE.request, CASE.trust, NOON)


def test_the_policy_keeps_the_document_as_it_was_written():
    """What is signed and pinned is the document, not the document with its parameters filled in."""
    raw = dump(policy())
    judged = load_policy(parse_source(raw, "policy.yaml"))
    assert judged.source.raw == raw
    assert judged.digest == parse_source(raw, "policy.yaml").digest


def test_one_id_twice_is_refused_where_it_stands():
    def change(document):
        requirement(document, "way-back")["id"] = "build-provenance"

    error = refusal(change, "POL-REF")
    assert error.found == "id build-provenance a second time"
    line = next(n for n, text in enumerate(dump(changed(change)).splitlines(), 1) if b"The way back" in text)
    assert line - error.where.line in (0, 1)


def changed(change):
    document = policy()
    change(document)
    return document


def place(change, *path):
    """Return where a part of a changed policy's spec stands in its file."""
    return parse_source(dump(changed(change)), "policy.yaml").document.where(("spec", *path))


@pytest.mark.parametrize("field", ["{release.digest}", "{requester}", "{release}", "{nonce}", "{now}"])
@pytest.mark.parametrize(
    ("wanted_id", "member"), [("build-provenance", "source"), ("build-provenance", "ref"), ("source-review", "source")]
)
def test_a_reference_to_no_field_of_a_request_is_refused(wanted_id, member, field):
    error = refusal(lambda p: requirement(p, wanted_id)["expect"].update({member: f"git+{field}"}), "POL-REF")
    assert field in error.found
    assert "release.version" in error.wanted


@pytest.mark.parametrize("field", ["{release.name}", "{release.version}", "{environment}", "{stage}"])
def test_a_reference_to_a_field_of_the_request_is_used(field):
    loaded(lambda p: requirement(p, "build-provenance")["expect"].update(ref=f"refs/{field}"))


def test_provenance_may_ask_for_no_ref():
    loaded(lambda p: requirement(p, "build-provenance")["expect"].pop("ref"))


@pytest.mark.parametrize("over", ["no-such-id", "nsec3-without-iterations", "two-people"])
def test_an_assertion_over_what_rests_on_no_attestation_is_refused(over):
    error = refusal(lambda p: requirement(p, "nsec3-without-iterations").update(over=over), "POL-REF")
    assert error.found == f"over: {over}"


@pytest.mark.parametrize("over", ["way-back", "one-key-in-every-hsm", "build-provenance"])
def test_an_assertion_over_any_other_requirement_is_used(over):
    judged = loaded(lambda p: requirement(p, "nsec3-without-iterations").update(over=over))
    assert requirement_by_id(judged, "nsec3-without-iterations").over == over


def test_every_expression_is_compiled_when_the_policy_is_loaded():
    entry = {"expr": "predicate.x ===", "why": "w", "fix": "f"}
    error = refusal(lambda p: requirement(p, "nsec3-without-iterations")["assert"].append(entry), "POL-EXPR")
    assert error.where.line


def another_sign_offs(document):
    both = requirement(document, "two-people")
    document["spec"]["requirements"].append({**both, "id": "another"})


def test_a_second_sign_offs_requirement_is_refused_at_the_second():
    error = refusal(another_sign_offs, "POL-REF")
    assert error.found == "a second requirement of kind sign-offs"
    last = max(n for n, text in enumerate(dump(changed(another_sign_offs)).splitlines(), 1) if b"id: another" in text)
    assert error.where.line == last


def test_the_second_sign_offs_requirement_is_the_one_that_is_refused_wherever_it_stands():
    def change(document):
        another_sign_offs(document)
        document["spec"]["requirements"] += [
            {**requirement(document, "way-back"), "id": "later"},
            {**requirement(document, "way-back"), "id": "last"},
        ]

    assert refusal(change, "POL-REF").where == place(change, "requirements", 9)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda p: requirement(p, "way-back").update(id="build-provenance"), (6, "id")),
        (lambda p: requirement(p, "source-review")["expect"].update(source="git+{now}"), (1, "expect")),
        (lambda p: requirement(p, "nsec3-without-iterations").update(over="no-such-id"), (7, "over")),
        (lambda p: requirement(p, "nsec3-without-iterations")["assert"][0].update(expr="=="), (7, "assert", 0, "expr")),
    ],
    ids=["id", "reference", "over", "expression"],
)
def test_a_fault_of_a_requirement_is_shown_where_it_stands(change, path):
    with pytest.raises(InputError) as caught:
        loaded(change)
    assert caught.value.where == place(change, "requirements", *path)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda p: p["spec"]["applies_to"].update(changes=["rollback"]), ("applies_to",)),
        (lambda p: requirement(p, "way-back").update({"from": ["strangers"]}), ("requirements", 6, "from")),
    ],
    ids=["scope", "party"],
)
def test_what_does_not_fit_is_shown_where_it_stands(change, path):
    with pytest.raises(InputError) as caught:
        check_policy_fits(loaded(change), CASE.request, CASE.trust, NOON)
    assert caught.value.where == place(change, *path)


def test_a_policy_without_sign_offs_loads():
    loaded(lambda p: p["spec"]["requirements"].remove(requirement(p, "two-people")))


def test_a_requirement_is_found_by_its_id():
    judged = loaded()
    assert requirement_by_id(judged, "way-back").title == "The way back was walked and timed"
    assert isinstance(requirement_by_id(judged, "nsec3-without-iterations"), assertion.Options)


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ({"changes": ["rollback"]}, "rollback to cold-parallel"),
        ({"stages": ["full", "laboratory"]}, "to full, laboratory"),
    ],
)
def test_a_request_outside_the_scope_is_refused(scope, told):
    error = misfit(lambda p: p["spec"]["applies_to"].update(scope), "POL-SCOPE")
    assert error.found == "a signer-release to stage canary"
    assert told in error.wanted
    assert error.where.line


@pytest.mark.parametrize(("expires", "fits"), [("2026-04-10T12:00:01Z", True), (NOW, False)])
def test_a_policy_is_used_until_its_last_second(expires, fits):
    def change(document):
        document["metadata"]["expires"] = expires

    if fits:
        check_policy_fits(loaded(change), CASE.request, CASE.trust, NOON)
    else:
        error = misfit(change, "POL-TRUST")
        assert error.found == f"a policy that expired on {NOW}"
        assert error.where.line == next(n for n, text in enumerate(LINES, 1) if text.startswith("  expires:"))


@pytest.mark.parametrize(("at", "fits"), [("2027-01-30T23:59:59Z", True), ("2027-01-31T00:00:00Z", False)])
def test_a_trust_root_is_used_until_its_last_second(at, fits):
    moment = Instant.parse(at)
    if fits:
        check_policy_fits(loaded(), CASE.request, CASE.trust, moment)
        return
    with pytest.raises(InputError) as caught:
        check_policy_fits(loaded(), CASE.request, CASE.trust, moment)
    assert caught.value.code == "POL-TRUST"
    assert "a trust root that expired" in caught.value.found
    assert caught.value.where.file == "trust.yaml"


def test_a_party_that_the_trust_root_does_not_know_is_refused_by_name():
    error = misfit(lambda p: requirement(p, "way-back").update({"from": ["operations", "operators"]}), "POL-TRUST")
    assert error.found == "party operators, which the trust root does not know"
    assert error.where.line


def test_parameters_are_bound_with_durations_in_seconds():
    def change(document):
        document["spec"]["parameters"] = {
            "evidence_age": {"type": "duration", "default": "72h"},
            "drill_age": {"type": "duration", "default": "30d"},
            "count": {"type": "integer", "default": 3},
            "label": {"type": "string", "default": "72h"},
            "strict": {"type": "boolean", "default": True},
        }

    assert parameters_of(loaded(change)) == {
        "evidence_age": "259200s",
        "drill_age": "2592000s",
        "count": 3,
        "label": "72h",
        "strict": True,
    }
