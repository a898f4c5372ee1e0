"""A runbook as text for a terminal of 100 columns."""

from collections.abc import Iterator
from shlex import join
from textwrap import wrap

from attestations.runbooks.model import Action, Runbook, Step, WrongSetting

COLUMNS = 100
CAPITALS = "Words in CAPITALS are yours to fill in. All times are UTC."


def text_of(runbook: Runbook) -> str:
    """Return the runbook as text."""
    return "\n".join(_lines(runbook))


def _lines(runbook: Runbook) -> Iterator[str]:
    yield f"{runbook.title.upper()}  {runbook.zone}"
    yield ""
    yield from _told("when", runbook.use_when)
    yield from _told("first", runbook.first)
    for one in runbook.needs:
        yield from _told("needs", one)
    yield f"  {CAPITALS}"
    for number, step in enumerate(runbook.steps, 1):
        yield ""
        yield from _step(number, step)
    yield from _wrong(runbook.wrong)
    yield ""
    for one in runbook.rests_on:
        yield from _told("basis", one)
    yield from _told("source", "; ".join(runbook.sources))


def _step(number: int, step: Step) -> Iterator[str]:
    yield from wrap(step.do, COLUMNS, initial_indent=f"{number:2}. ", subsequent_indent="    ")
    for one in step.choices:
        yield from _told("choice", one)
    for action in step.actions:
        yield from _action(action)
    for one in step.beware:
        yield from _told("beware", one)


def _action(action: Action) -> Iterator[str]:
    if action.server:
        yield f"  [{action.server}]"
    if action.paste:
        yield f"    {action.paste.where}:"
        yield from (f"      | {line}" for line in action.paste.text.splitlines())
    yield from (f"    $ {join(command)}" for command in action.commands)
    yield from _told("see", action.see)
    yield from _told("else", action.otherwise)


def _wrong(settings: tuple[WrongSetting, ...]) -> Iterator[str]:
    if settings:
        yield ""
        yield "Settings that circulate and are wrong:"
    for one in settings:
        yield f"  [{one.server}]"
        yield from (f"      | {line}" for line in one.setting.splitlines())
        yield from _told("does", one.effect)
        yield from _told("right", one.instead)


def _told(label: str, text: str) -> list[str]:
    return wrap(text, COLUMNS, initial_indent=f"    {label:<7} ", subsequent_indent=" " * 12)
