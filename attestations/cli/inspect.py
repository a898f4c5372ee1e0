"""`attest inspect`: shows what a file says, and says that nothing was verified."""

from pathlib import Path
from typing import Any

import click

from attestations.command_line import output_option
from attestations.envelope import PAYLOAD_TYPE, looks_like_envelope, read_envelope
from attestations.inert import json_text, visible
from attestations.statement import Statement, read_statement
from attestations.strict import read_file, read_json
from attestations.strict.limits import EVIDENCE

SCHEMA = "https://signer-gatekeeper.github.io/schemas/inspect/v1"


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@output_option
def command(file: Path, output: str) -> None:
    """Show what a file says. Nothing is verified: anybody can write what is shown."""
    document = read_json(read_file(file, EVIDENCE.max_bytes), str(file))
    shown: dict[str, Any] = {"schema": SCHEMA, "file": str(file), "sha256": document.sha256, "verified": False}
    payload, name = document.raw, str(file)
    if looks_like_envelope(document):
        envelope = read_envelope(document)
        shown |= {"payloadType": envelope.payload_type, "keyHints": [each.hint for each in envelope.signatures]}
        payload = envelope.payload
        if envelope.payload_type != PAYLOAD_TYPE:
            _show(shown, output)
            return
    _show(shown | _statement(read_statement(payload, name)), output)


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "predicateType": statement.predicate_type,
        "subjects": [{"name": subject.name, "digest": subject.digest} for subject in statement.subjects],
        "predicate": statement.document.value["predicate"] if isinstance(statement.document.value, dict) else None,
    }


def _show(shown: dict[str, Any], output: str) -> None:
    if output == "json":
        click.echo(json_text(shown), nl=False)
        return
    click.echo("NOT VERIFIED: this is what the file says; whether anybody entitled says it, only gatekeeper tells.")
    for name, value in shown.items():
        if name not in {"schema", "verified"}:
            text = visible(value) if isinstance(value, str) else json_text(value).rstrip()
            click.echo(f"{name}: {text}")
