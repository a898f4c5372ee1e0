"""References in a policy: to declared parameters and to fields of the request, never text that is pasted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world.documents import dump, request
from world.registry import World

from attestations.errors import InputError
from attestations.strict import read_yaml
from gatekeeper.policy.references import REQUEST_FIELDS, fill, resolve_parameters, unknown_fields

REQUEST = World().judge().case.request


def policy(requirements, **parameters):
    return read_yaml(dump({"spec": {"parameters": parameters, "requirements": requirements}}), "policy.yaml")


def resolved(requirements, **parameters):
    return resolve_parameters(policy(requirements, **parameters)).value["spec"]["requirements"]


AGE = {"type": "duration", "default": "72h"}


def test_a_reference_becomes_the_default_wherever_it_stands():
    found = resolved([{"max_age": "parameters.age", "expect": {"list": ["parameters.age", "x"]}}], age=AGE)
    assert found == [{"max_age": "72h", "expect": {"list": ["72h", "x"]}}]


@pytest.mark.parametrize("default", [True, 7, "text"])
def test_a_reference_becomes_a_value_of_the_type_it_was_declared_with(default):
    assert resolved([{"x": "parameters.p"}], p={"type": "any", "default": default}) == [{"x": default}]


@pytest.mark.parametrize(
    "text",
    [
        "predicate.x == parameters.age",
        "parameters.age ",
        "parameters.Age",
        "parameters.",
        "xparameters.age",
        "parameters",
    ],
)
def test_text_that_is_no_reference_as_a_whole_stays_text(text):
    assert resolved([{"x": text}], age=AGE) == [{"x": text}]


def test_what_a_parameter_says_is_not_read_again():
    assert resolved([{"x": "parameters.a"}], a={"default": "parameters.b"}, b=AGE) == [{"x": "parameters.b"}]


def test_keys_are_never_references():
    assert resolved([{"parameters.age": 1}], age=AGE) == [{"parameters.age": 1}]


@pytest.mark.parametrize("parameters", [{}, {"other": AGE, "more": AGE}, {"age": {"type": "duration"}}, {"age": "72h"}])
def test_a_reference_to_what_is_not_declared_is_refused_where_it_stands(parameters):
    with pytest.raises(InputError) as caught:
        resolved([{"a": 1, "max_age": "parameters.age"}], **parameters)
    assert caught.value.code == "POL-REF"
    assert caught.value.found == "parameters.age, which spec.parameters does not declare"
    assert caught.value.wanted == f"one of: {', '.join(sorted(parameters)) or 'none declared'}"
    assert caught.value.where.line
    assert caught.value.where.column


def test_references_outside_of_requirements_stay_as_they_are():
    document = read_yaml(dump({"metadata": {"x": "parameters.age"}, "spec": {"requirements": []}}), "policy.yaml")
    assert resolve_parameters(document).value["metadata"] == {"x": "parameters.age"}


@pytest.mark.parametrize(
    "value", [{}, {"spec": None}, {"spec": []}, {"spec": {"parameters": {}}}, [], {"spec": {"requirements": []}}]
)
def test_what_is_no_policy_is_left_to_the_schema(value):
    document = read_yaml(dump(value), "policy.yaml")
    assert resolve_parameters(document).value == value


def test_the_document_that_was_given_is_not_changed():
    document = policy([{"max_age": "parameters.age"}], age=AGE)
    resolve_parameters(document)
    assert document.value["spec"]["requirements"] == [{"max_age": "parameters.age"}]


def test_every_field_is_filled_with_what_the_request_says():
    said = request()["spec"]
    template = " ".join(f"{{{name}}}" for name in REQUEST_FIELDS)
    wanted = (said["release"]["name"], said["release"]["version"], said["environment"], said["stage"], said["change"])
    assert fill(template, REQUEST) == " ".join(wanted)
    assert unknown_fields(template) == ()


def test_what_a_request_says_is_not_read_again():
    world = World().with_document("request", lambda r: r["spec"]["release"].update(version="{stage}"))
    assert fill("v{release.version}", world.judge().case.request) == "v{stage}"


@pytest.mark.parametrize("template", ["{nonce}", "{release}", "{release.components}", "{a}{b}"])
def test_references_to_anything_else_are_named(template):
    assert unknown_fields(template) == tuple(part.strip("{}") for part in template.replace("}{", "} {").split())


@given(st.text(alphabet=st.characters(exclude_characters="{}"), max_size=40))
def test_text_without_references_stays_as_it_is(text):
    assert fill(text, REQUEST) == text
    assert unknown_fields(text) == ()
