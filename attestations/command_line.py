"""What both commands share: lazy sub-commands, exit codes, and how an error or a bug is told."""

import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

import click

from attestations import __version__
from attestations.errors import InputError
from attestations.inert import visible

if TYPE_CHECKING:
    from attestations.records import JsonRecord

BUG, USAGE, INVALID, INCONCLUSIVE, HALTED = 1, 2, 10, 11, 12
NOT_ABLE = frozenset({"LOG", "DURABLE", "RACE", "STOPPED"})
"""codes of failures that are nobody's wrong usage: the tool could not do its work, and nothing was decided"""
NOTHING_DECIDED = "nothing was decided, nothing was issued"
_JSON_OPTIONS = ("--output", "--report")


class LazyGroup(click.Group):
    """A command whose sub-commands are imported only when they run: `--help` loads none of them."""

    def __init__(self, *, name: str, help: str, table: Mapping[str, tuple[str, str]]) -> None:  # noqa: A002  # click's name
        super().__init__(name=name, help=help, no_args_is_help=True, params=[_version_option()])
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


def _version_option() -> click.Option:
    def tell(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  # click calls it so
        if wanted and not ctx.resilient_parsing:
            click.echo(f"{ctx.command_path} {__version__}")
            ctx.exit()

    text = "Show the version and leave."
    return click.Option(["--version"], is_flag=True, expose_value=False, is_eager=True, callback=tell, help=text)


class Parsed(click.ParamType[Any]):
    """The type of an option whose value has a parser of its own, which raises ValueError."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the parsed value, or fail with the parser's words."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


class OutputOption(click.Option):
    """`--output text|json`, and the record that json prints."""

    def __init__(self, *names: Any, document: "type[JsonRecord]", **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.document = document


def output_option(document: "type[JsonRecord]") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds `--output text|json`; with json the command prints a `document`."""
    from attestations.printed import schema_name  # records cost 20 ms to import, which --help of a group does not need

    return click.option(
        "--output",
        cls=OutputOption,
        document=document,
        type=click.Choice(("text", "json")),
        default="text",
        show_default=True,
        help=f"Form of the result on standard output; json as docs/schemas/{schema_name(document)}.schema.json says.",
    )


def show(output: str, document: "JsonRecord", text: str) -> None:
    """Print the result in the form that `--output` asks for, its text inert: it may quote what others wrote."""
    if output == "json":
        from attestations.printed import text_of

        click.echo(text_of(document), nl=False)
    else:
        click.echo("\n".join(map(visible, text.split("\n"))))


def run(group: click.Group) -> NoReturn:
    """Run the command line and leave with a code of the table; never with a traceback."""
    as_json = False
    try:
        as_json = _asks_for_json(sys.argv[1:])
        code = group.main(standalone_mode=False)
    except InputError as error:
        code = tell(error, as_json=as_json)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = USAGE
    except click.ClickException as error:
        code = _tell_usage(error, as_json=as_json)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"stopped; {NOTHING_DECIDED}", err=True)
        code = _stopped("a signal or the end of the input", as_json=as_json)
    except Exception:  # noqa: BLE001  # a bug must end in 1, whatever it is, and never be taken for a decision
        code = _tell_bug(as_json=as_json)
    sys.exit(code if isinstance(code, int) else 0)


def exit_code_of(error: InputError) -> int:
    """Return 1 for a failure that is nobody's wrong usage, 2 for input or a call that is unusable."""
    return BUG if error.code in NOT_ABLE else USAGE


def tell(error: InputError, *, as_json: bool = False) -> int:
    """Say what was found, wanted and what to do next; return the exit code: 2 for unusable input, 1 for no ability."""
    code = exit_code_of(error)
    if as_json:
        _print_error(error)
    click.echo(f"✗ NOT DECIDED{f'exit {code}':>60}", err=True)
    for each in (error, *error.also):
        # The code comes first: a file name at the head of a line could be a command to a CI runner (threat E5).
        click.echo(f"  {each.code}  {visible(str(each.where or 'command line'))}", err=True)
        for label, text in (("found", each.found), ("wanted", each.wanted), ("next", each.fix)):
            click.echo(f"    {label:<7} {visible(text)}", err=True)
    return code


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Read here and not by click: a call that click refuses is told in JSON too."""
    asked = {f"{option}=json" for option in _JSON_OPTIONS}
    return any(part in asked for part in arguments) or any(
        option in _JSON_OPTIONS and value == "json" for option, value in pairwise(arguments)
    )


def _print_error(error: InputError) -> None:
    from attestations.printed import error_document, text_of

    click.echo(text_of(error_document(error, exit_code_of(error))), nl=False)


def _tell_usage(error: click.ClickException, *, as_json: bool) -> int:
    message, path = error.format_message(), sys.argv[0]
    if isinstance(error, click.UsageError) and error.ctx is not None:
        path = error.ctx.command_path
        click.echo(f"{error.ctx.get_usage()}\nTry '{path} --help' for help.\n", err=True)
    click.echo(f"Error: {visible(message)}", err=True)
    if as_json:
        wanted = "a call as the help describes it"
        _print_error(InputError("USAGE", found=message, wanted=wanted, fix=f"{path} --help"))
    return USAGE


def _tell_bug(*, as_json: bool) -> int:
    with tempfile.NamedTemporaryFile("w", prefix="gatekeeper-", suffix=".txt", delete=False, encoding="utf-8") as file:
        traceback.print_exc(file=file)
    click.echo(f"unexpected failure: {NOTHING_DECIDED} (details in {file.name})", err=True)
    return _stopped(f"an unexpected failure (details in {file.name})", as_json=as_json)


def _stopped(by: str, *, as_json: bool) -> int:
    if as_json:
        wanted = f"a command that runs to its end; {NOTHING_DECIDED}"
        _print_error(InputError("STOPPED", found=by, wanted=wanted, fix="gatekeeper explain STOPPED"))
    return BUG
