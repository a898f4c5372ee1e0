"""docs/commands.md: the help text of every command, as a terminal of 80 columns shows it."""

import sys
from collections.abc import Iterator
from importlib.metadata import distribution

import click

from gatekeeper.documentation.markdown import fenced, page

COLUMNS = 78
"""what click leaves of 80"""


def pages() -> dict[str, str]:
    """Return the page of commands."""
    parts = [part for name, group in _groups() for part in _described(group, name, None)]
    return {"commands.md": page("# Commands", *parts)}


def _groups() -> Iterator[tuple[str, click.Group]]:
    """Yield the commands that the distribution installs; the command lines stand above this package."""
    for script in distribution("signer-gatekeeper").entry_points.select(group="console_scripts"):
        script.load()
        yield script.name, sys.modules[script.module].main_group


def _described(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=COLUMNS, max_content_width=COLUMNS)
    level = "##" if parent is None else "###"
    yield f"{level} {context.command_path}"
    yield fenced("text", command.get_help(context))
    if isinstance(command, click.Group):
        for sub_name in command.list_commands(context):
            sub = command.get_command(context, sub_name)
            if sub is None:
                raise LookupError(f"{context.command_path} lists {sub_name} and does not have it")
            yield from _described(sub, sub_name, context)
