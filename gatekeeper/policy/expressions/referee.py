"""A second, unrelated CEL implementation that looks over the first one's shoulder (extra `referee`).

It never makes an assertion true: it can only take a "true" or a "false" back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from attestations.errors import InputError, Location
from gatekeeper.policy.expressions.engine import Expression, Program
from gatekeeper.policy.expressions.facts import Facts
from gatekeeper.policy.expressions.verdict import FALSE, TRUE, Truth, Verdict, inconclusive, printable

if TYPE_CHECKING:
    import celpy


class CelPython:
    """The engine that referees: cel-python, pure Python, without static types and without an iteration budget."""

    def compile(self, source: str, where: Location | None) -> Program:
        """Return the program; raise InputError (POL-EXPR) for a source that cel-python cannot parse."""
        import celpy
        from celpy.celparser import CELParseError

        # The runner is named because the other one, CompiledRunner, breaks once an interpreting one exists.
        environment = celpy.Environment(runner_class=celpy.InterpretedRunner)
        try:
            runner = environment.program(environment.compile(source))
        except (CELParseError, RecursionError) as error:
            raise InputError(
                "POL-EXPR",
                found=f"an expression that cel-python cannot parse: {printable(str(error), 200)}",
                wanted="one that both engines understand",
                fix="see docs/expressions.md for the differences between the engines",
                where=where,
            ) from None
        return _CelPythonProgram(runner=runner)


@dataclass(frozen=True, kw_only=True)
class _CelPythonProgram:
    runner: "celpy.Runner"

    def run(self, bindings: Mapping[str, Any]) -> Verdict:
        from celpy.adapter import json_to_cel
        from celpy.celtypes import BoolType

        try:
            value = self.runner.evaluate({name: json_to_cel(fact) for name, fact in bindings.items()})
        # It raises CELEvalError for what it foresees and TypeError, ValueError or RecursionError for the
        # rest; whatever it is, nothing was decided.
        except Exception as error:  # noqa: BLE001
            return inconclusive(str(error))
        if type(value) is not BoolType:
            return inconclusive(f"a result of type {type(value).__name__}, not bool")
        return TRUE if value else FALSE


def is_installed() -> bool:
    """Return whether the second engine can be asked."""
    return find_spec("celpy") is not None


def referee(source: str, facts: Facts) -> Verdict:
    """Return what the second engine makes of `source`; inconclusive also when it cannot parse it."""
    if facts.fault is not None:
        return inconclusive(facts.fault)
    try:
        program = _program(source)
    except InputError as error:
        return inconclusive(error.found)
    return program.run(facts.bindings)


def evaluate_twice(expression: Expression, facts: Facts) -> Verdict:
    """Return the verdict both engines reach; inconclusive when they differ or the second is not installed.

    The second engine is asked only about what the first one decided, and so within its budget.
    """
    if not is_installed():
        return inconclusive("the second engine is asked for but missing: pip install 'signer-gatekeeper[referee]'")
    first = expression.evaluate(facts)
    if first.truth is Truth.INCONCLUSIVE:
        return first
    second = referee(expression.source, facts)
    if (first.truth is Truth.TRUE) == (second.truth is Truth.TRUE):
        return first
    return inconclusive(f"the engines differ: cel-expr-python {first.truth}, cel-python {second.truth} {second.reason}")


@lru_cache(maxsize=256)
def _program(source: str) -> Program:
    return CelPython().compile(source, None)
