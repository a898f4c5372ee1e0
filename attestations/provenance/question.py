"""What may be asked of a build, and the answers: slsa-verifier's questions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from attestations.identity import Identity, matches
from attestations.provenance.artifact import Artifact
from attestations.provenance.build import Build, same_repository
from attestations.provenance.builder_ids import is_builder, is_generator
from attestations.provenance.certificate import completed, contradictions, foreign_signer
from attestations.provenance.cloud_build import BUILDERS
from attestations.provenance.families import build_of
from attestations.provenance.npm_attestations import package_of
from attestations.provenance.proven import Proven
from attestations.provenance.references import is_of_version
from attestations.records import JsonRecord

GITHUB = "https://token.actions.githubusercontent.com"
"""vouches for workflows on github.com, and nobody else may"""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Whose signature the caller expects, where the builder's own name does not tell it."""

    issuer: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the provenance must say. What is None is not asked."""

    source: str
    """git+https://host/repository"""
    ref: str | None = None
    versioned_tag: str | None = None
    builder_id: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict, hash=False)
    package_name: str | None = None
    package_version: str | None = None
    signer: Signer | None = None


class Mismatch(JsonRecord, frozen=True, kw_only=True):
    """One thing that the provenance says otherwise."""

    about: str
    found: str
    wanted: str


def answer(question: Question, artifact: Artifact, proven: Proven) -> Iterator[Mismatch]:
    """Yield everything in which the provenance is not as asked; nothing where it is."""
    build = build_seen(proven)
    if not artifact.is_among(proven.statement.subjects):
        yield mismatch("artifact", _named(proven), artifact.text)
    if build.source is None or not same_repository(build.source, question.source):
        yield mismatch("source", build.source, question.source)
    if question.ref is not None and build.ref != question.ref:
        yield mismatch("ref", build.ref, question.ref)
    if question.versioned_tag is not None and not is_of_version(build.ref, question.versioned_tag):
        yield mismatch("ref", build.ref, f"a tag of version {question.versioned_tag}")
    yield from _builder(question, build, may_be_unnamed=proven.form != "npm")
    for name, value in question.inputs.items():
        if build.inputs.get(name) != value:
            yield mismatch(f"workflow input {name}", build.inputs.get(name), value)
    yield from _package(question, proven)
    if proven.identity is not None:
        yield from _signer(question, build, proven.identity)


def build_seen(proven: Proven) -> Build:
    """Return the build as the provenance tells it, and as its certificate where that alone tells."""
    build = build_of(proven.predicate)
    return completed(build, proven.identity) if proven.identity else build


def mismatch(about: str, found: object, wanted: str) -> Mismatch:
    """Return the mismatch; what is not said at all is `nothing`."""
    return Mismatch(about=about, found="nothing" if found is None else str(found), wanted=wanted)


def _named(proven: Proven) -> str:
    names = ", ".join(subject.name for subject in proven.statement.subjects)
    return f"provenance of {names!a:.200}"


def _builder(question: Question, build: Build, *, may_be_unnamed: bool) -> Iterator[Mismatch]:
    if question.builder_id is not None:
        if not is_builder(build.builder_id, question.builder_id):
            yield mismatch("builder", build.builder_id, question.builder_id)
    elif not may_be_unnamed or not (is_generator(build.builder_id) or build.builder_id in BUILDERS):
        yield mismatch("builder", build.builder_id, "the builder that is meant, by its id")


def _package(question: Question, proven: Proven) -> Iterator[Mismatch]:
    name, version = package_of(proven.statement) or (None, None)
    if question.package_name is not None and name != question.package_name:
        yield mismatch("package", name, question.package_name)
    if question.package_version is not None and version != question.package_version:
        yield mismatch("package version", version, question.package_version)


def _signer(question: Question, build: Build, identity: Identity) -> Iterator[Mismatch]:
    for contradiction in contradictions(build, identity):
        yield mismatch("certificate", contradiction, "one and the same in both")
    if question.signer is not None:
        if not matches(question.signer.issuer, question.signer.subject, identity):
            yield mismatch("signer", f"{identity.subject} of {identity.issuer}", question.signer.subject)
        return
    if identity.issuer != GITHUB:
        yield mismatch("issuer", identity.issuer, f"{GITHUB}, or issuer and identity of the signer by name")
    if foreign := foreign_signer(build, identity):
        yield mismatch("signer", foreign, "the builder itself, or whom it lets sign")
    if build.signer is None and not _on_runner(build, identity):
        yield mismatch("signer", identity.subject, "a signer that the builder's name tells, or one that is named")


def _on_runner(build: Build, identity: Identity) -> bool:
    """A builder that is only a place to run on is shown by the certificate's word on that place."""
    name = "runner_environment"
    return name in identity.extensions and name in dict(build.claims)
