"""`gatekeeper sign-document`: an owner signs a policy, environment or trust root."""

from pathlib import Path

import click

from attestations.durable import write_durably
from attestations.envelope import seal
from attestations.signers import open_signer
from gatekeeper.cli.arguments import FILE
from gatekeeper.documents import PAYLOAD_TYPE, read_source


@click.command("sign-document")
@click.argument("document", type=FILE)
@click.option("--sign-with", required=True, multiple=True, metavar="KEY", help="An owner's key; repeat for several.")
@click.option("--out", type=FILE, required=True, help="Where the signed document is written.")
def command(document: Path, sign_with: tuple[str, ...], out: Path) -> None:
    """Sign a policy, an environment or a trust root as its owner.

    The result is a DSSE envelope around the document's own bytes; every command takes it in place of the document.
    """
    source = read_source(document)
    signers = tuple(open_signer(uri) for uri in sign_with)
    write_durably(out, seal(source.document.raw, PAYLOAD_TYPE, signers))
    click.echo(f"{out}: signed by {len(signers)}, document sha256 {source.digest}")
