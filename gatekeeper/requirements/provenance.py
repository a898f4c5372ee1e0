"""The release was built by a trusted builder, from the expected source, in the expected way, and nothing more.

Provenance is a claim by the builder: it counts as far as the trust root grants that builder a level, and only
where it matches what was expected beforehand (SLSA v1.1, verifying artifacts). It says where code came from, not
that it works: it would not have stopped 5 May 2026.

PASS: every component is a subject of provenance by a builder granted level 3, from the expected repository and
      tag, with no external parameter that the policy does not name.
FAIL: a builder outside the trust root's map, or granted level 2; another repository or ref; a parameter nobody
      expected; a component that no provenance covers.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from attestations.predicates import slsa_provenance
from attestations.provenance import Build, build_of
from attestations.records import Name, Record, Text
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.policy.references import fill
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

FORMATS = {"v1": slsa_provenance.TYPE, "v0.2": slsa_provenance.TYPE_V02}
NEXT = "build the release again from the expected source with the expected builder, and offer its provenance"


class Parameters(Record, frozen=True, kw_only=True):
    """External parameters beside source and ref that a build may have."""

    allow_only: tuple[Name, ...] = ()


class Expect(Record, frozen=True, kw_only=True):
    """What the provenance must say."""

    level: Annotated[int, Meta(ge=1, le=4)]
    source: Text
    ref: Text | None = None
    build_types: tuple[Text, ...] = ()
    """accepted build types; empty accepts any that this gate can read source and ref from"""
    parameters: Parameters = Parameters()


class Options(EvidenceRequirement, tag="provenance", frozen=True, kw_only=True):
    """Who may have built it, and what the provenance must say."""

    covers: Literal["every-component"]
    expect: Expect
    formats: Annotated[tuple[Literal["v1", "v0.2"], ...], Meta(min_length=1)] = ("v1",)
    max_age: Duration | None = None


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset(FORMATS[name] for name in options.formats),
        parties=frozenset(options.parties),
        max_age=options.max_age,
        fresh=False,
        what="SLSA provenance",
        next="have the builder sign provenance for every component",
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield what the provenance says, for each statement and for each component of the release."""
    covered: set[str] = set()
    for attestation in selection.attestations:
        faults = tuple(_faults(options, case, attestation))
        yield from faults
        if not faults:
            covered |= attestation.components
    for component in case.request.record.spec.release.components:
        rests_on = tuple(a.digest for a in selection.attestations if component.name in a.components)
        if component.name in covered:
            yield met("PROV-EXPECT", f"{component.name} was built as expected", rests_on)
        elif not rests_on:
            wanted_text = "provenance for every component"
            yield inconclusive("SUBJ-DIGEST", f"no provenance covers {component.name}", wanted_text, NEXT)


def _faults(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    build = build_of(attestation.predicate)
    yield from _builder(options, attestation, build)
    expect = options.expect
    source, ref = fill(expect.source, case.request), fill(expect.ref, case.request) if expect.ref else None
    if build.source != source:
        yield _differs(attestation, f"source {build.source!a}", f"{source!a}")
    if ref is not None and build.ref != ref:
        yield _differs(attestation, f"ref {build.ref!a}", f"{ref!a}")
    if expect.build_types and build.build_type not in expect.build_types:
        yield _differs(attestation, f"build type {build.build_type!a}", " or ".join(expect.build_types))
    if unknown := sorted(set(build.parameters) - set(expect.parameters.allow_only)):
        allowed = ", ".join(expect.parameters.allow_only) or "none"
        yield _differs(attestation, f"external parameters {', '.join(unknown)!a:.200}", f"none but: {allowed}")
    if not build.commits:
        found = f"{attestation.name}: no resolved dependency pins the source to a commit"
        yield inconclusive("PROV-EXPECT", found, "the source with its gitCommit digest", NEXT, (attestation.digest,))


def _builder(options: Options, attestation: Attestation, build: Build) -> Iterator[Finding]:
    """The level is what our trust root grants this builder id to the party that signed; never what it claims."""
    parties = [party for party in attestation.parties if party.record.name in options.parties]
    level = max((party.record.builder_ids.get(build.builder_id, 0) for party in parties), default=0)
    if level < options.expect.level:
        found = f"builder {build.builder_id!a:.200}, granted level {level}"
        yield _differs(attestation, found, f"a builder that the trust root grants level {options.expect.level}")


def _differs(attestation: Attestation, found: str, wanted_text: str) -> Finding:
    return unmet("PROV-EXPECT", f"{attestation.name}: {found}", wanted_text, NEXT, (attestation.digest,))
