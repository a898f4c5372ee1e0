"""`gatekeeper explain`: what a reason code means, and what to do."""

import json
import textwrap
from collections.abc import Mapping

import click

from attestations.command_line import output_option
from attestations.records import plain
from gatekeeper.reasons import Reason, reason_of, table

SCHEMA = "https://signer-gatekeeper.github.io/schemas/reasons/v1"
WIDTH = 90


@click.command("explain")
@click.argument("code", required=False)
@output_option
def command(code: str | None, output: str) -> None:
    """Say what a reason CODE means, why it matters and what to do next; without CODE, list all codes."""
    reasons = {code: reason_of(code)} if code else table().reasons
    if output == "json":
        click.echo(json.dumps({"schema": SCHEMA, "reasons": [_plain(*row) for row in reasons.items()]}))
    elif code:
        click.echo(_page(code, reasons[code]))
    else:
        click.echo(_list(reasons))


def _plain(code: str, reason: Reason) -> dict[str, object]:
    return {"code": code, **plain(reason)}


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
