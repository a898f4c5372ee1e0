"""`gatekeeper doctor`: finds the ways around the gate in a pipeline."""

from pathlib import Path

import click

from attestations.command_line import INVALID, output_option, show
from attestations.inert import visible
from attestations.printed import schema_uri
from attestations.records import JsonRecord
from gatekeeper.cli.arguments import FILE
from gatekeeper.pipelines import SYSTEMS, examine
from gatekeeper.pipelines.rules import Bypass


class FoundBypass(JsonRecord, frozen=True, kw_only=True):
    """A way around the gate."""

    code: str
    rule: str
    file: str
    line: int | None
    found: str
    wanted: str


class Diagnosis(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("doctor")):
    """What `gatekeeper doctor --output json` prints."""

    bypasses: tuple[FoundBypass, ...]


@click.command("doctor")
@click.option("--ci", "system", type=click.Choice(tuple(SYSTEMS)), required=True, help="The CI system.")
@click.option("--deploy", "deploys", multiple=True, default=("deploy",), show_default=True, help="A job that deploys.")
@click.argument("files", type=FILE, nargs=-1, required=True)
@output_option(Diagnosis)
@click.pass_context
def command(ctx: click.Context, /, system: str, deploys: tuple[str, ...], files: tuple[Path, ...], output: str) -> None:
    """Look for ways around the gate in a pipeline: a failure that is ignored, a deploy job that does not wait.

    The first of FILES is the pipeline; name the files that it calls after it. Exit code 0: no way found. 10: at least
    one. 2: the pipeline cannot be judged.
    """
    found = examine(system, files, deploys)
    document = Diagnosis(bypasses=tuple(map(_printed, found)))
    lines = [line for one in document.bypasses for line in _lines(one)]
    lines = lines or [f"✓ {files[0]}: no way around the gate found"]
    show(output, document, "\n".join(lines))
    ctx.exit(INVALID if found else 0)


def _printed(one: Bypass) -> FoundBypass:
    place = one.place
    return FoundBypass(
        code="CI-BYPASS", rule=one.rule, file=place.file, line=place.line, found=f"{one.found:.300}", wanted=one.wanted
    )


def _lines(one: FoundBypass) -> tuple[str, ...]:
    place = one.file if one.line is None else f"{one.file}:{one.line}"
    return (
        f"✗ {one.code} {one.rule}  {visible(place)}",
        f"  found   {visible(one.found)}",
        f"  wanted  {visible(one.wanted)}",
    )
