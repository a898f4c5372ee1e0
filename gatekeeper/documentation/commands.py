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
    parts = [part for context in every_command() for part in _described(context)]
    return {"commands.md": page("# Commands", *parts)}


def every_command() -> Iterator[click.Context]:
    """Yield every command and sub-command that the distribution installs, each in a context of its own."""
    for script in distribution("signer-gatekeeper").entry_points.select(group="console_scripts"):
        script.load()  # by its name: the command lines stand above this package
        yield from _with_sub_commands(sys.modules[script.module].main_group, script.name, None)


def _with_sub_commands(command: click.Command, name: str, parent: click.Context | None) -> Iterator[click.Context]:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=COLUMNS, max_content_width=COLUMNS)
    yield context
    if isinstance(command, click.Group):
        for sub_name in command.list_commands(context):
            sub = command.get_command(context, sub_name)
            if sub is None:
                raise LookupError(f"{context.command_path} lists {sub_name} and does not have it")
            yield from _with_sub_commands(sub, sub_name, context)


def _described(context: click.Context) -> tuple[str, str]:
    level = "##" if context.parent is None else "###"
    return f"{level} {context.command_path}", fenced("text", context.command.get_help(context))
