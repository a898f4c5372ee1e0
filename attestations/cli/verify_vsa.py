"""`attest verify-vsa`: what somebody else verified, and whether it is what was asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from attestations.cli.public_keys import read_keys, read_trusted_root
from attestations.command_line import INCONCLUSIVE, INVALID, output_option, show
from attestations.digest import sha256
from attestations.envelope import PAYLOAD_TYPE, looks_like_envelope, read_envelope
from attestations.errors import InputError
from attestations.identity import matches
from attestations.inert import visible
from attestations.predicates import verification_summary
from attestations.predicates.verification_summary import VerificationSummary
from attestations.printed import Fault, fault_of, schema_uri
from attestations.provenance.named_keys import NamedKey, signer_of
from attestations.provenance.proven import refused
from attestations.provenance.question import Mismatch
from attestations.provenance.summary import SummaryQuestion, answer_summary
from attestations.records import JsonRecord, Sha256
from attestations.sigstore import looks_like_bundle, verify_bundle
from attestations.statement import Statement, read_statement
from attestations.strict import read_file, read_json
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant

EXIT_CODES = "Exit codes: 0 as asked, 10 otherwise than asked, or forged, 11 nobody can tell who signed it, 2 usage."
_FORGED = frozenset({"SIG-BUNDLE", "ENC-B64"})
_FILE = click.Path(path_type=Path, dir_okay=False)


class VerifiedSummary(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("attest-verify-vsa")):
    """What `attest verify-vsa --output json` prints."""

    verdict: Literal["valid", "invalid", "inconclusive"]
    file: str
    trusted_root_sha256: Sha256
    verifier: str | None = None
    resource: str | None = None
    levels: tuple[str, ...] = ()
    time_verified: Instant | None = None
    mismatches: tuple[Mismatch, ...] = ()
    error: Fault | None = None
    """why nobody is known to have signed it"""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    vsa: Path
    verifier_id: str
    resource_uri: str
    verified_level: tuple[str, ...]
    certificate_identity: str | None
    certificate_oidc_issuer: str | None
    key: tuple[str, ...]
    trusted_root: Path | None
    digests: tuple[str, ...]
    output: str


@click.command("verify-vsa", epilog=EXIT_CODES)
@click.argument("digests", metavar="ALGORITHM:HEX...", nargs=-1, required=True)
@click.option("--vsa", type=_FILE, required=True, help="The verification summary: envelope or Sigstore bundle.")
@click.option("--verifier-id", required=True, metavar="ID", help="Who must have verified.")
@click.option("--resource-uri", required=True, metavar="URI", help="What must have been verified.")
@click.option("--verified-level", multiple=True, metavar="LEVEL", help="Such as SLSA_SOURCE_LEVEL_3. Repeatable.")
@click.option("--certificate-identity", metavar="ID", help="Whom the signer's certificate must name.")
@click.option("--certificate-oidc-issuer", metavar="URL", help="Who must have vouched for that name.")
@click.option("--key", multiple=True, metavar="[ID=]FILE|FOLDER", help="Public keys of the verifier. Repeatable.")
@click.option("--trusted-root", type=_FILE, help="The Sigstore instance; without it the public one.")
@output_option(VerifiedSummary)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Verify a verification summary (VSA): who verified what, and with which result.

    For example:

    attest verify-vsa --vsa source.vsa.json --verifier-id https://source.example/verifier
    --resource-uri git+https://git.example/signer --verified-level SLSA_SOURCE_LEVEL_3 --key verifier.pem
    gitCommit:9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c
    """
    options = Options(**given)
    question, keys = _question(options), read_keys(options.key)
    _, root = read_trusted_root(options.trusted_root)
    about = partial(VerifiedSummary, file=str(options.vsa), trusted_root_sha256=sha256(root))
    raw = read_file(options.vsa, EVIDENCE.max_bytes)
    try:
        found = _answered(question, _proven(read_json(raw, str(options.vsa)), options, root, keys), about)
    except InputError as error:
        if error.code == "POL-TRUST":
            raise
        found = about(verdict="invalid" if error.code in _FORGED else "inconclusive", error=fault_of(error))
    show(options.output, found, "\n".join(map(visible, _lines(found))))
    ctx.exit({"valid": 0, "invalid": INVALID, "inconclusive": INCONCLUSIVE}[found.verdict])


def _question(options: Options) -> SummaryQuestion:
    if (options.certificate_identity is None) != (options.certificate_oidc_issuer is None):
        raise click.UsageError("--certificate-identity and --certificate-oidc-issuer: give both or neither")
    pairs = tuple(text.partition(":") for text in options.digests)
    if not all(algorithm and value for algorithm, _, value in pairs):
        raise click.UsageError("a digest is written as ALGORITHM:HEX, such as gitCommit:9f2c...")
    return SummaryQuestion(
        digests=tuple((algorithm, value) for algorithm, _, value in pairs),
        verifier_id=options.verifier_id,
        resource_uri=options.resource_uri,
        levels=options.verified_level,
    )


def _answered(question: SummaryQuestion, statement: Statement, about: "partial[VerifiedSummary]") -> VerifiedSummary:
    summary: VerificationSummary = statement.predicate
    mismatches = tuple(answer_summary(question, statement.subjects, summary))
    return about(
        verdict="invalid" if mismatches else "valid",
        verifier=summary.verifier.id,
        resource=summary.resource_uri,
        levels=summary.verified_levels,
        time_verified=summary.time_verified,
        mismatches=mismatches,
    )


def _proven(document: Document, options: Options, root: bytes, keys: tuple[NamedKey, ...]) -> Statement:
    """Return the summary that a named key or identity signed; raise InputError where none of them did."""
    if looks_like_bundle(document):
        payload, payload_type = _of_bundle(document, options, root, keys)
    elif looks_like_envelope(document):
        envelope = read_envelope(document)
        if signer_of(envelope, keys) is None:
            raise refused(document, "SIG-UNTRUSTED", "no signature by a given key", "one by the verifier:  --key FILE")
        payload, payload_type = envelope.payload, envelope.payload_type
    else:
        raise refused(document, "TYPE-PAYLOAD", "JSON that is not signed", "an envelope, or a Sigstore bundle")
    if payload_type != PAYLOAD_TYPE:
        raise refused(document, "TYPE-PAYLOAD", f"payload type {payload_type!a:.80}", PAYLOAD_TYPE)
    return read_statement(payload, document.name, {verification_summary.TYPE: VerificationSummary})


def _of_bundle(document: Document, options: Options, root: bytes, keys: tuple[NamedKey, ...]) -> tuple[bytes, str]:
    verified = verify_bundle(document, root, tuple(each.key for each in keys))
    named = (options.certificate_oidc_issuer or "", options.certificate_identity or "")
    if verified.identity is not None and not matches(*named, verified.identity):
        found = f"signed by {verified.identity.subject!a:.200}, vouched for by {verified.identity.issuer!a:.120}"
        raise refused(document, "ID-MISMATCH", found, "the verifier's --certificate-identity and its issuer")
    return verified.payload, verified.payload_type


def _lines(found: VerifiedSummary) -> Iterator[str]:
    yield f"{found.verdict.upper()}: {found.file}"
    if found.verifier is not None:
        yield f"  verified by {found.verifier} on {found.time_verified}"
        yield f"  resource    {found.resource}"
        yield f"  levels      {', '.join(found.levels) or 'none'}"
    for each in found.mismatches:
        yield f"  {each.about}: found {each.found}; wanted {each.wanted}"
    if found.error is not None:
        yield f"  {found.error.code}: found {found.error.found}; wanted {found.error.wanted}"
        yield f"  next: {found.error.next}"
