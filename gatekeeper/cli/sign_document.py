"""`gatekeeper sign-document`: an owner signs a policy or an environment."""

from pathlib import Path

import click

from attestations.command_line import output_option, show
from attestations.document_envelope import PAYLOAD_TYPE
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.envelope import seal
from attestations.errors import InputError
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256
from attestations.signers import open_signer
from gatekeeper.cli.arguments import FILE
from gatekeeper.documents import Source, read_source


class SignedDocument(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("sign-document")):
    """What `gatekeeper sign-document --output json` prints."""

    out: str
    digest: Sha256
    """of the document's own bytes, as pins and decisions name it"""
    signed_by: tuple[Sha256, ...]
    """fingerprints of the keys"""


@click.command("sign-document")
@click.argument("document", type=FILE)
@click.option("--sign-with", required=True, multiple=True, metavar="KEY", help="An owner's key; repeat for several.")
@click.option("--out", type=FILE, required=True, help="Where the signed document is written.")
@output_option(SignedDocument)
def command(document: Path, sign_with: tuple[str, ...], out: Path, output: str) -> None:
    """Sign a policy or an environment as its owner, beside the owners who signed it before.

    The result is a DSSE envelope around the document's own bytes; every command takes it in place of the document.
    Trust roots are signed with `gatekeeper trust sign`.
    """
    refuse_replacing((out,), resolved(*sign_with))
    source = read_source(document)
    _refuse_trust_root(source)
    signers = tuple(open_signer(uri) for uri in sign_with)
    kept = source.envelope.signatures if source.envelope else ()
    write_durably(out, seal(source.document.raw, PAYLOAD_TYPE, signers, kept))
    fingerprints = tuple(signer.public.fingerprint for signer in signers)
    signed = SignedDocument(out=str(out), digest=source.digest, signed_by=fingerprints)
    show(output, signed, f"{out}: signed by {len(signers)}, document sha256 {source.digest}")


def _refuse_trust_root(source: Source) -> None:
    value = source.document.value
    if isinstance(value, dict) and value.get("kind") == "TrustRoot":
        raise InputError(
            "USAGE",
            found="a trust root",
            wanted="a policy or an environment",
            fix="sign trust roots with:  gatekeeper trust sign TRUST --sign-with KEY --out FILE",
        )
