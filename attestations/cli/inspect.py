"""`attest inspect`: shows what a file says, and says that nothing was verified."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from attestations.command_line import output_option, show
from attestations.envelope import PAYLOAD_TYPE, Envelope, looks_like_envelope, read_envelope
from attestations.inert import json_text, visible
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256, plain, value_at
from attestations.statement import Statement, Subject, read_statement
from attestations.strict import read_file, read_json
from attestations.strict.limits import EVIDENCE


class Shown(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("inspect")):
    """What `attest inspect --output json` prints."""

    file: str
    sha256: Sha256
    verified: bool
    """always false"""
    payload_type: str | None
    """null where there is no envelope"""
    key_hints: tuple[str, ...] | None
    predicate_type: str | None
    """null, as subjects and predicate, where the payload is no in-toto statement"""
    subjects: tuple[Subject, ...] | None
    predicate: dict[str, Any] | None


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@output_option(Shown)
def command(file: Path, output: str) -> None:
    """Show what a file says. Nothing is verified: anybody can write what is shown."""
    document = read_json(read_file(file, EVIDENCE.max_bytes), str(file))
    envelope = read_envelope(document) if looks_like_envelope(document) else None
    statement = None
    if envelope is None or envelope.payload_type == PAYLOAD_TYPE:
        statement = read_statement(envelope.payload if envelope else document.raw, str(file))
    shown = _shown(str(file), document.sha256, envelope, statement)
    show(output, shown, "\n".join(_lines(shown)))


def _shown(file: str, digest: str, envelope: Envelope | None, statement: Statement | None) -> Shown:
    return Shown(
        file=file,
        sha256=digest,
        verified=False,
        payload_type=envelope.payload_type if envelope else None,
        key_hints=tuple(each.hint for each in envelope.signatures) if envelope else None,
        predicate_type=statement.predicate_type if statement else None,
        subjects=statement.subjects if statement else None,
        predicate=value_at(statement.document, ("predicate",)) if statement else None,
    )


def _lines(shown: Shown) -> Iterator[str]:
    yield "NOT VERIFIED: this is what the file says; whether anybody entitled says it, only gatekeeper tells."
    for name, value in plain(shown).items():
        if name not in {"schema", "verified"} and value is not None:
            yield f"{name}: {visible(value) if isinstance(value, str) else json_text(value).rstrip()}"
