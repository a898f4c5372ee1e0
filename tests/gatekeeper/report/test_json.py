"""The JSON form fits its published schema, which lets nothing else pass, and carries what its digest covers."""

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from attestations.command_line import tell
from attestations.digest import canonical_digest
from gatekeeper.report import render, render_error
from tests.gatekeeper.report import samples

SCHEMA = json.loads((files("gatekeeper.report") / "decision.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, registry=Registry())
ADDED = ("decisionDigest", "replaces", "places", "ledgerIndex", "approval")


def document(report):
    return json.loads(render("json", report))


def without_additions(value):
    return {key: part for key, part in value.items() if key not in ADDED}


def objects_in(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects_in(part)
    if isinstance(schema, list):
        for part in schema:
            yield from objects_in(part)


def test_the_schema_is_one_and_every_object_in_it_is_closed():
    Draft202012Validator.check_schema(SCHEMA)
    objects = list(objects_in(SCHEMA))
    assert len(objects) > 10
    assert [entry for entry in objects if entry.get("additionalProperties") is not False] == []
    assert SCHEMA["$id"] == samples.DENIED.decision.to_json()["schema"]


@pytest.mark.parametrize("report", samples.ALL.values(), ids=samples.ALL)
def test_decision_and_report_fit_the_schema(report):
    assert [error.message for error in VALIDATOR.iter_errors(document(report))] == []
    assert VALIDATOR.is_valid(report.decision.to_json())


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_hostile_text_fits_the_schema_too(text):
    assert [error.message for error in VALIDATOR.iter_errors(document(samples.speaking(text)))] == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("decision", "approve"),
        ("exitCode", 0),
        ("exitCode", 13),
        ("requirements", []),
        ("components", []),
        ("caseDigest", "0" * 63),
        ("evaluatedOn", "2026-05-05T14:02:00+02:00"),
        ("extra", 1),
        ("schema", "https://example.com/"),
    ],
)
def test_the_schema_refuses_a_document_that_is_changed_in_one_member(member, value):
    made = document(samples.DENIED)
    assert VALIDATOR.is_valid(made)
    assert not VALIDATOR.is_valid({**made, member: value})


@pytest.mark.parametrize("member", [*samples.DENIED.decision.to_json(), *ADDED])
def test_the_schema_refuses_a_report_without_any_of_its_members(member):
    made = document(samples.APPROVED)
    del made[member]
    assert not VALIDATOR.is_valid(made)


def test_the_schema_wants_a_waiver_for_a_waived_requirement_and_for_no_other():
    made = document(samples.WAIVED)
    met, waived, _ = made["requirements"]
    assert not VALIDATOR.is_valid({**made, "requirements": [{**waived, "waiver": None}]})
    assert not VALIDATOR.is_valid({**made, "requirements": [{**met, "waiver": waived["waiver"]}]})


@pytest.mark.parametrize("report", samples.ALL.values(), ids=samples.ALL)
def test_the_decision_digest_can_be_computed_from_the_report(report):
    made = document(report)
    assert canonical_digest(without_additions(made)) == made["decisionDigest"] == report.decision.digest


def test_an_error_is_the_same_document_that_both_commands_print(capsys):
    tell(samples.UNREADABLE, as_json=True)
    assert json.loads(capsys.readouterr().out) == json.loads(render_error("json", samples.UNREADABLE))
