"""`gatekeeper explain`: what a reason code means, and what to do."""

import textwrap
from collections.abc import Mapping

import click
import msgspec

from attestations.command_line import output_option, show
from attestations.printed import schema_uri
from attestations.records import JsonRecord
from gatekeeper.reasons import Reason, reason_of, table

WIDTH = 90


class CodedReason(Reason, frozen=True, kw_only=True):
    """A reason with its code."""

    code: str


class Reasons(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("reasons")):
    """What `gatekeeper explain --output json` prints."""

    reasons: tuple[CodedReason, ...]


@click.command("explain")
@click.argument("code", required=False)
@output_option(Reasons)
def command(code: str | None, output: str) -> None:
    """Say what a reason CODE means, why it matters and what to do next; without CODE, list all codes."""
    reasons = {code: reason_of(code)} if code else table().reasons
    rows = tuple(CodedReason(code=code, **msgspec.structs.asdict(reason)) for code, reason in reasons.items())
    show(output, Reasons(reasons=rows), _page(code, reasons[code]) if code else _list(reasons))


def _page(code: str, reason: Reason) -> str:
    titles = {row.code: row.title for row in table().exit_codes}
    exits = "\n".join(f"{number}: {titles[number]}" for number in reason.exits)
    parts = (("exit", exits), ("meaning", reason.meaning), ("next", reason.next))
    return "\n".join((f"{code}  {reason.title}", *(_part(name, text) for name, text in parts)))


def _part(name: str, text: str) -> str:
    wrapped = (textwrap.fill(line, WIDTH, break_on_hyphens=False, break_long_words=False) for line in text.splitlines())
    return f"  {name:8}" + textwrap.indent("\n".join(wrapped), " " * 10).lstrip()


def _list(reasons: Mapping[str, Reason]) -> str:
    width = max(map(len, reasons))
    return "\n".join(f"{code:{width}}  {reason.title}" for code, reason in reasons.items())
