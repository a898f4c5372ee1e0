"""Assertions in CEL: compiled when the policy is loaded, true only when they are the boolean true."""

from gatekeeper.policy.expressions.engine import Expression, compile_expression
from gatekeeper.policy.expressions.facts import Facts
from gatekeeper.policy.expressions.verdict import FALSE, TRUE, Truth, Verdict

__all__ = ["FALSE", "TRUE", "Expression", "Facts", "Truth", "Verdict", "compile_expression"]
