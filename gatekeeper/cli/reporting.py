"""Where reports of a judgement go: `--report FORMAT[=PATH]`, repeatable; else text on standard output."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from attestations.command_line import exit_code_of
from attestations.durable import refuse_replacing
from attestations.errors import InputError
from attestations.predicates.zone_validation import ZoneValidation
from attestations.signing_picture import picture, signed_by_statement
from gatekeeper.cli.arguments import Command, colour_wanted
from gatekeeper.gate import Judgement
from gatekeeper.report import (
    Approval,
    Report,
    parse_report_option,
    remove_older,
    render,
    render_error,
    write,
)

TOLD_BY_THE_COMMAND = ("text", "json")
"""forms in which `attestations.command_line` itself says on the terminal why nothing was decided"""


def report_option(command: Command) -> Command:
    """Add `--report`."""
    return click.option(
        "--report",
        multiple=True,
        metavar="FORMAT[=PATH]",
        help="text, json, markdown, github, junit, sarif, gitlab-codequality, dotenv or html; repeatable. json is what "
        "other commands print with --output json: docs/schemas has decision.schema.json and error.schema.json.",
    )(command)


def publish(wanted: tuple[str, ...], report: Report) -> None:
    """Write every report that was asked for."""
    for name, path in _targets(wanted):
        _put(render(name, report, colour=path is None and colour_wanted()), path)


def report_of(judgement: Judgement, ledger_index: int | None = None, approval: Approval | None = None) -> Report:
    """Return what reports are made from."""
    document = judgement.inputs.policy.document
    replaced = judgement.case.request.record.spec.replaces
    return Report(
        decision=judgement.decision,
        decision_digest=judgement.decision.digest,
        policy_file=document.name,
        places={
            requirement.id: document.where(("spec", "requirements", index))
            for index, requirement in enumerate(judgement.policy.record.spec.requirements)
        },
        replaces=replaced.version if replaced else None,
        ledger_index=ledger_index,
        approval=approval,
        pictures=tuple(_pictures(judgement)),
    )


def _pictures(judgement: Judgement) -> Iterator[str]:
    """Yield one picture for each zone whose signatures some validator attributed to keys."""
    drawn: set[str] = set()
    for attestation in judgement.case.attestations:
        said = attestation.predicate
        if isinstance(said, ZoneValidation) and said.by_tag and said.zone.name not in drawn:
            drawn.add(said.zone.name)
            yield picture(signed_by_statement(said))


@contextmanager
def telling_reports(wanted: tuple[str, ...], inputs: Collection[Path]) -> Iterator[None]:
    """Tell every report that nothing was decided when the body fails on its input, then let the error go on.

    Raises InputError (USAGE) for a report that would take the place of one of the `inputs`.
    """
    targets = _targets(wanted)
    files = tuple(path for _, path in targets if path is not None)
    for file in files:
        if file.resolve() not in inputs:
            remove_older(file)  # a report of an earlier run must not survive a run that fails (S24)
    refuse_replacing(files, inputs)
    try:
        yield
    except InputError as error:
        for name, path in targets:
            if path is not None or name not in TOLD_BY_THE_COMMAND:
                _put(render_error(name, error, exit_code=exit_code_of(error)), path)
        raise


def _targets(wanted: tuple[str, ...]) -> tuple[tuple[str, Path | None], ...]:
    return tuple(parse_report_option(text) for text in wanted or ("text",))


def _put(text: str, path: Path | None) -> None:
    if path is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write(path, text)
