"""`attest verify-bundle`: the client protocol of sigstore-conformance (docs/cli_protocol.md), asked offline."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attestations.command_line import INCONCLUSIVE, INVALID, output_option, show
from attestations.digest import sha256
from attestations.envelope import PAYLOAD_TYPE
from attestations.errors import InputError
from attestations.printed import Fault, fault_of, schema_uri
from attestations.records import JsonRecord, Sha256
from attestations.strict import digest_file, read_file, read_json
from attestations.strict.document import JsonValue
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant

if TYPE_CHECKING:
    from attestations.keys import Verifier
    from attestations.sigstore import Signed, VerifiedBundle

EXIT_CODES = "Exit codes: 0 accepted, 10 refused, 11 of a form that is not judged, 2 usage."

_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_FILE = click.Path(path_type=Path, dir_okay=False)
_STATEMENT_TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")


class Verdict(StrEnum):
    """What is said of the bundle."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"


class VerifiedBundleOutput(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("verify-bundle")):
    """What `attest verify-bundle --output json` prints."""

    verdict: Verdict
    bundle: str
    artifact_sha256: Sha256
    trusted_root: str
    """the file, or which root stands in where none was given"""
    trusted_root_sha256: Sha256
    identity: str | None = None
    """whom the certificate names; null where a key signed, and where the bundle was not accepted, as all below"""
    issuer: str | None = None
    key: Sha256 | None = None
    """fingerprint of the key that signed; null where a certificate did"""
    signed_on: Instant | None = None
    """the earliest time that a log or timestamp authority signed for"""
    reason: Fault | None = None
    """why it was not accepted"""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    bundle: Path
    certificate_identity: str | None
    certificate_oidc_issuer: str | None
    key: Path | None
    trusted_root: Path | None
    offline: bool
    """taken for the protocol's sake: nothing is ever fetched"""
    artifact: str
    output: str


@click.command("verify-bundle", epilog=EXIT_CODES)
@click.option("--bundle", type=_FILE, required=True, help="The Sigstore bundle.")
@click.option("--certificate-identity", metavar="ID", help="Whom the certificate must name, exactly.")
@click.option("--certificate-oidc-issuer", metavar="URL", help="Who must have vouched for that name, exactly.")
@click.option("--key", type=_FILE, help="The public key (PEM) that must have signed, instead of a certificate.")
@click.option("--trusted-root", type=_FILE, help="The Sigstore instance; default: the public one, as installed.")
@click.option("--offline", is_flag=True, help="Taken for the sake of the protocol: nothing is ever fetched.")
@click.argument("artifact", metavar="ARTIFACT_OR_DIGEST")
@output_option(VerifiedBundleOutput)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Verify that a Sigstore bundle proves a signature over a file, or over a statement about it.

    ARTIFACT_OR_DIGEST is a file, or sha256:HEX. For example:

    attest verify-bundle --bundle signer.sigstore.json --certificate-identity release@registry.example
    --certificate-oidc-issuer https://accounts.registry.example --trusted-root trusted_root.json signer
    """
    options = Options(**given)
    _check(options)
    found = _judged(options)
    show(options.output, found, _text(found))
    ctx.exit({Verdict.ACCEPTED: 0, Verdict.REFUSED: INVALID, Verdict.UNSUPPORTED: INCONCLUSIVE}[found.verdict])


def _check(options: Options) -> None:
    named = (options.certificate_identity, options.certificate_oidc_issuer)
    if any(named) and not all(named):
        raise click.UsageError("--certificate-identity and --certificate-oidc-issuer: an identity is nobody's alone")
    if any(named) == (options.key is not None):
        raise click.UsageError("give --certificate-identity and --certificate-oidc-issuer, or --key")


def _judged(options: Options) -> VerifiedBundleOutput:
    root_name, root = _trusted_root(options.trusted_root)
    keys = _keys(options.key)
    about = partial(
        VerifiedBundleOutput,
        bundle=str(options.bundle),
        artifact_sha256=_digest(options.artifact),
        trusted_root=root_name,
        trusted_root_sha256=sha256(root),
    )
    raw = read_file(options.bundle, EVIDENCE.max_bytes)
    try:
        signed = _signed(raw, options, root, keys)
    except InputError as error:
        if error.code == "POL-TRUST":
            raise
        verdict = Verdict.UNSUPPORTED if error.code == "SIG-UNSUPPORTED" else Verdict.REFUSED
        return about(verdict=verdict, reason=fault_of(error))
    who = signed.identity
    return about(
        verdict=Verdict.ACCEPTED,
        identity=who.subject if who else None,
        issuer=who.issuer if who else None,
        key=signed.key,
        signed_on=signed.signed_on,
    )


def _signed(raw: bytes, options: Options, root: bytes, keys: "Sequence[Verifier]") -> "Signed":
    """Return who signed what was asked about; raise InputError where nobody did, somebody else, or something else."""
    from attestations.sigstore import verify_bundle, verify_file

    document = read_json(raw, str(options.bundle))
    digest = _digest(options.artifact)
    if isinstance(document.value, dict) and "messageSignature" in document.value:
        signed = verify_file(document, root, bytes.fromhex(digest), keys)
    else:
        statement = verify_bundle(document, root, keys)
        _check_subject(statement, digest)
        signed = statement
    _check_signer(signed, options)
    return signed


def _check_subject(signed: "VerifiedBundle", digest: str) -> None:
    """That the payload is a statement, and about this file, is nobody's question but ours."""
    statement = read_json(signed.payload, "payload").value if signed.payload_type == PAYLOAD_TYPE else None
    if not isinstance(statement, dict) or statement.get("_type") not in _STATEMENT_TYPES:
        raise _refused("TYPE-PAYLOAD", f"a payload of type {signed.payload_type!a:.80}", "an in-toto statement")
    subjects = statement.get("subject")
    said = [_sha256_of(subject) for subject in subjects] if isinstance(subjects, list) else []
    if digest not in said:
        raise _refused("SUBJ-DIGEST", "a statement about other files", f"the subject sha256:{digest}")


def _sha256_of(subject: JsonValue) -> JsonValue:
    digests = subject.get("digest") if isinstance(subject, dict) else None
    return digests.get("sha256") if isinstance(digests, dict) else None


def _check_signer(signed: "Signed", options: Options) -> None:
    if options.key is not None:
        if signed.key is None:
            raise _refused("SIG-UNTRUSTED", "a bundle signed with a certificate", "one signed with the key given")
        return
    found = (signed.identity.subject, signed.identity.issuer) if signed.identity else ("a plain key", "nobody")
    if found != (options.certificate_identity, options.certificate_oidc_issuer):
        wanted = f"{options.certificate_identity!a:.200}, vouched for by {options.certificate_oidc_issuer!a:.200}"
        raise _refused("ID-MISMATCH", f"signed by {found[0]!a:.200}, vouched for by {found[1]!a:.200}", wanted)


def _keys(file: Path | None) -> "Sequence[Verifier]":
    from attestations.keys import read_public_key

    return () if file is None else (read_public_key(read_file(file, EVIDENCE.max_bytes), str(file)),)


def _trusted_root(file: Path | None) -> tuple[str, bytes]:
    from attestations.sigstore.public_good import embedded_root

    return embedded_root() if file is None else (str(file), read_file(file, EVIDENCE.max_bytes))


def _digest(artifact: str) -> str:
    """`sha256:` and 64 digits name a digest; everything else names a file."""
    if not artifact.startswith("sha256:"):
        return digest_file(Path(artifact))
    if not _DIGEST.fullmatch(artifact):
        raise click.UsageError("sha256: is followed by 64 lower-case hexadecimal digits")
    return artifact.removeprefix("sha256:")


def _text(found: VerifiedBundleOutput) -> str:
    root = f"  trusted root: {found.trusted_root} (sha256 {found.trusted_root_sha256})"
    if found.reason is not None:
        said = (f"{label}: {text}" for label, text in (("found", found.reason.found), ("next", found.reason.next)))
        sign = "✗ REFUSED" if found.verdict is Verdict.REFUSED else "? NOT JUDGED"
        return "\n".join((f"{sign} {found.bundle}: {found.reason.code}", *(f"  {line}" for line in said), root))
    who = f"{found.identity}, vouched for by {found.issuer}" if found.identity else f"the key {found.key}"
    about = f"  about sha256:{found.artifact_sha256}, signed by {who}, on {found.signed_on}"
    return "\n".join((f"✓ ACCEPTED {found.bundle}", about, root))


def _refused(code: str, found: str, wanted: str) -> InputError:
    return InputError(code, found=found, wanted=wanted, fix="ask about the file and the signer that you expect")
