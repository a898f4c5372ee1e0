"""What is particular to a site: CEL expressions over the evidence that another requirement rests on.

The last resort, after typed kinds and parameters. An expression is compiled when the policy is loaded, must be of
type bool, and only a true bool passes; a missing field, an error or any other value is inconclusive, never a pass.
Every piece of evidence that counts for `over` must satisfy every expression.

PASS: `predicate.denial.iterations == 0` over two zone validations that both say 0.
FAIL: one of them says 5. INCONCLUSIVE: one of them does not say.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta

from attestations.records import Record, Text, value_at
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.policy.document import Requirement, RequirementId
from gatekeeper.policy.expressions import Expression, Facts, Truth, Verdict, compile_expression
from gatekeeper.policy.expressions.referee import evaluate_twice
from gatekeeper.selection import Selection
from gatekeeper.verification import Attestation


class Assertion(Record, frozen=True, kw_only=True):
    """One expression, why it must hold, and how to repair what it finds."""

    expr: Text
    why: Text
    fix: Text


class Options(Requirement, tag="assertion", frozen=True, kw_only=True):
    """Expressions over the evidence of another requirement."""

    over: RequirementId
    referee: bool = False
    """a second, independent CEL engine must agree (extra `referee`); where it is missing, nothing is concluded"""
    assertions: Annotated[tuple[Assertion, ...], Meta(min_length=1, max_length=32)] = msgspec.field(name="assert")


def check(options: Options, case: Case, selection: Selection, parameters: dict[str, object]) -> Iterator[Finding]:
    """Yield, for each expression and each piece of evidence, whether it holds."""
    for attestation in selection.attestations:
        facts = Facts(
            request=value_at(case.request.source.document, ()),
            environment=value_at(case.environment.source.document, ()),
            parameters=parameters,
            predicate=value_at(attestation.document, ("predicate",)),
            now=case.now,
        )
        for assertion in options.assertions:
            verdict = _evaluated(_compiled(assertion.expr), facts, options)
            yield _told(verdict, assertion, attestation)


def _evaluated(expression: Expression, facts: Facts, options: Options) -> Verdict:
    return evaluate_twice(expression, facts) if options.referee else expression.evaluate(facts)


def _told(verdict: Verdict, assertion: Assertion, attestation: Attestation) -> Finding:
    name, digest = attestation.name, attestation.digest
    if verdict.truth is Truth.TRUE:
        return met("ASSERTION", f"{name}: {assertion.expr}", (digest,))
    if verdict.truth is Truth.FALSE:
        return unmet("ASSERTION", f"{name}: not so: {assertion.expr}", assertion.why, assertion.fix, (digest,))
    found = f"{name}: {assertion.expr}: {verdict.reason}"
    return inconclusive("EVAL-ERROR", found, f"true or false ({assertion.why})", assertion.fix, (digest,))


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Expression:
    return compile_expression(source, None)
