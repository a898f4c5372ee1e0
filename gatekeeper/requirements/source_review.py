"""The very source that was built had been reviewed: a source VSA covers each commit that provenance names.

The verifier is named in the trust root; levels are SLSA Source levels (4 asks for two-party review, and the decision
says so). A summary of another commit, or of another repository, says nothing about this release (S10, S33).

PASS: provenance pins commit 9f2c…; a trusted verifier says PASSED at SLSA_SOURCE_LEVEL_4 for 9f2c….
FAIL: the summary says FAILED, or level 2, or comes from another verifier. One about another commit or repository,
      though a fork holds the same commit, says nothing here.
"""

import re
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from attestations.predicates import slsa_provenance, verification_summary
from attestations.predicates.verification_summary import VerificationSummary
from attestations.provenance import build_of
from attestations.records import Record, Text, value_at
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.policy.references import fill
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

NEXT = "have the source verifier summarise the commit that was built"
TWO_PARTIES = 4
"""the level from which every change was agreed to by two trusted people (SLSA v1.2, source track)"""
_LEVEL = re.compile(r"SLSA_SOURCE_LEVEL_([0-4])", re.ASCII)


class Expect(Record, frozen=True, kw_only=True):
    """Which repository, and how well reviewed."""

    level: Annotated[int, Meta(ge=1, le=4)]
    source: Text


class Options(EvidenceRequirement, tag="source-review", frozen=True, kw_only=True):
    """A verification summary for the source of the release."""

    expect: Expect
    max_age: Duration | None = None


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({verification_summary.TYPE}),
        parties=frozenset(options.parties),
        max_age=options.max_age,
        fresh=False,
        what="a source verification summary",
        next=NEXT,
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield, for each commit that verified provenance names, whether a trusted summary covers it."""
    source = fill(options.expect.source, case.request)
    commits = _built_commits(case, source)
    if not commits:
        wanted_text = f"provenance that pins {source} to a commit"
        yield inconclusive("SRC-REVIEW", "no verified provenance names a commit of this source", wanted_text, NEXT)
    for commit in sorted(commits):
        about = [a for a in selection.attestations if a.predicate.resource_uri == source and commit in _commits(a)]
        for attestation in about:
            yield from _judge(options, source, commit, attestation)
        if not about:
            found = f"no summary is about commit {commit[:16]}… of {source}"
            yield inconclusive("SRC-REVIEW", found, "a summary of that commit for that repository", NEXT)


def _judge(options: Options, source: str, commit: str, attestation: Attestation) -> Iterator[Finding]:
    summary: VerificationSummary = attestation.predicate
    believed = [party for party in attestation.parties if party.record.name in options.parties]
    verifiers = {name for party in believed for name in party.record.verifier_ids}
    levels = [int(match[1]) for name in summary.verified_levels if (match := _LEVEL.fullmatch(name))]
    faults = []
    if summary.verifier.id not in verifiers:
        faults.append(f"verifier {summary.verifier.id!a:.200}, which the trust root does not name for this party")
    if summary.verification_result != "PASSED":
        faults.append(f"result {summary.verification_result}")
    if max(levels, default=0) < options.expect.level:
        faults.append(f"levels {', '.join(summary.verified_levels)!a:.200}")
    wanted_text = f"PASSED at SLSA_SOURCE_LEVEL_{options.expect.level} for {source}"
    for fault in faults:
        yield unmet("SRC-REVIEW", f"{attestation.name}: {fault}", wanted_text, NEXT, (attestation.digest,))
    if not faults:
        level = max(levels)
        by_two = ", by two people" if level >= TWO_PARTIES else ""
        found = f"commit {commit[:16]}… reviewed at level {level}{by_two}, says {summary.verifier.id!a:.200}"
        yield met("SRC-REVIEW", found, (attestation.digest,))


def _built_commits(case: Case, source: str) -> frozenset[str]:
    types = (slsa_provenance.TYPE, slsa_provenance.TYPE_V02)
    builds = [build_of(a.predicate) for a in case.attestations if a.predicate_type in types and a.parties]
    return frozenset(commit for build in builds if build.source == source for commit in build.commits)


def _commits(attestation: Attestation) -> frozenset[str]:
    digests = [subject["digest"] for subject in value_at(attestation.document, ("subject",))]
    return frozenset(d.get("gitCommit") or d.get("sha1") for d in digests) - {None}
