"""Compiling and evaluating one assertion, with the CEL library behind a small interface."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from attestations.errors import InputError, Location
from gatekeeper.policy.expressions.facts import VARIABLES, Facts
from gatekeeper.policy.expressions.lint import lint
from gatekeeper.policy.expressions.verdict import FALSE, TRUE, Verdict, inconclusive, printable

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_SOURCE = 2_000
_FIRST_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")


class Program(Protocol):
    """A compiled expression."""

    def run(self, bindings: Mapping[str, Any]) -> Verdict:
        """Return the verdict on these variables; never raises."""
        ...


@dataclass(frozen=True, kw_only=True)
class Expression:
    """An assertion that compiled, has the static type bool and passed the lint."""

    source: str
    warnings: tuple[str, ...]
    program: Program

    def evaluate(self, facts: Facts) -> Verdict:
        """Return TRUE, FALSE or why neither could be established; never raises."""
        if facts.fault is not None:
            return inconclusive(facts.fault)
        return self.program.run(facts.bindings)


def compile_expression(source: str, where: Location | None) -> Expression:
    """Return the compiled expression; raise InputError (POL-EXPR) unless it is a bool that the lint accepts."""
    _check_text(source, where)
    program = CelExpr().compile(source, where)
    return Expression(source=source, warnings=lint(source, where), program=program)


def _check_text(source: str, where: Location | None) -> None:
    if len(source) > MAX_SOURCE:
        raise InputError(
            "POL-EXPR",
            found=f"an expression of {len(source)} characters",
            wanted=f"at most {MAX_SOURCE}",
            fix="split it into several assertions, each with its own `why`",
            where=where,
        )
    # An invisible or direction-changing character shows the reviewer another expression than the engine sees.
    hidden = next((c for c in source if not c.isprintable() and c not in "\n\t"), None)
    if hidden is not None:
        raise InputError(
            "POL-EXPR",
            found=f"the invisible character U+{ord(hidden):04X} in an expression",
            wanted="printable characters, blanks, tabs and line ends",
            fix=f"write it as the escape \\u{ord(hidden):04x} inside a text literal, or remove it",
            where=where,
        )


class CelExpr:
    """The engine that decides: cel-expr-python, by the CEL team."""

    def compile(self, source: str, where: Location | None) -> Program:
        """Return the program; raise InputError (POL-EXPR) for a syntax or type error, or a result that is not bool."""
        from cel_expr_python import cel

        try:
            expression = _environment().compile(source)
        except RuntimeError as error:
            raise _compile_error(str(error), source, where) from None
        if expression.return_type() != cel.Type.BOOL:
            raise _not_bool(expression.return_type().name(), where)
        return _CelExprProgram(expression=expression)


@dataclass(frozen=True, kw_only=True)
class _CelExprProgram:
    expression: "cel.Expression"

    def run(self, bindings: Mapping[str, Any]) -> Verdict:
        from cel_expr_python import cel

        try:
            value = self.expression.eval(data=bindings)
        # The library raises RuntimeError for a spent iteration budget and does not document what else it
        # may raise; whatever it is, nothing was decided.
        except Exception as error:  # noqa: BLE001
            return inconclusive(str(error))
        # A run-time error is returned, not raised, as a value of type ERROR whose value() is a truthy text.
        if value.type() != cel.Type.BOOL:
            return inconclusive(str(value.value()))
        return TRUE if value.value() is True else FALSE


@cache
def _environment() -> "cel.Env":
    from cel_expr_python import cel

    document = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    types = {name: cel.Type.TIMESTAMP if name == "now" else document for name in VARIABLES}
    return cel.NewEnv(variables=types)


def _compile_error(message: str, source: str, where: Location | None) -> InputError:
    first = _FIRST_ERROR.search(message)
    text = first[3].replace(" (in container '')", "") if first else message
    return InputError(
        "POL-EXPR",
        found=printable(text, 200) + (_place(source, int(first[1]), int(first[2])) if first else ""),
        wanted=f"a CEL expression over {', '.join(VARIABLES)}",
        fix="see docs/expressions.md for what an assertion can say",
        where=where,
    )


def _place(source: str, line: int, column: int) -> str:
    # Refusals of the whole expression, such as its depth, come with the position -1:-1.
    if line < 1 or column < 1:
        return ""
    rest = source.split("\n")[line - 1][column - 1 :]
    before = f", before `{printable(rest, 40)}`" if rest else ", at its end"
    return f" (line {line}, column {column} of the expression{before})"


def _not_bool(kind: str, where: Location | None) -> InputError:
    return InputError(
        "POL-EXPR",
        found=f"an expression whose type is {printable(kind, 40)}",
        wanted="one whose type is bool before anything is evaluated",
        fix="compare the field: write `predicate.flag == true` instead of `predicate.flag`",
        where=where,
    )
