"""Arguments that several sub-commands share."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attestations.durable import resolved
from attestations.errors import InputError
from attestations.times import Instant

if TYPE_CHECKING:
    from gatekeeper.gate import Inputs

FILE = click.Path(path_type=Path, dir_okay=False)
Command = Callable[..., Any]

_CASE_OPTIONS = (
    click.option("--request", type=FILE, required=True, help="The deployment request."),
    click.option("--environment", type=FILE, required=True, help="The production inventory."),
    click.option("--policy", type=FILE, required=True, help="What must hold."),
    click.option("--trust", type=FILE, required=True, help="Whom we believe."),
    click.option(
        "--evidence",
        type=click.Path(path_type=Path),
        multiple=True,
        help="A file or folder with evidence, beside what the request names. Repeatable.",
    ),
)


def case_options(command: Command) -> Command:
    """Add the options that name the files of a case."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_CASE_OPTIONS), command)


def read_case(arguments: dict[str, Any]) -> "Inputs":
    """Return the inputs that the case options name, taking them out of `arguments`."""
    from gatekeeper.gate import read_inputs  # `verify` on the host needs no gate

    names = ("request", "environment", "policy", "trust", "evidence")
    return read_inputs(**{name: arguments.pop(name) for name in names})


def files_read(arguments: dict[str, Any], *others: str | Path) -> frozenset[Path]:
    """Return, resolved, the files that the case options and others name; of a URI, what follows its scheme."""
    named = (*(arguments[name] for name in ("request", "environment", "policy", "trust")), *arguments["evidence"])
    offered = (file for folder in arguments["evidence"] if folder.is_dir() for file in folder.iterdir())
    return resolved(*named, *offered, *others)


def parse_instant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Instant | None:
    """Return the instant that an option names; raise InputError (USAGE) where it is none."""
    if value is None:
        return None
    try:
        return Instant.parse(value)
    except ValueError as error:
        raise InputError(
            "USAGE", found=str(error), wanted="RFC 3339 in UTC", fix="write it with Z at the end"
        ) from None


def clock() -> Instant:
    """Return the time now: the one place where a command reads the clock."""
    return Instant.of(datetime.now(UTC).replace(microsecond=0))


def colour_wanted() -> bool:
    """Return whether standard output is a terminal that may be coloured (no-color.org)."""
    import os

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
