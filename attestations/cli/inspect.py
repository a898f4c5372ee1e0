"""`attest inspect`: shows what a file says, and says that nothing was verified."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import click

from attestations.command_line import output_option, show
from attestations.digest import sha256
from attestations.envelope import PAYLOAD_TYPE, Envelope, looks_like_envelope, read_envelope
from attestations.inert import json_text, visible
from attestations.layout import Chain, looks_like_chain, read_chain
from attestations.layout.link_statement import says_link
from attestations.layout.signed import KINDS, Signed, looks_like_metablock, read_signed
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256, plain, value_at
from attestations.sigstore import envelope_in, looks_like_bundle
from attestations.statement import Statement, Subject, read_statement
from attestations.strict import read_file, read_json
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE


class ShownPart(JsonRecord, frozen=True, kw_only=True):
    """A layout or link of in-toto."""

    kind: Literal["layout", "link"]
    place: tuple[str, ...]
    """the step that it is for, below the steps that it is a part of; none for the outermost layout"""
    payload_sha256: Sha256
    key_hints: tuple[str, ...]
    expires: str | None
    """null, as steps, for a link"""
    steps: tuple[str, ...] | None


class Shown(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("inspect")):
    """What `attest inspect --output json` prints."""

    file: str
    sha256: Sha256
    verified: bool
    """always false"""
    form: Literal["statement", "envelope", "bundle", "layout"]
    """how it travels: bare, in a DSSE envelope, in a Sigstore bundle; or a layout or link of in-toto"""
    payload_type: str | None
    """null where there is no envelope"""
    payload_sha256: Sha256 | None
    """of what was signed: what a revocation names; null for several parts, which have one each"""
    key_hints: tuple[str, ...] | None
    predicate_type: str | None
    """null, as subjects and predicate, where the payload is no in-toto statement"""
    subjects: tuple[Subject, ...] | None
    predicate: dict[str, Any] | None
    parts: tuple[ShownPart, ...] | None
    """layouts and links; null where there are none"""


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@output_option(Shown)
def command(file: Path, output: str) -> None:
    """Show what a file says. Nothing is verified: anybody can write what is shown.

    The file is a statement, bare, in a DSSE envelope or in a Sigstore bundle; or an in-toto layout or link, alone or as
    `attest layout` writes them. payloadSha256 is what a trust root names to take it back.
    """
    document = read_json(read_file(file, EVIDENCE.max_bytes), str(file))
    parts = _parts(document)
    shown = _layout(document, parts) if parts else _statement(document)
    show(output, shown, "\n".join(_lines(shown)))


def _parts(document: Document) -> tuple[ShownPart, ...]:
    if looks_like_chain(document):
        return tuple(_of_chain(read_chain(document), ()))
    if looks_like_metablock(document) or _holds_part(document):
        signed = read_signed(document)
        return (_part(signed, (signed.model.name,) if signed.kind == "link" else ()),)
    return ()


def _holds_part(document: Document) -> bool:
    """Links and layouts share the statement's payload type."""
    if not looks_like_envelope(document):
        return False
    envelope = read_envelope(document)
    if envelope.payload_type != PAYLOAD_TYPE:
        return False
    value = read_json(envelope.payload, document.name).value
    return says_link(value) or (isinstance(value, dict) and value.get("_type") in KINDS)


def _of_chain(chain: Chain, place: tuple[str, ...]) -> Iterator[ShownPart]:
    yield _part(chain.layout, place)
    yield from (_part(link, (*place, link.model.name)) for link in chain.links)
    for sublayout in chain.sublayouts:
        yield from _of_chain(sublayout, (*place, str(sublayout.step)))


def _part(signed: Signed, place: tuple[str, ...]) -> ShownPart:
    is_layout = signed.kind == "layout"
    return ShownPart(
        kind="layout" if is_layout else "link",
        place=place,
        payload_sha256=signed.digest,
        key_hints=signed.key_hints,
        expires=signed.model.expires if is_layout else None,
        steps=tuple(step.name for step in signed.model.steps) if is_layout else None,
    )


def _layout(document: Document, parts: tuple[ShownPart, ...]) -> Shown:
    return Shown(
        file=document.name,
        sha256=document.sha256,
        verified=False,
        form="layout",
        payload_type=None,
        payload_sha256=parts[0].payload_sha256 if len(parts) == 1 else None,
        key_hints=None,
        predicate_type=None,
        subjects=None,
        predicate=None,
        parts=parts,
    )


def _statement(document: Document) -> Shown:
    is_bundle = looks_like_bundle(document)
    held = envelope_in(document) if is_bundle else document
    envelope = read_envelope(held) if is_bundle or looks_like_envelope(held) else None
    statement = _statement_in(document, envelope)
    return Shown(
        file=document.name,
        sha256=document.sha256,
        verified=False,
        form="bundle" if is_bundle else "envelope" if envelope else "statement",
        payload_type=envelope.payload_type if envelope else None,
        payload_sha256=sha256(envelope.payload) if envelope else document.sha256,
        key_hints=tuple(each.hint for each in envelope.signatures) if envelope else None,
        predicate_type=statement.predicate_type if statement else None,
        subjects=statement.subjects if statement else None,
        predicate=value_at(statement.document, ("predicate",)) if statement else None,
        parts=None,
    )


def _statement_in(document: Document, envelope: Envelope | None) -> Statement | None:
    if envelope is None:
        return read_statement(document.raw, document.name)
    return read_statement(envelope.payload, document.name) if envelope.payload_type == PAYLOAD_TYPE else None


def _lines(shown: Shown) -> Iterator[str]:
    yield "NOT VERIFIED: this is what the file says; whether anybody entitled says it, only gatekeeper tells."
    for name, value in plain(shown).items():
        if name not in {"schema", "verified"} and value is not None:
            yield f"{name}: {visible(value) if isinstance(value, str) else json_text(value).rstrip()}"
