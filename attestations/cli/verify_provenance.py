"""`attest verify-provenance`: who built an artifact, from what, and how; slsa-verifier's questions, asked offline."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from attestations.cli.public_keys import read_keys, read_trusted_root
from attestations.command_line import INCONCLUSIVE, INVALID, output_option, show
from attestations.digest import sha256
from attestations.errors import InputError
from attestations.inert import visible
from attestations.printed import Fault, fault_of, schema_uri
from attestations.provenance.artifact import Artifact
from attestations.provenance.build import git_uri
from attestations.provenance.offered import prove
from attestations.provenance.proven import Form, Proven
from attestations.provenance.question import Mismatch, Question, Signer, answer, build_seen
from attestations.provenance.references import BRANCHES, TAGS, is_version
from attestations.records import JsonRecord, Sha256
from attestations.strict import read_file, read_json
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant

EXIT_CODES = "Exit codes: 0 as asked, 10 otherwise than asked, or forged, 11 nobody can tell who signed it, 2 usage."
_FORGED = frozenset({"SIG-BUNDLE", "ENC-B64", "SUBJ-DIGEST"})
"""codes of what was judged and is bad; all else could not be judged"""
_FILE = click.Path(path_type=Path, dir_okay=False)
Verdict = Literal["valid", "invalid", "inconclusive"]


class BuildShown(JsonRecord, frozen=True, kw_only=True):
    """What the provenance says of the build; null where it says nothing."""

    builder: str
    build_type: str
    source: str | None
    ref: str | None
    commits: tuple[str, ...]
    workflow: str | None
    parameters: tuple[str, ...]
    """names of external parameters that say none of the above"""


class SignerShown(JsonRecord, frozen=True, kw_only=True):
    """Who signed it."""

    form: Form
    issuer: str | None
    identity: str | None
    key: str | None
    """SHA-256 of its SubjectPublicKeyInfo, where a plain key signed"""
    signed_on: Instant | None


class VerifiedProvenance(
    JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("attest-verify-provenance")
):
    """What `attest verify-provenance --output json` prints."""

    verdict: Verdict
    file: str
    artifact: str
    trusted_root: str
    """the file, or which root stands in where none was given"""
    trusted_root_sha256: Sha256
    build: BuildShown | None = None
    signer: SignerShown | None = None
    mismatches: tuple[Mismatch, ...] = ()
    notes: tuple[str, ...] = ()
    """what was not looked at"""
    error: Fault | None = None
    """why nobody is known to have signed it"""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    bundle: Path
    source_uri: str
    source_tag: str | None
    source_versioned_tag: str | None
    source_branch: str | None
    builder_id: str | None
    build_workflow_input: tuple[str, ...]
    package_name: str | None
    package_version: str | None
    certificate_identity: str | None
    certificate_oidc_issuer: str | None
    key: tuple[str, ...]
    trusted_root: Path | None
    artifact: str
    output: str


@click.command("verify-provenance", epilog=EXIT_CODES)
@click.argument("artifact", metavar="ARTIFACT_OR_DIGEST")
@click.option("--bundle", type=_FILE, required=True, help="The provenance: bundle, envelope, npm's or gcloud's JSON.")
@click.option("--source-uri", required=True, metavar="URI", help="The repository, such as github.com/OWNER/NAME.")
@click.option("--source-tag", metavar="TAG", help="Built from this very tag.")
@click.option("--source-versioned-tag", metavar="VERSION", help="Built from a tag of this version; v1 takes v1.2.3.")
@click.option("--source-branch", metavar="BRANCH", help="Built from this branch.")
@click.option("--builder-id", metavar="ID", help="The builder; without @VERSION any release of it.")
@click.option("--build-workflow-input", multiple=True, metavar="K=V", help="Started by hand with this. Repeatable.")
@click.option("--package-name", metavar="NAME", help="The npm package.")
@click.option("--package-version", metavar="VERSION", help="The version of the npm package.")
@click.option("--certificate-identity", metavar="ID", help="Who signed, where the builder's id does not tell.")
@click.option("--certificate-oidc-issuer", metavar="URL", help="Who vouches for that identity.")
@click.option("--key", multiple=True, metavar="[ID=]FILE|FOLDER", help="Public keys of the builder. Repeatable.")
@click.option("--trusted-root", type=_FILE, help="The Sigstore instance; without it the public one.")
@output_option(VerifiedProvenance)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Verify who built an artifact, from which source and how, without a network.

    For example:

    attest verify-provenance --bundle app.intoto.jsonl --source-uri github.com/example/app --source-tag v1.2.3 app
    """
    options = Options(**given)
    question, artifact, keys = _question(options), Artifact.parse(options.artifact), read_keys(options.key)
    root_name, root = read_trusted_root(options.trusted_root)
    about = partial(
        VerifiedProvenance,
        file=str(options.bundle),
        artifact=options.artifact,
        trusted_root=root_name,
        trusted_root_sha256=sha256(root),
    )
    raw = read_file(options.bundle, EVIDENCE.max_bytes)
    try:
        proven = prove(read_json(raw, str(options.bundle)), root, keys)
    except InputError as error:
        if error.code == "POL-TRUST":  # a wrong call, not wrong evidence
            raise
        verdict: Verdict = "invalid" if error.code in _FORGED else "inconclusive"
        _show(ctx, options, about(verdict=verdict, error=fault_of(error)))
    else:
        mismatches = tuple(answer(question, artifact, proven))
        _show(ctx, options, about(verdict="invalid" if mismatches else "valid", **_seen(proven), mismatches=mismatches))


def _question(options: Options) -> Question:
    asked = [options.source_tag, options.source_versioned_tag, options.source_branch]
    if sum(each is not None for each in asked) > 1:
        raise click.UsageError("--source-tag, --source-versioned-tag and --source-branch: give one of them")
    if options.source_versioned_tag is not None and not is_version(options.source_versioned_tag):
        raise click.UsageError("--source-versioned-tag: a version is written as v1, v1.2 or v1.2.3")
    return Question(
        source=_source(options.source_uri),
        ref=_ref(options),
        versioned_tag=options.source_versioned_tag,
        builder_id=options.builder_id,
        inputs=dict(map(_input, options.build_workflow_input)),
        package_name=options.package_name,
        package_version=options.package_version,
        signer=_signer(options),
    )


def _source(uri: str) -> str:
    return str(git_uri(uri if "://" in uri else f"https://{uri}"))


def _ref(options: Options) -> str | None:
    if options.source_tag is not None:
        return f"{TAGS}{options.source_tag}"
    return f"{BRANCHES}{options.source_branch}" if options.source_branch is not None else None


def _input(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.UsageError("--build-workflow-input: write it as NAME=VALUE")
    return name, value


def _signer(options: Options) -> Signer | None:
    identity, issuer = options.certificate_identity, options.certificate_oidc_issuer
    if identity is None and issuer is None:
        return None
    if identity is None or issuer is None:
        raise click.UsageError("--certificate-identity and --certificate-oidc-issuer: give both or neither")
    return Signer(issuer=issuer, subject=identity)


def _seen(proven: Proven) -> dict[str, Any]:
    build, identity = build_seen(proven), proven.identity
    return {
        "build": BuildShown(
            builder=build.builder_id,
            build_type=build.build_type,
            source=build.source,
            ref=build.ref,
            commits=tuple(sorted(build.commits)),
            workflow=build.workflow,
            parameters=tuple(sorted(build.parameters)),
        ),
        "signer": SignerShown(
            form=proven.form,
            issuer=identity.issuer if identity else None,
            identity=identity.subject if identity else None,
            key=proven.key,
            signed_on=proven.signed_on,
        ),
        "notes": proven.notes,
    }


def _show(ctx: click.Context, options: Options, document: VerifiedProvenance) -> None:
    show(options.output, document, "\n".join(map(visible, _lines(document))))
    ctx.exit({"valid": 0, "invalid": INVALID, "inconclusive": INCONCLUSIVE}[document.verdict])


def _lines(document: VerifiedProvenance) -> Iterator[str]:
    yield f"{document.verdict.upper()}: {document.artifact}, by {document.file}"
    if document.build is not None and document.signer is not None:
        yield f"  built by  {document.build.builder}"
        yield f"  from      {document.build.source} {document.build.ref or 'no ref'}"
        yield f"  commit    {', '.join(document.build.commits) or 'none that is named in full'}"
        yield f"  signed by {document.signer.identity or document.signer.key}"
    for each in document.mismatches:
        yield f"  {each.about}: found {each.found}; wanted {each.wanted}"
    for note in document.notes:
        yield f"  not looked at: {note}"
    if document.error is not None:
        yield f"  {document.error.code}: found {document.error.found}; wanted {document.error.wanted}"
        yield f"  next: {document.error.next}"
