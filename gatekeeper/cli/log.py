"""`gatekeeper log`: make, check and export the ledger."""

import base64
import json
from pathlib import Path

import click

from attestations.command_line import INVALID, output_option, show
from attestations.errors import InputError
from attestations.keys import MAX_PEM_BYTES, PublicKey, read_public_key
from attestations.printed import fault_of
from attestations.records import plain
from attestations.signers import open_signer
from attestations.strict import read_file
from attestations.strict.limits import EVIDENCE
from gatekeeper.cli.arguments import FILE
from gatekeeper.ledger.note import ed25519_key
from gatekeeper.ledger.printed import (
    Checked,
    ExportedEntry,
    LastCheckpoint,
    NewLedger,
    Proved,
    RecordedOrder,
)
from gatekeeper.ledger.store import create, open_ledger

_LEDGER = click.option("--ledger", required=True, metavar="URL", help="The ledger: sqlite:PATH.")
_KEY = click.option("--key", type=FILE, required=True, help="The ledger's public key (PEM).")


@click.group("log")
def command() -> None:
    """Make, check and export the ledger."""


@command.command("init")
@_LEDGER
@click.option("--origin", required=True, help="The ledger's name for ever, as registry.example/gatekeeper.")
@click.option("--sign-with", required=True, metavar="KEY", help="The ledger's Ed25519 key, as a URI.")
@output_option(NewLedger)
def init(ledger: str, origin: str, sign_with: str, output: str) -> None:
    """Make a new, empty ledger: the only way in which one comes into being."""
    signer = open_signer(sign_with)
    create(ledger, origin, signer)
    made = NewLedger(ledger=ledger, origin=origin, key=ed25519_key(signer).fingerprint)
    show(output, made, f"{made.ledger}: new ledger {made.origin}, key {made.key}")


@command.command("verify")
@_LEDGER
@_KEY
@click.option("--checkpoint", type=FILE, help="A checkpoint saved earlier or elsewhere: nothing may be gone since.")
@output_option(Checked)
@click.pass_context
def verify(ctx: click.Context, /, ledger: str, key: Path, checkpoint: Path | None, output: str) -> None:
    """Derive everything again from every entry: indexes, digests, roots, signatures, and what was saved elsewhere.

    Exit code 0: complete and unchanged. 10: it is not.
    """
    saved = read_file(checkpoint, EVIDENCE.max_bytes).decode("utf-8", "replace") if checkpoint else None
    public = _public(key)
    try:
        with open_ledger(ledger, public) as opened:
            found = opened.verify(saved)
    except InputError as error:
        if error.code != "LOG":
            raise
        show(output, Checked(valid=False, fault=fault_of(error)), f"✗ {error.found}\n  {error.fix}")
        ctx.exit(INVALID)
    head = found.checkpoint
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.kinds.items()) or "no entries"
    text = f"✓ {head.origin}: {head.size} entries ({kinds}), root {head.root.hex()}"
    made = Checked(valid=True, origin=head.origin, size=head.size, root=head.root.hex(), kinds=dict(found.kinds))
    show(output, made, text)


@command.command("prove")
@_LEDGER
@_KEY
@click.argument("index", type=click.IntRange(min=0))
@output_option(Proved)
def prove(ledger: str, key: Path, index: int, output: str) -> None:
    """Print the proof (C2SP tlog-proof) that an entry is in the ledger."""
    with open_ledger(ledger, _public(key)) as opened:
        proof = opened.prove(index)
    show(output, Proved(index=index, proof=proof), proof.removesuffix("\n"))


@command.command("checkpoint")
@_LEDGER
@_KEY
@output_option(LastCheckpoint)
def checkpoint(ledger: str, key: Path, output: str) -> None:
    """Print the last checkpoint (C2SP tlog-checkpoint). Keep it elsewhere, and nothing can be removed unseen."""
    with open_ledger(ledger, _public(key)) as opened:
        last = opened.checkpoint()
    show(output, LastCheckpoint(checkpoint=last), last.removesuffix("\n"))


@command.command("export")
@_LEDGER
@_KEY
def export(ledger: str, key: Path) -> None:
    """Print every entry as one JSON document a line: index, kind, content, proof."""
    with open_ledger(ledger, _public(key)) as opened:
        for entry, proof in opened.export():
            content = base64.b64encode(entry.content).decode("ascii")
            line = ExportedEntry(index=entry.index, kind=entry.kind, content=content, proof=proof)
            click.echo(json.dumps(plain(line)))


@command.command("record")
@_LEDGER
@click.option("--sign-with", required=True, metavar="KEY", help="The ledger's Ed25519 key, as a URI.")
@click.option("--trust", type=FILE, required=True, help="Whom we believe.")
@click.argument("order", type=FILE)
@output_option(RecordedOrder)
def record(ledger: str, sign_with: str, trust: Path, order: Path, output: str) -> None:
    """Record a signed freeze or halt. From then on it counts in every decision and on every host that asks."""
    from attestations.digest import sha256
    from attestations.predicates import NAMES
    from gatekeeper.authentication import authenticate, read_claim
    from gatekeeper.evidence import Offered
    from gatekeeper.record import record_order
    from gatekeeper.trust import read_trust

    raw = read_file(order, EVIDENCE.max_bytes)
    claim = read_claim(Offered(name=str(order), raw=raw, sha256=sha256(raw)))
    said = authenticate(claim, read_trust(trust)).statement
    if said.predicate_type not in (NAMES["freeze"], NAMES["halt"]):
        raise InputError(
            "TYPE-PREDICATE", found=said.predicate_type, wanted="a freeze or a halt", fix="give the signed order"
        )
    signer = open_signer(sign_with)
    with open_ledger(ledger, ed25519_key(signer)) as opened:
        receipt = record_order(opened, raw, signer)
    made = RecordedOrder(index=receipt.index, id=said.predicate.id, predicate_type=said.predicate_type)
    word = "ended" if getattr(said.predicate, "state", None) == "ended" else "in force"
    show(output, made, f"recorded as entry {made.index}: {made.id} is {word}, from the time that it says")


def _public(path: Path) -> PublicKey:
    return read_public_key(read_file(path, MAX_PEM_BYTES), str(path))
