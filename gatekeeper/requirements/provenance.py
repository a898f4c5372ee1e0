"""The release was built by a trusted builder, from the expected source, in the expected way, and nothing more.

Provenance is a claim by the builder: it counts as far as the trust root grants that builder a level, and only
where it matches what was expected beforehand (SLSA v1.1, verifying artifacts). It says where code came from, not
that it works: it would not have stopped 5 May 2026. docs/provenance.md tells what each family of builders says.

PASS: every component is a subject of provenance by a builder granted level 3, from the expected repository and
      tag, with no external parameter or typed-in input that the policy does not name.
FAIL: a builder outside the trust root's map, or granted level 2; another repository, ref or workflow; a parameter
      nobody expected, or with a value nobody expected; a certificate of another run than the provenance tells of; a
      component that no provenance covers.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from attestations import layout
from attestations.predicates import slsa_provenance
from attestations.provenance import Build, build_of, completed, contradictions, foreign_signer
from attestations.provenance.builder_ids import is_builder
from attestations.provenance.references import BRANCHES, TAGS, is_of_version
from attestations.records import Name, Record, Text
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, unmet
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.policy.references import fill
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

FORMATS = {"v1": slsa_provenance.TYPE, "v0.2": slsa_provenance.TYPE_V02, "layout": layout.TYPE}
NEXT = "build the release again from the expected source with the expected builder, and offer its provenance"


class Parameters(Record, frozen=True, kw_only=True):
    """What a build may have been told beside its source. Whatever is not named here is refused."""

    allow_only: tuple[Name, ...] = ()
    """accepted with any value; a group such as variables is named as variables.*"""
    values: dict[Name, Annotated[tuple[bool | int | str, ...], Meta(min_length=1)]] = {}
    """accepted with one of these values"""


class Certificate(Record, frozen=True, kw_only=True):
    """What the certificate of a keyless signer must say of its run. An empty list asks nothing."""

    runner_environment: tuple[Text, ...] = ()
    """such as github-hosted"""
    build_trigger: tuple[Text, ...] = ()
    """such as push or release"""


class Expect(Record, frozen=True, kw_only=True):
    """What the provenance must say. Of ref, tag, versioned_tag and branch, one at most."""

    level: Annotated[int, Meta(ge=1, le=4)]
    source: Text
    ref: Text | None = None
    """the git reference in full, such as refs/tags/v1.2.3"""
    tag: Text | None = None
    versioned_tag: Text | None = None
    """the leading parts of a tag's version: v1 takes v1.2.3, and no pre-release"""
    branch: Text | None = None
    workflow: Text | None = None
    """path in the source of the file that says how to build"""
    build_types: tuple[Text, ...] = ()
    """accepted build types; empty accepts any that this gate can read source and ref from"""
    parameters: Parameters = Parameters()
    """external parameters beside source, ref and workflow, by the names that docs/provenance.md gives them"""
    inputs: Parameters = Parameters()
    """what whoever started the run typed in"""
    pinned_dependencies: bool = False
    """every resolved dependency must have a digest, and there must be one"""
    certificate: Certificate = Certificate()
    steps: tuple[Name, ...] = ()
    """steps that a layout must have; some must be named where the format layout is accepted"""

    @property
    def templates(self) -> tuple[str, ...]:
        """Return the members that may hold references such as {release.version}."""
        named = (self.source, self.ref, self.tag, self.versioned_tag, self.branch, self.workflow)
        return tuple(template for template in named if template is not None)


class Options(EvidenceRequirement, tag="provenance", frozen=True, kw_only=True):
    """Who may have built it, and what the provenance must say."""

    covers: Literal["every-component"]
    expect: Expect
    formats: Annotated[tuple[Literal["v1", "v0.2", "layout"], ...], Meta(min_length=1)] = ("v1",)
    """layout: an in-toto layout with links, of which only level and steps are expected; what it says of its source
    its owner has written into its rules"""
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
    if isinstance(attestation.predicate, layout.Verified):
        yield from _layout(options, attestation, attestation.predicate)
        return
    build = build_of(attestation.predicate)
    if not attestation.identities:
        yield from _otherwise(options, case, attestation, build)
        yield from _certified(options.expect.certificate, attestation, {})
    for identity in attestation.identities:
        yield from _otherwise(options, case, attestation, completed(build, identity))
        yield from _certified(options.expect.certificate, attestation, identity.extensions)
        if foreign := foreign_signer(build, identity):
            yield _differs(attestation, foreign, "the builder itself, or whom it lets sign")
        for contradiction in contradictions(build, identity):
            yield _differs(attestation, contradiction, "one and the same in provenance and certificate")


def _certified(wanted_of: Certificate, attestation: Attestation, extensions: Mapping[str, str]) -> Iterator[Finding]:
    accepted = {
        "runner_environment": wanted_of.runner_environment,
        "build_trigger": wanted_of.build_trigger,
    }
    for name, values in accepted.items():
        if values and name not in extensions:
            found = f"{attestation.name}: no certificate says its {name}"
            yield inconclusive("PROV-EXPECT", found, " or ".join(values), NEXT, (attestation.digest,))
        elif values and extensions[name] not in values:
            yield _differs(attestation, f"{name} {extensions[name]!a:.120}", " or ".join(values))


def _otherwise(options: Options, case: Case, attestation: Attestation, build: Build) -> Iterator[Finding]:
    expect = options.expect
    yield from _builder(options, attestation, build.builder_id)
    yield from _source(expect, case, attestation, build)
    if expect.build_types and build.build_type not in expect.build_types:
        yield _differs(attestation, f"build type {build.build_type!a}", " or ".join(expect.build_types))
    yield from _told(attestation, "external parameter", build.parameters, expect.parameters)
    yield from _told(attestation, "workflow input", build.inputs, expect.inputs)
    yield from _pinned(expect, attestation, build)


def _layout(options: Options, attestation: Attestation, verified: layout.Verified) -> Iterator[Finding]:
    yield from _builder(options, attestation, layout.TYPE)
    done = [step.name for step in verified.steps]
    if missing := [name for name in options.expect.steps if name not in done]:
        yield _differs(attestation, f"steps {', '.join(done)!a:.200}", f"also: {', '.join(missing)}")


def _builder(options: Options, attestation: Attestation, builder_id: str) -> Iterator[Finding]:
    """The level is what our trust root grants this builder id to the party that signed; never what it claims."""
    parties = [party for party in attestation.parties if party.record.name in options.parties]
    granted = (pair for party in parties for pair in party.record.builder_ids.items())
    level = max((level for builder, level in granted if is_builder(builder_id, builder)), default=0)
    if level < options.expect.level:
        found = f"builder {builder_id!a:.200}, granted level {level}"
        yield _differs(attestation, found, f"a builder that the trust root grants level {options.expect.level}")


def _source(expect: Expect, case: Case, attestation: Attestation, build: Build) -> Iterator[Finding]:
    source = fill(expect.source, case.request)
    if build.source != source:
        yield _differs(attestation, f"source {build.source!a}", f"{source!a}")
    for wanted_ref in _references(expect, case):
        if build.ref != wanted_ref:
            yield _differs(attestation, f"ref {build.ref!a}", f"{wanted_ref!a}")
    if expect.versioned_tag is not None:
        version = fill(expect.versioned_tag, case.request)
        if not is_of_version(build.ref, version):
            yield _differs(attestation, f"ref {build.ref!a}", f"a tag of version {version!a}")
    if expect.workflow is not None and build.workflow != (workflow := fill(expect.workflow, case.request)):
        yield _differs(attestation, f"workflow {build.workflow!a}", f"{workflow!a}")


def _references(expect: Expect, case: Case) -> Iterator[str]:
    if expect.ref is not None:
        yield fill(expect.ref, case.request)
    if expect.tag is not None:
        yield f"{TAGS}{fill(expect.tag, case.request)}"
    if expect.branch is not None:
        yield f"{BRANCHES}{fill(expect.branch, case.request)}"


def _told(attestation: Attestation, what: str, said: Mapping[str, Any], may: Parameters) -> Iterator[Finding]:
    others = {name: value for name, value in said.items() if name not in may.values}
    if unknown := sorted(name for name in others if not _named(name, may.allow_only)):
        allowed = ", ".join((*may.allow_only, *may.values)) or "none"
        yield _differs(attestation, f"{what}s {', '.join(unknown)!a:.200}", f"none but: {allowed}")
    for name in sorted(set(said) & set(may.values)):
        if not any(value == said[name] and type(value) is type(said[name]) for value in may.values[name]):
            shown = " or ".join(repr(value) for value in may.values[name])
            yield _differs(attestation, f"{what} {name!a:.120} of {said[name]!a:.120}", shown)


def _named(name: str, allowed: tuple[str, ...]) -> bool:
    group, dot, _ = name.partition(".")
    return name in allowed or (bool(dot) and f"{group}.*" in allowed)


def _pinned(expect: Expect, attestation: Attestation, build: Build) -> Iterator[Finding]:
    if not build.commits:
        found = f"{attestation.name}: no resolved dependency pins the source to a commit"
        yield inconclusive("PROV-EXPECT", found, "the source with its gitCommit digest", NEXT, (attestation.digest,))
    if expect.pinned_dependencies and build.unpinned:
        found = f"dependencies without a digest: {', '.join(build.unpinned)!a:.200}"
        yield _differs(attestation, found, "a digest for every resolved dependency")


def _differs(attestation: Attestation, found: str, wanted_text: str) -> Finding:
    return unmet("PROV-EXPECT", f"{attestation.name}: {found}", wanted_text, NEXT, (attestation.digest,))
