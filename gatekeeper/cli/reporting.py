"""Where reports of a judgement go: `--report FORMAT[=PATH]`, repeatable; text on standard output unless told otherwise."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from attestations.errors import InputError
from gatekeeper.cli.arguments import colour_wanted
from gatekeeper.gate import Judgement
from gatekeeper.report import Report, parse_report_option, render, render_error, write

Command = Callable[..., Any]


def report_option(command: Command) -> Command:
    """Add `--report`."""
    return click.option(
        "--report",
        multiple=True,
        metavar="FORMAT[=PATH]",
        help="text, json, markdown, github, junit, sarif, gitlab-codequality or html; repeatable.",
    )(command)


def publish(
    wanted: tuple[str, ...],
    judgement: Judgement,
    ledger_index: int | None = None,
    approval: Path | None = None,
) -> None:
    """Write every report that was asked for."""
    report = Report(
        decision=judgement.decision,
        policy_lines=_policy_lines(judgement),
        ledger_index=ledger_index,
        approval=str(approval) if approval else None,
        colour=colour_wanted(),
    )
    for name, path in _targets(wanted):
        _put(render(name, report), path)


@contextmanager
def telling_reports(wanted: tuple[str, ...]) -> Iterator[None]:
    """Tell every report that nothing was decided when the body fails on its input, then let the error go on."""
    targets = _targets(wanted)
    for _, path in targets:
        if path is not None:
            path.unlink(missing_ok=True)  # a report of an earlier run must not survive a run that fails (S24)
    try:
        yield
    except InputError as error:
        for name, path in targets:
            if path is not None or name != "text":
                _put(render_error(name, error), path)
        raise


def _targets(wanted: tuple[str, ...]) -> tuple[tuple[str, Path | None], ...]:
    return tuple(parse_report_option(text) for text in wanted or ("text",))


def _put(text: str, path: Path | None) -> None:
    if path is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write(path, text)


def _policy_lines(judgement: Judgement) -> dict[str, tuple[str, int]]:
    document = judgement.inputs.policy.document
    lines = {}
    for index, requirement in enumerate(judgement.policy.record.spec.requirements):
        place = document.where(("spec", "requirements", index))
        lines[requirement.id] = (place.file, place.line or 1)
    return lines
