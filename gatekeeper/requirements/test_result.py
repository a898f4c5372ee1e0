"""Tests of the release ran and passed: something ran, nothing failed, nothing was waved through as a warning.

PASS: result PASSED, 412 passed tests among them `rollover-on-three-hsms`, none warned, none failed.
FAIL: WARNED; PASSED with a failed test in the list; PASSED with no test at all; a required test that did not run.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from attestations.predicates import test_result
from attestations.predicates.test_result import TestResult
from attestations.records import Name, Record
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

NEXT = "run the whole suite on the release's own files and offer its signed result"


class Expect(Record, frozen=True, kw_only=True):
    """How many tests, and which by name."""

    at_least: Annotated[int, Meta(ge=1)]
    tests: tuple[Name, ...] = ()


class Options(EvidenceRequirement, tag="test-result", frozen=True, kw_only=True):
    """An in-toto test-result for every component of the release."""

    expect: Expect


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({test_result.TYPE}),
        parties=frozenset(options.parties),
        max_age=None,  # the predicate carries no time
        fresh=False,
        what="a test-result statement",
        next=NEXT,
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield what each result shows, and which component none is about."""
    for attestation in selection.attestations:
        yield from _judge(options, attestation)
    tested = frozenset(name for attestation in selection.attestations for name in attestation.components)
    for component in case.request.record.spec.release.components:
        if component.name not in tested:
            found = f"no test result is about {component.name}"
            yield inconclusive("SUBJ-DIGEST", found, "a result for every component", NEXT)


def _judge(options: Options, attestation: Attestation) -> Iterator[Finding]:
    result: TestResult = attestation.predicate
    faults = []
    if result.result != "PASSED":
        faults.append(f"result {result.result}")
    if result.failed_tests or result.warned_tests:
        faults.append(f"{len(result.failed_tests)} failed and {len(result.warned_tests)} warned tests")
    if len(set(result.passed_tests)) < options.expect.at_least:
        faults.append(f"{len(set(result.passed_tests))} tests passed")
    if absent := sorted(set(options.expect.tests) - set(result.passed_tests)):
        faults.append(f"not among the passed tests: {', '.join(absent)}")
    wanted_text = f"PASSED, at least {options.expect.at_least} tests, none warned or failed"
    for fault in faults:
        yield unmet("TEST-RESULT", f"{attestation.name}: {fault}", wanted_text, NEXT, (attestation.digest,))
    if not faults:
        yield met("TEST-RESULT", f"{len(set(result.passed_tests))} tests passed", (attestation.digest,))
