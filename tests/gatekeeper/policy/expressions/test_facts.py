"""Facts that the engines would read differently are refused before either sees them."""

import pytest

from attestations.times import Instant
from gatekeeper.policy.expressions import FALSE, TRUE, Facts, Truth, compile_expression
from gatekeeper.policy.expressions.facts import MAX_DEPTH

NOW = Instant.parse("2026-05-05T19:30:00Z")


def facts(value, variable="predicate"):
    documents = {"request": {}, "environment": {}, "parameters": {}, "predicate": {}}
    return Facts(**(documents | {variable: {"value": value}}), now=NOW)


def nested(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 1.5, "", None, True, [], {}, {"a": [{"b": 1}]}])
def test_json_values_are_facts(value):
    assert facts(value).fault is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (2**63, "an integer beyond signed 64 bits"),
        (-(2**63) - 1, "an integer beyond signed 64 bits"),
        (2**64, "an integer beyond signed 64 bits"),
        ([{"a": 2**200}], "an integer beyond signed 64 bits"),
        (float("nan"), "a number that is not finite"),
        (float("inf"), "a number that is not finite"),
        ({1: 2}, "an object with a key that is not text"),
        ((1,), "a value of type tuple, which JSON does not have"),
        (b"a", "a value of type bytes, which JSON does not have"),
        (NOW, "a value of type Instant, which JSON does not have"),
    ],
)
def test_anything_else_makes_every_assertion_inconclusive(value, fault):
    outcome = compile_expression("true || predicate.n == 1", None).evaluate(facts(value))
    assert outcome.truth is Truth.INCONCLUSIVE
    assert outcome.reason == f"`predicate` holds {fault}"


@pytest.mark.parametrize("variable", ["request", "environment", "parameters", "predicate"])
def test_every_variable_is_looked_at(variable):
    assert facts(2**63, variable).fault == f"`{variable}` holds an integer beyond signed 64 bits"
    assert facts(2**63 - 1, variable).fault is None


def test_depth_is_bounded():
    assert facts(nested(MAX_DEPTH - 2)).fault is None
    assert facts(nested(MAX_DEPTH - 1)).fault == f"`predicate` holds more than {MAX_DEPTH} levels"


def test_the_largest_integer_is_compared_as_it_is():
    assertion = compile_expression("predicate.value == 9223372036854775807", None)
    assert assertion.evaluate(facts(2**63 - 1)) == TRUE
    assert assertion.evaluate(facts(2**63 - 2)) == FALSE
