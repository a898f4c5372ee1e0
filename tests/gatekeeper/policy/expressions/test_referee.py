"""The second engine: where both agree, where they are known to differ, and that a difference never passes."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.times import Instant
from gatekeeper.policy.expressions import FALSE, TRUE, Facts, Truth, compile_expression, referee
from gatekeeper.policy.expressions.referee import CelPython, evaluate_twice
from gatekeeper.policy.expressions.referee import referee as second_opinion

pytest.importorskip("celpy", reason="the extra `referee` is not installed")

NOW = Instant.parse("2026-05-05T19:30:00Z")


def facts(**predicate):
    return Facts(request={}, environment={}, parameters={}, predicate=predicate, now=NOW)


@pytest.mark.parametrize(
    ("source", "predicate", "truth"),
    [
        ("predicate.n == 1", {"n": 1}, Truth.TRUE),
        ("predicate.n == 1", {"n": 2}, Truth.FALSE),
        ("predicate.gone == 1", {}, Truth.INCONCLUSIVE),
        ("predicate.n", {"n": 1}, Truth.INCONCLUSIVE),
        ("predicate.n", {"n": "true"}, Truth.INCONCLUSIVE),
        ("predicate.n", {"n": None}, Truth.INCONCLUSIVE),
        ("predicate.n ==", {"n": 1}, Truth.INCONCLUSIVE),
        ("true", {"n": 2**63}, Truth.INCONCLUSIVE),
        ("now - timestamp(predicate.at) <= duration('72h')", {"at": "2026-05-02T19:30:00Z"}, Truth.TRUE),
        ("now - timestamp(predicate.at) <= duration('72h')", {"at": "2026-05-02T19:29:59Z"}, Truth.FALSE),
    ],
)
def test_the_second_engine_is_held_to_the_same_rule(source, predicate, truth):
    assert second_opinion(source, facts(**predicate)).truth is truth


@pytest.mark.parametrize(("n", "wanted"), [(1, TRUE), (2, FALSE)])
def test_two_engines_that_agree_are_believed(n, wanted):
    assert evaluate_twice(compile_expression("predicate.n == 1", None), facts(n=n)) == wanted


KNOWN_DIFFERENCES = [
    ("predicate.v == 1", {"v": True}),  # cel-python: a bool equals 1
    ("predicate.v != 'FAILED'", {"v": 1}),  # cel-python: no comparison across types
    ("predicate.v == 3.0", {"v": 3}),  # the same for kinds of number
    ("predicate.v > 2.5", {"v": 3}),
    ("!(predicate.v == '1')", {"v": 1}),
    ("true || size(predicate.v.filter(x, x.ok == true)) >= 1", {"v": [{}]}),  # cel-python: not absorbed
    ("true || predicate.v.map(x, x.ok) == [true]", {"v": [{}]}),
    ("true || predicate.v.exists_one(x, x.ok == true)", {"v": [{}]}),
]


@pytest.mark.parametrize(("source", "predicate"), KNOWN_DIFFERENCES)
def test_a_known_difference_is_inconclusive(source, predicate):
    assertion = compile_expression(source, None)
    alone = assertion.evaluate(facts(**predicate)).truth is Truth.TRUE
    assert alone != (second_opinion(source, facts(**predicate)).truth is Truth.TRUE)
    both = evaluate_twice(assertion, facts(**predicate))
    assert both.truth is Truth.INCONCLUSIVE
    assert both.reason.startswith("the engines differ: ")


def test_the_characters_of_a_text_are_elements_for_one_engine_only():
    source = "size(predicate.v) > 0 && predicate.v.all(c, c == 'a')"
    assert second_opinion(source, facts(v="aaa")) == TRUE
    assert evaluate_twice(compile_expression(source, None), facts(v="aaa")).truth is Truth.INCONCLUSIVE
    assert evaluate_twice(compile_expression(source, None), facts(v=["a"])) == TRUE


def test_what_spent_the_budget_of_the_first_is_not_given_to_the_second(monkeypatch):
    monkeypatch.setattr(referee, "referee", lambda *_: pytest.fail("asked"))
    source = "size(predicate.v) > 0 && predicate.v.all(x, x == 1)"
    assert evaluate_twice(compile_expression(source, None), facts(v=[1] * 10_000)).truth is Truth.INCONCLUSIVE


def test_a_second_engine_that_is_asked_for_but_missing_decides_nothing(monkeypatch):
    monkeypatch.setattr(referee, "is_installed", lambda: False)
    outcome = evaluate_twice(compile_expression("true", None), facts())
    assert outcome.truth is Truth.INCONCLUSIVE
    assert "pip install 'signer-gatekeeper[referee]'" in outcome.reason


def test_a_program_can_be_asked_many_times():
    program = CelPython().compile("predicate.n == 1", None)
    assert [program.run(facts(n=n).bindings) for n in (1, 2, 1)] == [TRUE, FALSE, TRUE]


# A small grammar. Every field keeps its type when it is there at all; what is left out on purpose is the table
# of differences in docs/expressions.md: comparison across types, kinds of number, quantifying over text, and
# errors inside filter(), map() and exists_one() beside an `||`.
NUMBERS = st.integers(-3, 3)
TEXTS = st.text(string.ascii_lowercase[:3], max_size=2)
ROWS = st.fixed_dictionaries({}, optional={"n": NUMBERS, "s": TEXTS, "ok": st.booleans()})
PREDICATES = st.fixed_dictionaries(
    {},
    optional={
        "n": NUMBERS,
        "s": TEXTS,
        "ok": st.booleans(),
        "numbers": st.lists(NUMBERS, max_size=3),
        "rows": st.lists(ROWS, max_size=3),
    },
)


def conditions(subject):
    relation = st.sampled_from(["==", "<", "<=", ">", ">=", "!="])
    return st.one_of(
        st.builds(lambda op, n: f"{subject}.n {op} {n}", relation, NUMBERS),
        st.builds(lambda op, s: f"{subject}.s {op} '{s}'", relation, TEXTS),
        st.builds(lambda flag: f"{subject}.ok == {flag}", st.sampled_from(["true", "false"])),
        st.builds(lambda field: f"has({subject}.{field})", st.sampled_from(["n", "s", "ok"])),
        st.builds(lambda s: f"{subject}.s.startsWith('{s}')", TEXTS),
        st.builds(lambda s: f"{subject}.s.matches('^[{s}x]+$')", TEXTS),
        st.builds(lambda a, b: f"{subject}.n + {a} == {b}", NUMBERS, NUMBERS),
        st.builds(lambda a, b: f"{subject}.n in [{a}, {b}]", NUMBERS, NUMBERS),
    )


def sure_conditions():
    return st.builds(lambda op, n: f"has(row.n) && row.n {op} {n}", st.sampled_from(["==", "<", ">="]), NUMBERS)


def quantified():
    guard = "size(predicate.rows) > 0 && "
    return st.one_of(
        st.builds(lambda body: f"({guard}predicate.rows.all(row, {body}))", conditions("row")),
        st.builds(lambda body: f"predicate.rows.exists(row, {body})", conditions("row")),
        st.builds(lambda body: f"({guard}predicate.rows.exists_one(row, {body}))", sure_conditions()),
        st.builds(lambda body: f"({guard}!predicate.rows.exists(row, {body}))", conditions("row")),
        st.builds(
            lambda body, n: f"({guard}size(predicate.rows.filter(row, {body})) >= {n})", sure_conditions(), NUMBERS
        ),
        st.builds(lambda n: f"{n} in predicate.numbers", NUMBERS),
        st.builds(lambda n, i: f"predicate.numbers[{i}] == {n}", NUMBERS, st.integers(0, 3)),
        st.builds(lambda n: f"predicate.numbers.map(x, x * 2).exists(y, y == {n})", NUMBERS),
    )


EXPRESSIONS = st.recursive(
    conditions("predicate") | quantified(),
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a} && {b})", inner, inner),
        st.builds(lambda a, b: f"({a} || {b})", inner, inner),
        st.builds(lambda a, b, c: f"({a} ? {b} : {c})", conditions("predicate"), inner, inner),
        st.builds(lambda a: f"!({a})", conditions("predicate")),
    ),
    max_leaves=4,
)


@settings(max_examples=250)
@given(EXPRESSIONS, PREDICATES)
def test_both_engines_allow_and_refuse_alike(source, predicate):
    seen = facts(**predicate)
    first = compile_expression(source, None).evaluate(seen)
    second = second_opinion(source, seen)
    assert (first.truth is Truth.TRUE) == (second.truth is Truth.TRUE), (first, second)
