"""What both commands share: lazy sub-commands, exit codes, and how an error or a bug is told."""

import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from importlib import import_module
from typing import Any, NoReturn

import click

from attestations.errors import InputError
from attestations.inert import json_text, visible

BUG, USAGE, INVALID, INCONCLUSIVE, HALTED = 1, 2, 10, 11, 12
NOT_ABLE = frozenset({"LOG", "DURABLE", "RACE"})
"""codes of failures that are nobody's wrong usage: the tool could not do its work, and nothing was decided"""
ERROR_SCHEMA = "https://signer-gatekeeper.github.io/schemas/error/v1"

_json_wanted: ContextVar[bool] = ContextVar("json_wanted", default=False)


class LazyGroup(click.Group):
    """A command whose sub-commands are imported only when they run: `--help` loads none of them."""

    def __init__(self, *, name: str, help: str, table: Mapping[str, tuple[str, str]]) -> None:  # noqa: A002  # click's name
        super().__init__(name=name, help=help, no_args_is_help=True)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click calls it so
        """Return the sub-commands in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click calls it so
        """Return the sub-command, imported now; None where there is none of this very name."""
        row = self.table.get(cmd_name)
        return import_module(row[0]).command if row else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click calls it so
        """Write the table of sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--output text|json`; with json an error is one JSON document on standard output too."""

    def remember(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
        _json_wanted.set(value == "json")
        return value

    return click.option(
        "--output",
        type=click.Choice(("text", "json")),
        default="text",
        show_default=True,
        callback=remember,
        help="Form of the result on standard output.",
    )(command)


def run(group: click.Group) -> NoReturn:
    """Run the command line and leave with a code of the table; never with a traceback."""
    try:
        code = group.main(standalone_mode=False)
    except InputError as error:
        code = tell(error)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = USAGE
    except click.ClickException as error:
        code = _tell_usage(error)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; nothing was decided, nothing was issued", err=True)
        code = BUG
    except Exception:  # noqa: BLE001  # a bug must end in 1, whatever it is, and never be taken for a decision
        code = _tell_bug()
    sys.exit(code if isinstance(code, int) else 0)


def tell(error: InputError) -> int:
    """Say what was found, wanted and what to do next; return the exit code: 2 for unusable input, 1 for no ability."""
    code = BUG if error.code in NOT_ABLE else USAGE
    if _json_wanted.get():
        document = {"schema": ERROR_SCHEMA, "exitCode": code, "errors": [_plain(each) for each in _all(error)]}
        click.echo(json_text(document), nl=False)
    click.echo(f"✗ NOT DECIDED{f'exit {code}':>60}", err=True)
    for each in _all(error):
        # The code comes first: a file name at the head of a line could be a command to a CI runner (threat E5).
        click.echo(f"  {each.code}  {visible(str(each.where or 'command line'))}", err=True)
        for label, text in (("found", each.found), ("wanted", each.wanted), ("next", each.fix)):
            click.echo(f"    {label:<7} {visible(text)}", err=True)
    return code


def _all(error: InputError) -> tuple[InputError, ...]:
    return (error, *error.also)


def _plain(error: InputError) -> dict[str, Any]:
    where = error.where
    return {
        "code": error.code,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "found": error.found,
        "wanted": error.wanted,
        "next": error.fix,
    }


def _tell_usage(error: click.ClickException) -> int:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n", err=True)
    click.echo(f"Error: {visible(error.format_message())}", err=True)
    return USAGE


def _tell_bug() -> int:
    with tempfile.NamedTemporaryFile("w", prefix="gatekeeper-", suffix=".txt", delete=False, encoding="utf-8") as file:
        traceback.print_exc(file=file)
    click.echo(f"unexpected failure: nothing was decided, nothing was issued (details in {file.name})", err=True)
    return BUG
