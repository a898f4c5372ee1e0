"""What compiles and yet may not stand in a policy, each with the form that may."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.times import Instant
from gatekeeper.policy.expressions import FALSE, TRUE, Facts, compile_expression
from gatekeeper.policy.expressions.lint import lint
from gatekeeper.policy.expressions.syntax import parse

EMPTY = "which may be empty"


def refusal(source) -> InputError:
    with pytest.raises(InputError) as caught:
        compile_expression(source, None)
    assert caught.value.code == "POL-EXPR"
    return caught.value


@pytest.mark.parametrize(
    "source",
    [
        "[].all(x, false)",
        "predicate.l.all(x, x == 1)",
        "predicate.l.all(x, x == 1) == true",
        "!predicate.l.exists(x, x == 1)",
        "!(predicate.n == 1 || predicate.l.exists(x, x == 1))",
        "predicate.l.exists(x, x == 1) == false",
        "!predicate.l.exists_one(x, x == 1)",
        "size(predicate.l.filter(x, x.bad == true)) == 0",
        "predicate.l.filter(x, x.bad == true) == []",
        "size(predicate.l.filter(x, x.ok == true)) >= parameters.n",
        "size(predicate.l.filter(x, x.ok == true)) >= 0",
        # A guard of another list, of too little, in another form or in another place is none.
        "size(predicate.m) > 0 && predicate.l.all(x, x == 1)",
        "size(predicate.l) >= 0 && predicate.l.all(x, x == 1)",
        "size(predicate.l) > -1 && predicate.l.all(x, x == 1)",
        "size(predicate.l) > 0 - 1 && predicate.l.all(x, x == 1)",
        "size(predicate.l) == 0 && predicate.l.all(x, x == 1)",
        "size(predicate.l) >= parameters.n && predicate.l.all(x, x == 1)",
        "size(predicate.l) > 0 || predicate.l.all(x, x == 1)",
        "size(predicate.l) == 0 || predicate.l.all(x, x == 1)",
        "(size(predicate.l) > 0 || true) && predicate.l.all(x, x == 1)",
        "!(size(predicate.l) > 0) && predicate.l.all(x, x == 1)",
        "(size(predicate.l) > 0 && true) == false || predicate.l.all(x, x == 1)",
        "size(predicate.l) > 0 ? predicate.l.all(x, x == 1) : false",
        "size(predicate.l.map(x, x)) > 0 && predicate.m.all(x, x == 1)",
        "size(predicate.l) > 0 && predicate.l.filter(x, x.ok).all(x, x.n == 1)",
        "size(predicate.l) > 0 && predicate.l.all(x, x.keys.all(k, k == 1))",
        "size(predicate.l.filter(x, x.keys.all(k, k == 'a'))) >= 2",
        "predicate.l[0].all(x, x == 1)",
        "[predicate.l.all(x, x == 1)][0] == true",
        "predicate.n == 1 && (predicate.n == 2 || !!predicate.l.all(x, x == 1))",
    ],
)
def test_what_an_empty_list_makes_true_is_refused(source):
    error = refusal(source)
    assert EMPTY in error.found
    assert error.fix.startswith("write `size(")


@pytest.mark.parametrize(
    "source",
    [
        "size(predicate.l) > 0 && predicate.l.all(x, x == 1)",
        "predicate.l.size() > 0 && predicate.l.all(x, x == 1)",
        "predicate.l.all(x, x == 1) && size( predicate . l ) >= 3",
        "size(predicate.l) == 3 && predicate.l.all(x, x == 1)",
        "predicate.n == 1 && (size(predicate.l) > 0 && (predicate.l.all(x, x == 1)))",
        "size(predicate.l) > 0 && (predicate.n == 1 || predicate.l.all(x, x == 1))",
        "size(predicate.l) == 0 || (size(predicate.l) > 0 && predicate.l.all(x, x == 1))",
        "size(predicate.l) > 0 && !predicate.l.exists(x, x > 1)",
        "size(predicate.l) > 0 && !predicate.l.exists_one(x, x > 1)",
        "size(predicate.l) > 0 && size(predicate.l.filter(x, x.bad == true)) == 0",
        "size(predicate.l) > 0 && size(predicate.l.filter(x, x.ok == true)) >= parameters.n",
        "size(predicate.l.filter(x, x.ok == true)) >= 2",
        "size(predicate.l.filter(x, x.ok)) > 0 && predicate.l.filter(x, x.ok).all(x, x.n == 1)",
        "size(predicate.l.filter(x, x.keys.exists(k, k == 'a'))) >= 2",
        "size(predicate.l) > 0 && predicate.l.all(x, size(x.keys) > 0 && x.keys.all(k, k == 1))",
        "predicate.l.exists(x, x == 1)",
        "!predicate.l.all(x, x > 1)",
        "['a', 'b'].all(x, x in predicate.l)",
        "predicate.s == 'predicate.l.all(x, x == 1)'",
        "predicate.s == r'\\d.all(x, x)' && predicate.s == '''it's.all(x, x)'''",
        "predicate.all == 1",
        "predicate.l.map(x, x + 1) == [2, 3,]",
        "{'a': [1], 'b': -predicate.n}.a == .predicate.l",
        "google.protobuf.Int64Value{value: 1} == 1 && int(predicate.n) > -1",
        "predicate.n == 1 ? predicate.`a-b` == 0x1F : !has(predicate.m)",
    ],
)
def test_the_same_with_an_element_for_sure_is_accepted(source):
    assert compile_expression(source, None).warnings == ()


def test_differing_from_an_empty_list_guards_nothing():
    """An empty map differs from an empty list, and all() over it is true: the guard would let it pass."""
    error = refusal("predicate.l != [] && predicate.l.all(x, x == 1)")
    assert EMPTY in error.found
    empty_map = Facts(
        request={}, environment={}, parameters={}, predicate={"l": {}}, now=Instant.parse("2026-05-05T19:30:00Z")
    )
    assert compile_expression("predicate.l != []", None).evaluate(empty_map) == TRUE
    guarded = compile_expression("size(predicate.l) > 0 && predicate.l.all(x, x == 1)", None)
    assert guarded.evaluate(empty_map) == FALSE


def test_the_fix_can_be_pasted():
    source = "predicate.rows.map( x, x.keys[0] ).all(y, y == 1)"
    guard = refusal(source).fix.split("`")[1].removesuffix(" && ...")
    assert guard == "size(predicate.rows.map(x, x.keys[0])) > 0"
    assert compile_expression(f"{guard} && {source}", None).warnings == ()


def test_every_refusal_is_told_at_once():
    error = refusal("predicate.l.all(x, x == 1) && predicate.m.all(y, y == 1)")
    assert "`predicate.l`, which may be empty, at character 1 of" in error.found
    assert ["`predicate.m`, which may be empty, at character 31 of" in other.found for other in error.also] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "predicate.l.exists(x, x.keys.exists(x, x == 1))",
        "predicate.l.exists(request, request == 1)",
        "size(predicate.l) > 0 && predicate.l.all(x, size(x) > 0 && x.k.exists(x, size(x) > 0))",
    ],
)
def test_a_name_has_one_meaning(source):
    assert "a second meaning of the name" in refusal(source).found


def test_two_loops_side_by_side_may_use_one_name():
    assert lint("predicate.l.exists(x, x == 1) && predicate.m.exists(x, x == 1)", None) == ()


def test_a_comment_is_refused_because_folded_yaml_would_silence_what_follows():
    assert "a comment at character 22" in refusal("predicate.n == 1     // && predicate.m == 2").found
    assert compile_expression("predicate.url == 'https://ci.example'", None).warnings == ()


@pytest.mark.parametrize(
    ("source", "warned"),
    [
        ("predicate.result != 'FAILED'", True),
        ("!(predicate.result == 'FAILED')", True),
        ("!(predicate.result in ['FAILED'])", True),
        ("predicate.result == 'PASSED'", False),
        ("predicate.result in ['PASSED']", False),
        ("!(predicate.result != 'PASSED')", False),
    ],
)
def test_a_condition_that_anything_else_fulfils_is_warned_of(source, warned):
    warnings = compile_expression(source, None).warnings
    assert [w.startswith("a condition that any value of another type fulfils at character") for w in warnings] == (
        [True] * warned
    )


@pytest.mark.parametrize(
    ("source", "warned"),
    [
        ("predicate.startedOn < '2026-05-06'", True),
        ("predicate.started < '2026-05-06'", True),
        ("predicate.startedOn <= predicate.finishedOn", True),
        ("predicate.finishedOn < now", True),
        ("timestamp(predicate.finishedOn) < now", False),
        ("now - timestamp(predicate.finishedOn) < duration('72h')", False),
        ("timestamp('2026-05-06T00:00:00Z') < now", False),
        ("predicate.version == '2026.1'", False),
    ],
)
def test_a_time_compared_as_text_is_warned_of(source, warned):
    warnings = compile_expression(source, None).warnings
    assert [w.startswith("a time compared as text at character") for w in warnings] == [True] * warned


def test_what_parentheses_join_is_not_mistaken_for_something_else():
    assert parse("(a + b).c").text != parse("a + b.c").text
    assert parse("((a.b))").text == parse("a . b").text


@pytest.mark.parametrize("source", ["", "a b", "a &&", "a.1", "f(a", "[a", "{a: b", "a ? b", "a @ b", "'a", "a . (b)"])
def test_a_shape_that_is_not_known_is_refused_even_if_an_engine_took_it(source):
    with pytest.raises(ValueError, match="something unknown at character"):
        parse(source)
    with pytest.raises(InputError, match="POL-EXPR"):
        lint(source, None)


WORDS = ["predicate", ".l", ".all(", "x", ",", ")", "(", "size(", " > ", "0", "&&", "||", "!", "-", "?", ":", "[", "]"]
WORDS += ["{", "}", "'a'", '"', "'''", "r'\\'", "true", " in ", "==", ".exists(", "//", "`a b`", "0x1F", "1e3", ".5"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_any_text_is_compiled_or_refused(source):
    # Anything but a refusal of this kind is a bug, and fails the test as it flies.
    with contextlib.suppress(InputError):
        assert compile_expression(source, None).source == source


@given(st.integers(0, 400), st.sampled_from(["!", "-", "! - "]))
def test_long_rows_of_signs_are_read_without_recursion(count, sign):
    assert parse(sign * count + "x").text.endswith("x")
