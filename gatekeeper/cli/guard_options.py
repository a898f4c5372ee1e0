"""What the calls of `gatekeeper guard` share."""

from collections.abc import Sequence
from pathlib import Path

import click

from attestations.command_line import Parsed, show
from attestations.errors import InputError
from attestations.records import ZoneName
from gatekeeper.cli.arguments import FILE
from gatekeeper.guard.report import ZoneState, guard_report, text_of

ZONE = click.option("--zone", type=Parsed("zone", ZoneName.parse), required=True, help="The zone, such as example.")
FOLDER = click.option(
    "--latch",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder of the halts that stand, on a disk that outlives restarts.",
)
CONFIG = click.option("--config", type=FILE, required=True, help="The guard's own configuration.")


def tell(ctx: click.Context, output: str, states: Sequence[ZoneState]) -> None:
    """Print what was seen of zones and leave with the exit code that it means."""
    made = guard_report(states)
    show(output, made, text_of(made.zones))
    ctx.exit(made.exit_code)


def insist_on_lock(folder: Path, *, is_ours: bool) -> None:
    """Raise InputError (RACE) where another command works on the folder and does not end."""
    if not is_ours:
        raise InputError(
            "RACE",
            found=f"{folder}, which another command holds, or which is not there",
            wanted="the folder of the halts for ourselves",
            fix="wait for the other command, or make the folder, and do it again",
        )
