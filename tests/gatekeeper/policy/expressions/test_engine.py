"""An assertion passes only when it is the boolean true; every other end of an evaluation decides nothing."""

import pytest
from cel_expr_python import cel

from attestations.errors import InputError, Location
from attestations.times import Instant
from gatekeeper.policy.expressions import FALSE, TRUE, Facts, Truth, Verdict, compile_expression
from gatekeeper.policy.expressions.engine import MAX_SOURCE

NOW = Instant.parse("2026-05-05T19:30:00.123456Z")
POLICY = Location(file="policy.yaml", line=12, column=9)


def facts(parameters=None, **predicate):
    return Facts(request={}, environment={}, parameters=parameters or {}, predicate=predicate, now=NOW)


def verdict(source, parameters=None, **predicate) -> Verdict:
    return compile_expression(source, POLICY).evaluate(facts(parameters, **predicate))


def refusal(source) -> InputError:
    with pytest.raises(InputError) as caught:
        compile_expression(source, POLICY)
    assert caught.value.code == "POL-EXPR"
    assert caught.value.where == POLICY
    return caught.value


@pytest.mark.parametrize(
    ("source", "predicate", "wanted"),
    [
        ("predicate.n == 1", {"n": 1}, TRUE),
        ("predicate.n == 1", {"n": 2}, FALSE),
        ("predicate.flag == true", {"flag": True}, TRUE),
        ("predicate.flag == true", {"flag": "true"}, FALSE),
        ("predicate.flag == true", {"flag": 1}, FALSE),
        ("predicate.n == 1", {"n": True}, FALSE),
        ("predicate.n == 1", {"n": "1"}, FALSE),
        ("predicate.n == 1", {"n": None}, FALSE),
        ("predicate.rows.exists(row, row.ok)", {"rows": [{"ok": True}]}, TRUE),
        ("has(predicate.n)", {}, FALSE),
        ("predicate.text.matches('^(a+)+$')", {"text": "a" * 5_000}, TRUE),
    ],
)
def test_a_bool_is_a_verdict(source, predicate, wanted):
    assert verdict(source, **predicate) == wanted


@pytest.mark.parametrize(
    ("source", "predicate", "reason"),
    [
        ("predicate.gone == 1", {}, "Key not found"),
        ("predicate.rows[3] == 1", {"rows": [1]}, "Index error"),
        ("predicate.n / 0 == 1", {"n": 1}, "divide by zero"),
        ("predicate.n + 1 > 0", {"n": 2**63 - 1}, "overflow"),
        ("timestamp(predicate.at) < now", {"at": "yesterday"}, "Timestamp"),
        ("predicate.at < now", {"at": "2026-05-05T00:00:00Z"}, "No matching overloads"),
        ("predicate.a && predicate.b", {"a": True, "b": "yes"}, "No matching overloads"),
        ("size(predicate.text) > 0 && predicate.text.all(c, c == 'a')", {"text": "aaa"}, "No matching overloads"),
        ("predicate.rows.exists_one(row, row.n == 1)", {"rows": [{"n": 1}, {}]}, "Key not found"),
        ("size(predicate.rows) > 0 && predicate.rows.all(row, row.n == 1)", {"rows": [{"n": 1}, {}]}, "Key not found"),
    ],
)
def test_a_run_time_error_decides_nothing(source, predicate, reason):
    outcome = verdict(source, **predicate)
    assert outcome.truth is Truth.INCONCLUSIVE
    assert reason in outcome.reason


def test_the_library_alone_would_let_a_missing_field_pass():
    """The trap the wrapper is for (threat S21): an error is returned as a value that is truthy."""
    variables = {"predicate": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)}
    value = cel.NewEnv(variables=variables).compile("predicate.gone == 1").eval(data={"predicate": {}})
    assert bool(value.value()) is True
    assert verdict("predicate.gone == 1").truth is Truth.INCONCLUSIVE


def test_a_spent_iteration_budget_decides_nothing():
    source = "size(predicate.rows) > 0 && predicate.rows.all(row, row > 0)"
    assert verdict(source, rows=[1] * 9_999) == TRUE
    outcome = verdict(source, rows=[1] * 10_000)
    assert outcome.truth is Truth.INCONCLUSIVE
    assert "Iteration budget exceeded" in outcome.reason


def test_or_and_exists_absorb_errors_by_the_rules_of_the_language():
    assert verdict("predicate.gone == 1 || true") == TRUE
    assert verdict("predicate.gone == 1 && false") == FALSE
    assert verdict("predicate.rows.exists(row, row.ok)", rows=[{}, {"ok": True}]) == TRUE
    assert verdict("!(predicate.gone == 1)").truth is Truth.INCONCLUSIVE


def test_a_verdict_has_no_truth_value_of_its_own():
    with pytest.raises(TypeError, match=r"compare verdict\.truth"):
        bool(TRUE)


def test_a_reason_is_printable_and_bounded():
    outcome = verdict("predicate.n[predicate.key] == 1", n={}, key="\x1b[2J\u202e" + "x" * 5_000)
    assert outcome.truth is Truth.INCONCLUSIVE
    assert outcome.reason.isascii()
    assert outcome.reason.isprintable()
    assert len(outcome.reason) <= 240


def test_now_is_the_instant_of_the_decision_to_the_microsecond():
    assert verdict("now == timestamp('2026-05-05T19:30:00.123456Z')") == TRUE
    source = "now - timestamp(predicate.finishedOn) <= duration(parameters.age)"
    assert verdict(source, {"age": "259200s"}, finishedOn="2026-05-02T19:30:00.123456Z") == TRUE
    assert verdict(source, {"age": "259200s"}, finishedOn="2026-05-02T19:30:00.123455Z") == FALSE


def test_a_parameter_with_a_quote_stays_a_value():
    """Threat S19: text pasted into an expression rewrites it; a bound variable cannot."""
    source = "predicate.ref == parameters.ref"
    quote = "' || true || '"
    assert verdict(source, {"ref": quote}, ref="refs/heads/evil") == FALSE
    assert verdict(source, {"ref": quote}, ref=quote) == TRUE
    assert compile_expression(source, POLICY).source == source


@pytest.mark.parametrize(
    "source", ["predicate.flag", "predicate", "1", "'true'", "null", "dyn(true)", "now", "true ? predicate.a : true"]
)
def test_an_expression_that_is_not_bool_by_its_type_is_refused(source):
    error = refusal(source)
    assert "whose type is" in error.found
    assert "predicate.flag == true" in error.fix


def test_a_compile_error_tells_line_column_and_text():
    error = refusal("predicate.n == 1 &&\n  reqest == 2")
    assert error.found == "undeclared reference to 'reqest' (line 2, column 3 of the expression, before `reqest == 2`)"
    assert str(error).startswith("policy.yaml:12:9: POL-EXPR: found undeclared reference")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("", "Syntax error"),
        ("predicate.n ==", "at its end"),
        ("predicate.?n == 1", "unsupported syntax"),
        ("1 == 'a'", "found no matching overload"),
        ("'😀' == '😀' && nope", "column 15"),
        ("'\u202e' == 'a'", "U+202E"),
        ("true\r", "U+000D"),
        ("'\ud800' == 'a'", "U+D800"),
    ],
)
def test_a_faulty_source_is_refused(source, found):
    assert found in refusal(source).found


def test_nesting_is_bounded_and_conjunctions_are_not():
    assert verdict("(" * 31 + "true" + ")" * 31) == TRUE
    assert "recursion" in refusal("(" * 40 + "true" + ")" * 40).found
    assert "recursion" in refusal("true ? true : " * 40 + "true").found
    assert refusal("predicate" + "[0]" * 40 + " == 1").found == "Exceeded max recursion depth of 32 when parsing."
    assert verdict("true && " * 240 + "true") == TRUE


def test_the_length_of_a_source_is_bounded():
    assert verdict("true".ljust(MAX_SOURCE)) == TRUE
    assert f"{MAX_SOURCE + 1} characters" in refusal("true".ljust(MAX_SOURCE + 1)).found


def test_only_the_five_variables_exist():
    assert verdict("request == environment && parameters == predicate && now == now") == TRUE
    assert "undeclared" in refusal("statements == 1").found
